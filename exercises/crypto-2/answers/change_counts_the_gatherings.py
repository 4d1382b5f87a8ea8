# loses: change=1

# %% answer="change"
made = set(inputs.loc[inputs["address"].isin(purse), "txid"]) - set(joint["txid"])
back = outputs[outputs["txid"].isin(made) & outputs["address"].isin(purse)]
change = dict(zip(back["txid"], back["n"]))
