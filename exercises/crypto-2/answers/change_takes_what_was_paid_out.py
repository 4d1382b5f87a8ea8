# loses: change=2

# %% answer="change"
made = set(inputs.loc[inputs["address"].isin(purse), "txid"]) - set(joint["txid"])
away = outputs[outputs["txid"].isin(made) & ~outputs["address"].isin(purse)]
change = dict(zip(away["txid"], away["n"]))
