# loses: tip=2

# %% answer="tip"
tip_searched = set()
tip_evidence = set()
tip_supported = False
