# loses: balance=3

# %% answer="balance"
def balance(inputs, outputs, address):
    """Takes the coins that others put into the same transaction for coins of the address."""
    paying = inputs[inputs["address"] == address]["txid"]
    spent = inputs[inputs["txid"].isin(paying)]["value"].sum()
    return int(outputs[outputs["address"] == address]["value"].sum() - spent)
