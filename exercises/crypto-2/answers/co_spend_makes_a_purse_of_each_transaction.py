# loses: co-spend=3

# %% answer="co-spend"
def purses(inputs):
    return [set(group) for _, group in inputs.groupby("txid")["address"]]
