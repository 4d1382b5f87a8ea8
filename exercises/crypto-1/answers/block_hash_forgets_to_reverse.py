# loses: block-hash=1

# %% answer="block-hash"
def block_hash(raw):
    return hashlib.sha256(hashlib.sha256(raw[:80]).digest()).hexdigest()
