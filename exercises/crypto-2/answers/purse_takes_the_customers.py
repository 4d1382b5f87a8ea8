# loses: purse=1 change=1

# %% answer="purse"
paid = outputs.loc[outputs["address"] == case.address, "txid"]
purse = set(inputs.loc[inputs["txid"].isin(paid), "address"])
