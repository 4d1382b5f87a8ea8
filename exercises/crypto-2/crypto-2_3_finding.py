# %% [markdown] question="change"
# Some change needs no guessing. When an output goes to an address that was **later spent together with the
# payer's own**, the chain itself confirms it.
#
# **Fill in `change`**: a dictionary, from the txid of a payment of the purse to the number (`n`) of the output that
# came back to the purse. Leave out CoinJoins, and transactions with only one output: there the shop moves
# its coins to itself.

# %% answer="change"
change = None
### BEGIN SOLUTION
made = set(inputs.loc[inputs["address"].isin(purse), "txid"]) - set(joint["txid"])
mine = outputs[outputs["txid"].isin(made)]
several = mine.groupby("txid")["n"].transform("count") > 1
back = mine[several & mine["address"].isin(purse)]
change = dict(zip(back["txid"], back["n"], strict=True))
### END SOLUTION

# %% test="change"
assert change is not None, "change is not filled in yet. It should be a dictionary: txid to number."
assert hasattr(change, "items"), f"change should be a dictionary. It is {change!r}."
assert len(change) > 0, "change is empty. Which outputs of the shop's payments go to the purse?"
assert all(hasattr(name, "lower") for name in change), (
    "The keys of change should be txids, so texts."
)
### BEGIN HIDDEN TESTS
from casework.marking import expected

truth = expected("crypto-2")["change"]
given = {name: int(place) for name, place in change.items()}
right = {name for name in truth if given.get(name) == truth[name]}
assert right, "change names no output that came back to the purse."
points = 2
if given != truth:
    points = 1
    print(
        f"{len(right)} of {len(truth)} payments are right, and {len(set(given) - right)} of your entries are "
        "not change that the chain confirms."
    )
points
### END HIDDEN TESTS

# %% [markdown] question="error-rate"
# Before you rely on a rule, ask how often it is wrong. For the payments of the seized wallets a court knows the
# change. So you can count.
#
# Two numbers are easily mixed up. A rule that is *silent* is not wrong. And a rule that said nothing at all
# has no error rate: not 0, but none.
#
# **Write `error_rate`.** It takes two dictionaries, from txid to output number: what a rule `said` (`None` where it was
# silent) and what is `known`. It gives back which share of its answers was wrong, from 0 to 1, or
# `None` if it gave no answer. A txid that is not in `known` cannot be judged: leave it out.


# %% answer="error-rate"
def error_rate(said, known):
    """The share of a rule's answers that were wrong; None where it gave none.

    >>> error_rate({"t1": 0, "t2": 1, "t3": None}, {"t1": 0, "t2": 0, "t3": 1})
    0.5
    """
    ### BEGIN SOLUTION
    judged = [txid for txid in said if said[txid] is not None and txid in known]
    if not judged:
        return None
    wrong = [txid for txid in judged if said[txid] != known[txid]]
    return len(wrong) / len(judged)
    ### END SOLUTION


# %% test="error-rate"
got = error_rate({"t1": 0, "t2": 1, "t3": None}, {"t1": 0, "t2": 0, "t3": 1})
assert got is not None, (
    "error_rate gave nothing back yet. Does the last line of your function begin with return?"
)
assert got != 2 / 3, (
    "You counted the silent answer as wrong. A rule that says nothing has said nothing wrong."
)
assert got != 1 / 3, "You divided by all three. Divide by the answers that the rule gave: two."
assert abs(got - 0.5) < 1e-9, (
    f"The rule answered twice, and once it was wrong: 0.5. Your function says {got!r}."
)
### BEGIN HIDDEN TESTS
from casework.marking import expected

points = 2
known = {"a": 1, "b": 0, "c": 2, "d": 0}
confirmed = expected("crypto-2")["change"]
got = error_rate(confirmed, confirmed)
assert got is not None and abs(got) < 1e-9, "Where every answer is right, the error rate is 0."
for answers, rate in [
    ({"a": 1, "b": 0, "c": 2, "d": 0}, 0),
    ({"a": 0, "b": 1, "c": None, "d": 1}, 1),
    ({"a": 1, "b": 1, "c": 2, "d": 0}, 0.25),
]:
    got = error_rate(answers, known)
    assert got is not None and abs(got - rate) < 1e-9, (
        f"With answers {answers} and truth {known} the error rate is {rate}, not {got!r}."
    )
for answers in ({"a": None, "b": None}, {}, {"elsewhere": 1}):
    if error_rate(answers, known) is not None:
        points = 1
        print(f"With {answers} the rule gave no answer that can be judged: None, not a number.")
got = error_rate({"a": 0, "elsewhere": 1}, known)
if got is None or abs(got - 1) > 1e-9:
    points = 1
    print("A transaction whose change nobody knows cannot be judged. Leave it out.")
points
### END HIDDEN TESTS

# %% [markdown]
# Your function at work: how often does the vote of all rules go wrong on the seized wallets of your case?

# %% locked="seized"
votes = cointrace.change_outputs(chain)
seized = {each["txid"]: each["vout"] for each in case.seized}
said = {
    txid: int(n) for txid, n in zip(votes["txid"], votes["vout"], strict=True) if txid in seized
}
print(f"The vote named the change of {len(said)} of {len(seized)} payments.")
print(f"Share of wrong answers: {error_rate(said, seized)}")

# %% [markdown] question="named"
# Now to the informant. Either the named address is in the shop's purse, or something only makes it look so. Both
# answers are worth the same. To clear somebody takes evidence too.
#
# **Fill in two names.** `named_supported` is `True` if the named address is in the purse, else `False`.
# `named_links` is the set of txids that show it: where it is in the purse, the transactions (no CoinJoins) that spend from it
# together with another address of the purse; where it is not, the CoinJoins in which both pay and which
# explain the mistake.

# %% answer="named"
named_supported = None
named_links = None
### BEGIN SOLUTION
named_supported = case.named_address in purse
others = set(inputs.loc[inputs["address"].isin(purse - {case.named_address}), "txid"])
both = set(inputs.loc[inputs["address"] == case.named_address, "txid"]) & others
named_links = both - set(joint["txid"]) if named_supported else both & set(joint["txid"])
### END SOLUTION

# %% test="named"
assert named_supported is not None, "named_supported is not filled in yet: True or False?"
assert named_supported in (True, False), "Say whether the tip is supported: True or False."
assert named_links is not None, "named_links is not filled in yet. It should be a set of txids."
assert hasattr(named_links, "__iter__") and not hasattr(named_links, "lower"), (
    f"named_links should be a set of txids. It is {named_links!r}."
)
assert len(set(named_links)) > 0, (
    "named_links is empty. In both cases there is something to show: what links the two, or what only "
    "seems to."
)
### BEGIN HIDDEN TESTS
from casework.marking import expected

truth = expected("crypto-2")
assert bool(named_supported) == truth["named_supported"], (
    "Your conclusion is not what the chain shows. Is the named address in the purse once CoinJoins are left "
    "out?"
)
points = 2
if set(named_links) != set(truth["named_txids"]):
    points = 1
    print("Your conclusion is right. The transactions that you name are not those that show it.")
points
### END HIDDEN TESTS

# %% [markdown] question="finding"
# You have a purse, an exception, an error rate and an answer. Now write them down for a prosecutor who has
# never heard of a cluster.
#
# **Write four short paragraphs in the last cell**, one under each heading. Double-click on the cell to
# write in it, and run it when you are done.
#
# Keep two claims apart: *these addresses are one purse*, which the chain can support, and *this person
# holds the purse*, which it cannot.

# %% [markdown] written="finding"
# *A person reads this answer and marks it. Write in the cell below.*
#
# ### BEGIN MARK SCHEME
# **Mark scheme: one point for each, half a point where a part is missing.**
#
# 1. **What was done.** The blocks, the two addresses, the rule (co-spending), and that CoinJoins were left out, with
#    the txid of the one that mattered. A colleague could repeat it.
# 2. **What was found.** How many addresses the purse holds; whether the named address is one of them, with the
#    txids that show it, or the CoinJoin that explains the mistake.
# 3. **How sure.** A word of confidence *and* its reason, with an error rate and what it was measured on. Keeps apart
#    one purse and one person.
# 4. **What speaks against it.** At least one real limit: a PayJoin cannot be seen, a service may hold keys for
#    many, an address not spent yet is in no purse, CoinJoins of a kind that the tool does not know. Where the
#    named address is not in the purse: that this does not prove that nobody in the shop holds it.
#
# No point is lost for language. A finding that names a person as guilty loses point 3.
# ### END MARK SCHEME

# %% [markdown] answer="finding"
# **What I did.**
#
#
# **What I found.**
#
#
# **How sure I am, and why.**
#
#
# **What speaks against it, and what I could not see.**
#
#
