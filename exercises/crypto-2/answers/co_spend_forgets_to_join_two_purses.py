# loses: co-spend=2

# %% answer="co-spend"
def purses(inputs):
    found = []
    for _, group in inputs.groupby("txid")["address"]:
        for purse in found:
            if purse & set(group):
                purse |= set(group)
                break
        else:
            found.append(set(group))
    return found
