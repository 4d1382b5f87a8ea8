# loses: fees=1

# %% answer="fees"
def fees(inputs, outputs):
    return inputs.groupby("txid")["value"].sum() - outputs.groupby("txid")["value"].sum()
