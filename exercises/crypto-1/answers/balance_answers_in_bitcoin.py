# loses: balance=3

# %% answer="balance"
def balance(inputs, outputs, address):
    received = outputs[outputs["address"] == address]["value"].sum()
    spent = inputs[inputs["address"] == address]["value"].sum()
    return (received - spent) / 100_000_000
