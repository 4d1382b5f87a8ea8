# loses: tip=1

# %% answer="tip"
tip_searched = set(outputs[outputs["address"] == case.address]["txid"])
meets = set(inputs[inputs["address"] == case.tip_address]["txid"])
meets = meets | set(outputs[outputs["address"] == case.tip_address]["txid"])
tip_evidence = tip_searched & meets
tip_supported = len(tip_evidence) > 0
