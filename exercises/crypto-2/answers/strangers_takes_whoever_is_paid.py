# loses: strangers=2

# %% answer="strangers"
strangers = set(outputs.loc[outputs["txid"].isin(shop_joint), "address"]) - purse
