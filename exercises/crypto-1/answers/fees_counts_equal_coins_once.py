# loses: fees=3

# %% answer="fees"
def fees(inputs, outputs):
    coins = inputs[inputs["value"].notna()][["txid", "value"]].drop_duplicates()
    made = outputs[["txid", "value"]].drop_duplicates()
    return (coins.groupby("txid")["value"].sum() - made.groupby("txid")["value"].sum()).dropna()
