# loses: joint=1 strangers=2

# %% answer="joint"
shop_joint = set(joint["txid"].head(1))
