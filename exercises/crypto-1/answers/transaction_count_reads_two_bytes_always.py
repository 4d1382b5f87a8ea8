# loses: transaction-count=2

# %% answer="transaction-count"
def transaction_count(raw):
    return int.from_bytes(raw[80:82], "little")
