# loses: block-time=2

# %% answer="block-time"
def block_time(raw):
    return datetime(2009, 1, 3, 18, 15, 5, tzinfo=UTC)
