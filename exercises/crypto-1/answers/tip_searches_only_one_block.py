# loses: tip=2

# %% answer="tip"
here = outputs[outputs["height"] == case.height]
tip_searched = set(here[here["address"] == case.address]["txid"])
tip_evidence = tip_searched & set(inputs[inputs["address"] == case.tip_address]["txid"])
tip_supported = len(tip_evidence) > 0
