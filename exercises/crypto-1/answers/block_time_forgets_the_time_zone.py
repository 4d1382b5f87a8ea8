# loses: block-time=1

# %% answer="block-time"
def block_time(raw):
    return pd.to_datetime(int.from_bytes(raw[68:72], "little"), unit="s")
