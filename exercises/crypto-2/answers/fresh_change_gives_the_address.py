# loses: fresh-change=2

# %% answer="fresh-change"
def fresh_change(outputs, seen):
    new = [address for number, address in outputs if address not in seen]
    return new[0] if len(new) == 1 else None
