# loses: error-rate=2

# %% answer="error-rate"
def error_rate(said, known):
    judged = [txid for txid in said if said[txid] is not None and txid in known]
    if not judged:
        return None
    return sum(said[txid] == known[txid] for txid in judged) / len(judged)
