# %% [markdown] question="plot"
# One number says what is there. A picture says what happened: a salary comes every month, a shop earns
# a little every day, and a collector gets everything at once.
#
# **Draw what the address under inquiry received over time.** Take its outputs, add them up by day or
# by week, and draw them as bars. Or draw every payment by itself, or the running total: what suits your
# case. Name both axes, and give the **unit**, BTC or satoshi. A figure without a unit is an opinion.
#
# The first line is there already: draw on `axes`, and leave the result in `figure`.

# %% answer="plot"
figure, axes = plt.subplots(figsize=(8, 3))
### BEGIN SOLUTION
received = outputs[outputs["address"] == case.address]
days = received.groupby(received["time"].dt.floor("D"))["value"].sum()
axes.bar(days.index, days / 100_000_000, width=1)
axes.set_title("What the address under inquiry received")
axes.set_xlabel("day (UTC)")
axes.set_ylabel("received, in BTC")
### END SOLUTION

# %% test="plot"
drawing = figure.axes[0]
x_label = drawing.get_xlabel().strip()
y_label = drawing.get_ylabel().strip()
bars = sorted((bar.get_x(), bar.get_height()) for bar in drawing.patches)
dots = sorted((x, y) for cloud in drawing.collections for x, y in cloud.get_offsets())
lines = [line.get_ydata() for line in drawing.lines]
heights = [[y for x, y in bars], [y for x, y in dots], *lines]
heights = [[y for y in marks if y > 0] for marks in heights]
heights = [marks for marks in heights if len(marks) > 0]
assert heights, (
    "The figure is still empty. Draw on axes, for example with axes.bar(...), and run that cell again."
)
points = 2
units = {"sat": 1, "btc": 100_000_000, "bitcoin": 100_000_000}
named = {units[unit] for unit in units if unit in y_label.lower()}
if not x_label or not y_label:
    points = 1
    print("Name both axes: axes.set_xlabel(...) and axes.set_ylabel(...).")
elif len(named) != 1:
    points = 1
    print(f"The label of the upright axis is {y_label!r}. Say there whether it is BTC or satoshi.")
points
### BEGIN HIDDEN TESTS
from itertools import accumulate

from casework.marking import expected

truth = expected("crypto-1")
payments = truth["payments"]
# However somebody adds up (by payment, day, week or month), every running total that they reach
# is one that the address reached, and the last one is everything it received. A block may carry an
# earlier time than the block before it, so both orders are right.
reached = {
    total
    for order in ("height", "time")
    for total in accumulate(each["sat"] for each in sorted(payments, key=lambda p: p[order]))
}


def tells_the_story(marks, satoshi):
    """Whether marks of that unit are what the address received, singly or as a running total."""
    amounts = [round(float(mark) * satoshi) for mark in marks]
    sums = list(accumulate(amounts))
    enough = min(3, len(payments))
    return any(
        set(story) <= reached and story[-1] == truth["received"] and len(set(story)) >= enough
        for story in (sums, amounts)
    )


if not any(tells_the_story(marks, unit) for marks in heights for unit in named or units.values()):
    points = points - 1
    print(
        "What is drawn is not what the address under inquiry received, in the unit of the label. "
        "Only its outputs count, all of them, over time."
    )
points
### END HIDDEN TESTS

# %% [markdown] question="tip"
# Now the tip. The informant says: *the holder of the tip address paid money to the address under
# inquiry.* Informants are right, and wrong, and sometimes both want the same thing. A tip that you have
# disproved is worth as much as one that you have confirmed: it keeps an innocent person out of the file.
#
# A payment leaves a plain trace: **one transaction, with an input that spends from the tip address, and
# an output to the address under inquiry.** Two addresses that merely meet somewhere prove nothing.
# Money that went the other way proves something else.
#
# **Fill in three names:**
#
# - `tip_searched`: a set with the `txid` of every transaction that pays the address under inquiry. This is
#   the record of where you looked;
# - `tip_evidence`: a set with those of them in which the tip address pays. An empty set, `set()`, means that
#   there is none;
# - `tip_supported`: `True` if the chain supports the tip, `False` if it does not.

# %% answer="tip"
tip_searched = None
tip_evidence = None
tip_supported = None
### BEGIN SOLUTION
tip_searched = set(outputs[outputs["address"] == case.address]["txid"])
tip_pays = set(inputs[inputs["address"] == case.tip_address]["txid"])
tip_evidence = tip_searched & tip_pays
tip_supported = len(tip_evidence) > 0
### END SOLUTION

# %% test="tip"
assert tip_searched is not None, (
    "tip_searched is not filled in yet: which transactions did you look at?"
)
assert tip_evidence is not None, (
    "tip_evidence is not filled in yet. If you found nothing, it is set()."
)
for name, found in [("tip_searched", tip_searched), ("tip_evidence", tip_evidence)]:
    assert hasattr(found, "__iter__") and not hasattr(found, "lower"), (
        f"{name} should be a set of txids, as in set(table['txid']). It is {found!r}."
    )
assert len(tip_searched) > 0, (
    "tip_searched is empty. A search that looked at nothing cannot find anything, nor clear anybody."
)
assert set(tip_evidence) <= set(tip_searched), (
    "tip_evidence names a transaction that is not in tip_searched. Evidence for the tip must be a "
    "payment to the address under inquiry."
)
assert tip_supported in (True, False), "Say whether the tip is supported: True or False."
assert bool(tip_supported) == (len(tip_evidence) > 0), (
    f"You say that tip_supported is {tip_supported}, and you name {len(tip_evidence)} transactions as "
    "evidence. These two do not fit together."
)
### BEGIN HIDDEN TESTS
from casework.marking import expected

truth = expected("crypto-1")
assert set(tip_searched) == {payment["txid"] for payment in truth["payments"]}, (
    "tip_searched is not the set of all transactions that pay the address under inquiry."
)
points = 2
if bool(tip_supported) != truth["tip_supported"] or set(tip_evidence) != set(truth["tip_txids"]):
    points = 1
    print(
        "You searched the right transactions, and your conclusion is not what they show. Look at each: "
        "does the tip address pay in it, or is it only mentioned?"
    )
points
### END HIDDEN TESTS

# %% [markdown] question="finding"
# You have read the chain. Now say what it says, for a prosecutor who has never seen a block.
#
# **Write four short paragraphs in the last cell**, one under each heading. Double-click on the cell to
# write in it, and run it when you are done.
#
# A good finding lets a stranger repeat your search. It gives numbers with their units. It says how sure
# you are in plain words, and why. And it says what speaks against it: an address is not a person, and
# the chain does not show what was agreed outside it.

# %% [markdown] written="finding"
# *A person reads this answer and marks it. Write in the cell below.*
#
# ### BEGIN MARK SCHEME
# **Mark scheme: one point for each, half a point where a part is missing.**
#
# 1. **What was searched.** The blocks (from, to), the address under inquiry, the tip address, and by what
#    means. A colleague could repeat it. The name (hash) of at least one block is welcome.
# 2. **What was found.** Received, spent and held, with the unit; what the tip claims, and the txids that
#    support it or the plain statement that there is none. Numbers agree with questions 4 to 7.
# 3. **How sure.** A word of confidence (low, moderate, high) *and* its reason. Keeps apart what the chain
#    shows, such as a payment, and what it does not, such as who acted.
# 4. **What speaks against it.** At least one real limit or other explanation: payments by another route or
#    from another address of the same person, an address shared or kept by a service, a miner's clock, blocks
#    not searched. For a tip that is not supported: that "not found" is not "did not happen".
#
# No point is lost for language. A finding that names a person as guilty loses point 3.
# ### END MARK SCHEME

# %% [markdown] answer="finding"
# **What I searched.**
#
#
# **What I found.**
#
#
# **How sure I am, and why.**
#
#
# **What speaks against it, and what I did not search.**
#
