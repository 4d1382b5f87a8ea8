# loses: block-hash=2

# %% answer="block-hash"
def block_hash(raw):
    return raw[4:36][::-1].hex()
