# loses: tip=2

# %% answer="tip"
tip_searched = set(inputs[inputs["address"] == case.address]["txid"])
tip_evidence = tip_searched & set(outputs[outputs["address"] == case.tip_address]["txid"])
tip_supported = len(tip_evidence) > 0
