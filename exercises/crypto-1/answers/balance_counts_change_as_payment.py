# loses: balance=3

# %% answer="balance"
def balance(inputs, outputs, address):
    """Takes the change that comes back for money that went to somebody else."""
    paying = set(inputs[inputs["address"] == address]["txid"])
    foreign = outputs[~outputs["txid"].isin(paying)]
    received = foreign[foreign["address"] == address]["value"].sum()
    return int(received - inputs[inputs["address"] == address]["value"].sum())
