# loses: transaction-count=1

# %% answer="transaction-count"
def transaction_count(raw):
    return raw[80]
