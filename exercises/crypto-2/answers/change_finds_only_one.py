# loses: change=1

# %% answer="change"
made = set(inputs.loc[inputs["address"].isin(purse), "txid"]) - set(joint["txid"])
mine = outputs[outputs["txid"].isin(made)]
several = mine.groupby("txid")["n"].transform("count") > 1
back = mine[several & mine["address"].isin(purse)].head(1)
change = dict(zip(back["txid"], back["n"]))
