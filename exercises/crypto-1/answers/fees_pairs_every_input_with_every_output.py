# loses: fees=3

# %% answer="fees"
def fees(inputs, outputs):
    pairs = inputs[inputs["value"].notna()].merge(outputs, on="txid", suffixes=("_in", "_out"))
    sums = pairs.groupby("txid")[["value_in", "value_out"]].sum()
    return sums["value_in"] - sums["value_out"]
