# right
# Loops, dictionaries and sets, as somebody would write who learned Python last week.

# %% answer="co-spend"
def purses(inputs):
    spent_by = {}
    for txid, address in zip(inputs["txid"], inputs["address"]):
        spent_by.setdefault(txid, []).append(address)
    found = []
    for addresses in spent_by.values():
        joined = set(addresses)
        apart = []
        for purse in found:
            if purse & joined:
                joined = joined | purse
            else:
                apart.append(purse)
        found = apart + [joined]
    return found

# %% answer="purse"
mixing = set(cointrace.coinjoins(chain)["txid"])
plain = inputs[~inputs["txid"].isin(mixing)]
for found in purses(plain):
    if case.address in found:
        purse = found

# %% answer="joint"
shop_joint = []
for txid, address in zip(inputs["txid"], inputs["address"]):
    if address in purse and txid in list(joint["txid"]) and txid not in shop_joint:
        shop_joint.append(txid)

# %% answer="strangers"
strangers = []
for txid, address in zip(inputs["txid"], inputs["address"]):
    if txid in shop_joint and address not in purse and address not in strangers:
        strangers.append(address)

# %% answer="fresh-change"
def fresh_change(outputs, seen):
    answer = None
    count = 0
    for number, address in outputs:
        if address not in seen:
            answer = number
            count = count + 1
    if count == 1:
        return answer

# %% answer="change"
mixing = list(joint["txid"])
paid_by_shop = []
for txid, address in zip(inputs["txid"], inputs["address"]):
    if address in purse and txid not in mixing:
        paid_by_shop.append(txid)
sizes = {}
for txid in outputs["txid"]:
    sizes[txid] = sizes.get(txid, 0) + 1
change = {}
for txid, n, address in zip(outputs["txid"], outputs["n"], outputs["address"]):
    if txid in paid_by_shop and sizes[txid] > 1 and address in purse:
        change[txid] = n

# %% answer="error-rate"
def error_rate(said, known):
    right = 0
    wrong = 0
    for txid, answer in said.items():
        if answer is None or txid not in known:
            continue
        if answer == known[txid]:
            right = right + 1
        else:
            wrong = wrong + 1
    if right + wrong == 0:
        return None
    return wrong / (right + wrong)

# %% answer="named"
named_supported = case.named_address in purse
with_named = set(inputs[inputs["address"] == case.named_address]["txid"])
rest = set(inputs[inputs["address"].isin(set(purse) - {case.named_address})]["txid"])
named_links = set()
for txid in with_named & rest:
    if (txid in list(joint["txid"])) != named_supported:
        named_links.add(txid)

# %% [markdown] answer="finding"
# **What I did.** I read blocks 0 to 446 with cointrace and put addresses that were spent together into one purse. I left out all
# CoinJoins. One of them matters: the shop itself paid in it (txid in the annex).
#
# **What I found.** The purse of bcrt1q0h735f4p88nep7u5fhqqfz6jkeztkly0ct7kjr holds 22 addresses. The named address, bcrt1qzdtfy90m24gd58xl6jul833m6stmgjq92sdgzh,
# is one of them: it was spent together with others of the purse in one transaction (annex).
#
# **How sure I am, and why.** High, that the addresses are one purse: somebody signed for all of them at once, and CoinJoins
# were left out. Low, as to who that is: the chain names nobody.
#
# **What speaks against it, and what I could not see.** A PayJoin looks like any payment and would join two strangers. A service may
# hold the keys of many customers. Addresses that were never spent are in no purse.
