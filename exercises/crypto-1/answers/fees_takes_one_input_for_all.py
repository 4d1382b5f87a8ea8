# loses: fees=3

# %% answer="fees"
def fees(inputs, outputs):
    goes_in = inputs[inputs["value"].notna()].groupby("txid")["value"].first()
    return (goes_in - outputs.groupby("txid")["value"].sum()).dropna()
