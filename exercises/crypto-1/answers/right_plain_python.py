# right
# Loops, dictionaries and sets, as somebody would write who learned Python last week.

# %% answer="block-time"
def block_time(raw):
    seconds = raw[68] + raw[69] * 256 + raw[70] * 256**2 + raw[71] * 256**3
    return datetime.fromtimestamp(seconds, UTC)


# %% answer="block-hash"
def block_hash(raw):
    header = raw[0:80]
    digest = hashlib.sha256(hashlib.sha256(header).digest()).digest()
    name = ""
    for byte in reversed(digest):
        name = name + f"{byte:02x}"
    return name


# %% answer="transaction-count"
def transaction_count(raw):
    if raw[80] == 253:
        return raw[81] + raw[82] * 256
    if raw[80] == 254:
        return int.from_bytes(raw[81:85], "little")
    return raw[80]


# %% answer="fees"
def fees(inputs, outputs):
    left_over = {}
    for txid, value in zip(inputs["txid"], inputs["value"]):
        if pd.notna(value):
            left_over[txid] = left_over.get(txid, 0) + int(value)
    for txid, value in zip(outputs["txid"], outputs["value"]):
        if txid in left_over:
            left_over[txid] = left_over[txid] - int(value)
    return left_over


# %% answer="balance"
def balance(inputs, outputs, address):
    held = 0
    for owner, value in zip(outputs["address"], outputs["value"]):
        if owner == address:
            held = held + int(value)
    for owner, value in zip(inputs["address"], inputs["value"]):
        if owner == address:
            held = held - int(value)
    return held


# %% answer="plot"
figure, axes = plt.subplots(figsize=(8, 3))
days = []
amounts = []
for day, address, value in zip(outputs["time"], outputs["address"], outputs["value"]):
    if address == case.address:
        days.append(day)
        amounts.append(value)
axes.plot(days, amounts, "o")
axes.set_xlabel("time of the block")
axes.set_ylabel("one payment (satoshi)")

# %% answer="tip"
tip_searched = []
for txid, address in zip(outputs["txid"], outputs["address"]):
    if address == case.address and txid not in tip_searched:
        tip_searched.append(txid)
tip_evidence = []
for txid, address in zip(inputs["txid"], inputs["address"]):
    if address == case.tip_address and txid in tip_searched and txid not in tip_evidence:
        tip_evidence.append(txid)
if len(tip_evidence) == 0:
    tip_supported = False
else:
    tip_supported = True
