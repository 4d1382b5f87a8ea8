# loses: purse=1 change=2 named=2

# %% answer="purse"
mine = inputs.loc[inputs["address"] == case.address, "txid"].head(1)
purse = set(inputs.loc[inputs["txid"].isin(mine) & ~inputs["txid"].isin(cointrace.coinjoins(chain)["txid"]), "address"])
