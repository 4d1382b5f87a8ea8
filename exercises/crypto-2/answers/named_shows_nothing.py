# loses: named=2

# %% answer="named"
named_supported = True
named_links = set()
