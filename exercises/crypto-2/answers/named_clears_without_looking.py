# loses: named=2

# %% answer="named"
named_supported = False
named_links = set(shop_joint)
