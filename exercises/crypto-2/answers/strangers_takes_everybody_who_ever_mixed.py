# loses: strangers=1

# %% answer="strangers"
strangers = set(inputs.loc[inputs["txid"].isin(joint["txid"]), "address"]) - purse
