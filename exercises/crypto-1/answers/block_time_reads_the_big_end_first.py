# loses: block-time=2

# %% answer="block-time"
def block_time(raw):
    return datetime.fromtimestamp(int.from_bytes(raw[68:72], "big"), tz=UTC)
