# loses: fresh-change=1

# %% answer="fresh-change"
def fresh_change(outputs, seen):
    for number, address in outputs:
        if address not in seen:
            return number
    return None
