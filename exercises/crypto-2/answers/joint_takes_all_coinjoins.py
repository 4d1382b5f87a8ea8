# loses: joint=1 strangers=1

# %% answer="joint"
shop_joint = set(joint["txid"])
