# loses: balance=3

# %% answer="balance"
def balance(inputs, outputs, address):
    received = set(outputs[outputs["address"] == address]["value"])
    spent = set(inputs[inputs["address"] == address]["value"])
    return sum(received) - sum(spent)
