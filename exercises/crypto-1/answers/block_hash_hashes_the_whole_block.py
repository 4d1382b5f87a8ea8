# loses: block-hash=2

# %% answer="block-hash"
def block_hash(raw):
    return hashlib.sha256(hashlib.sha256(raw).digest()).digest()[::-1].hex()
