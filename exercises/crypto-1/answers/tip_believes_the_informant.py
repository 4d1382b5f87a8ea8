# loses: tip=1

# %% answer="tip"
tip_searched = set(outputs[outputs["address"] == case.address]["txid"])
tip_evidence = tip_searched
tip_supported = True
