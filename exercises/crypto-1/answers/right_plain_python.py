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

# %% [markdown] answer="finding"
# **What I searched.** Blocks 0 to 490 of the chain, read with cointrace. I read the header of block 282 by
# hand as well: time, name and number of transactions agree with the tool. All outputs to the address under
# inquiry, bcrt1q9k6yu0l3pl2ch8m09qmuflw0mhd4tx8a4z3gat, all inputs that spend from it, and all inputs that spend
# from the tip address, mogMUnbXvJxphKUVhLizBPNTuP8j9BEpbk.
#
# **What I found.** The address received 0.23925595 BTC in 18 transactions, between about 11 May and about 14 July
# 2025 (UTC). It spent 0.14477212 BTC. At block 490 it held 0.09448383 BTC. In none of the 18 transactions does the
# tip address pay. In one of them both addresses are paid by somebody else: that is not a payment from
# one to the other. The txids of all 18 are in the annex.
#
# **How sure I am, and why.** High, that no coin of the tip address was spent in a payment to the address under inquiry
# up to block 490: I looked at every payment, and anybody can repeat it. Low, as to who holds the addresses: the
# chain does not say.
#
# **What speaks against it, and what I did not search.** The person whom the informant named may have paid from
# another address, through an exchange, or in cash. Blocks after 490 and other addresses of the same holder
# were not searched. So the tip is not supported, and it is not disproved either.
