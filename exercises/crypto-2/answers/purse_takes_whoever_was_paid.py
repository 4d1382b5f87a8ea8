# loses: purse=2 joint=1 strangers=1 change=1 named=2

# %% answer="purse"
mine = inputs.loc[inputs["address"] == case.address, "txid"]
purse = set(outputs.loc[outputs["txid"].isin(mine), "address"])
