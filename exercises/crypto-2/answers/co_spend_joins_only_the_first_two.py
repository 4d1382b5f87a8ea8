# loses: co-spend=3

# %% answer="co-spend"
def purses(inputs):
    found = []
    for _, group in inputs.groupby("txid")["address"]:
        found.append(set(list(group)[:2]))
    return found
