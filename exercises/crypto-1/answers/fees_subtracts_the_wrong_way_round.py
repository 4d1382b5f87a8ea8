# loses: fees=3

# %% answer="fees"
def fees(inputs, outputs):
    known = inputs[inputs["value"].notna()]
    return (outputs.groupby("txid")["value"].sum() - known.groupby("txid")["value"].sum()).dropna()
