# loses: error-rate=2

# %% answer="error-rate"
def error_rate(said, known):
    return sum(said[txid] != known.get(txid) for txid in said) / len(said)
