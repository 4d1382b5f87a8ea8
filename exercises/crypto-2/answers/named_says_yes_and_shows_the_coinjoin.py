# loses: named=1

# %% answer="named"
named_supported = True
named_links = set(shop_joint)
