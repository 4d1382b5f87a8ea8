# loses: strangers=2

# %% answer="strangers"
strangers = set(inputs.loc[inputs["txid"].isin(shop_joint), "address"])
