# loses: fresh-change=2

# %% answer="fresh-change"
def fresh_change(outputs, seen):
    old = [number for number, address in outputs if address in seen]
    return old[0] if len(old) == 1 else None
