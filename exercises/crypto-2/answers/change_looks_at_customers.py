# loses: change=2

# %% answer="change"
paid = outputs[outputs["address"].isin(purse)]
own = set(inputs.loc[inputs["address"].isin(purse), "txid"])
paid = paid[~paid["txid"].isin(own)]
change = dict(zip(paid["txid"], paid["n"]))
