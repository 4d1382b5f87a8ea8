# loses: fees=3

# %% answer="fees"
def fees(inputs, outputs):
    known = inputs[inputs["value"].notna()]
    satoshi = known.groupby("txid")["value"].sum() - outputs.groupby("txid")["value"].sum()
    return satoshi.dropna() / 100_000_000
