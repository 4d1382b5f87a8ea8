# loses: fresh-change=2

# %% answer="fresh-change"
def fresh_change(outputs, seen):
    new = [place for place, (number, address) in enumerate(outputs) if address not in seen]
    return new[0] if len(new) == 1 else None
