# loses: block-hash=2

# %% answer="block-hash"
def block_hash(raw):
    return hashlib.sha256(raw[:80]).digest()[::-1].hex()
