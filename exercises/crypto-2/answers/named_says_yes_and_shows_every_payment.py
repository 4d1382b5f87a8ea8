# loses: named=1

# %% answer="named"
named_supported = True
named_links = set(inputs.loc[inputs["address"].isin(purse), "txid"])
