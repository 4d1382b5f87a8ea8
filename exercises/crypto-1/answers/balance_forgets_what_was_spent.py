# loses: balance=3

# %% answer="balance"
def balance(inputs, outputs, address):
    return int(outputs[outputs["address"] == address]["value"].sum())
