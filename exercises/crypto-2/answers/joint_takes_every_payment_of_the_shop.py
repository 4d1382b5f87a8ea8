# loses: joint=1

# %% answer="joint"
shop_joint = set(inputs.loc[inputs["address"].isin(purse), "txid"])
