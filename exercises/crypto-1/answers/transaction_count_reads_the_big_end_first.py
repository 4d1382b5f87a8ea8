# loses: transaction-count=1

# %% answer="transaction-count"
def transaction_count(raw):
    if raw[80] < 253:
        return raw[80]
    return int.from_bytes(raw[81:83], "big")
