# loses: error-rate=1

# %% answer="error-rate"
def error_rate(said, known):
    judged = [txid for txid in said if said[txid] is not None and txid in known]
    wrong = [txid for txid in judged if said[txid] != known[txid]]
    return len(wrong) / max(1, len(judged))
