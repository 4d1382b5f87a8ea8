# loses: transaction-count=2

# %% answer="transaction-count"
def transaction_count(raw):
    return raw[79]
