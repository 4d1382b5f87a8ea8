# loses: purse=1 strangers=2 change=1

# %% answer="purse"
table = cointrace.clusters(chain, exclude_coinjoins=False)
number = table.loc[table["address"] == case.address, "cluster"].iloc[0]
purse = set(table.loc[table["cluster"] == number, "address"])
