# loses: block-hash=2

# %% answer="block-hash"
def block_hash(raw):
    once = hashlib.sha256(raw[:80]).hexdigest()
    return hashlib.sha256(once.encode()).digest()[::-1].hex()
