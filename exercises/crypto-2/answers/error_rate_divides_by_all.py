# loses: error-rate=2

# %% answer="error-rate"
def error_rate(said, known):
    wrong = [t for t in said if said[t] is not None and t in known and said[t] != known[t]]
    return len(wrong) / len(said)
