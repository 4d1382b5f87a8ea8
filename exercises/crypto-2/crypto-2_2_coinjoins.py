# %% [markdown]
# ## What would have spoiled it
#
# Here are the CoinJoins that the tool finds on your chain. A *Tx0* is no CoinJoin: one person prepares coins
# in it. So it is taken out.

# %% locked="coinjoins"
joint = cointrace.coinjoins(chain)
joint = joint[joint["kind"] != "whirlpool_tx0"]
joint["kind"].value_counts()

# %% [markdown] question="joint"
# To take part in a CoinJoin is no crime. Many people do it who do not want every shop to see their
# savings. But you must know it, because your rule breaks there.
#
# **Fill in `shop_joint`**: the set of txids of the CoinJoins in which an address of the purse pays.

# %% answer="joint"
shop_joint = None
### BEGIN SOLUTION
spends = inputs[inputs["address"].isin(purse)]
shop_joint = set(spends["txid"]) & set(joint["txid"])
### END SOLUTION

# %% test="joint"
assert shop_joint is not None, "shop_joint is not filled in yet. It should be a set of txids."
assert hasattr(shop_joint, "__iter__") and not hasattr(shop_joint, "lower"), (
    f"shop_joint should be a set of txids. It is {shop_joint!r}."
)
assert len(set(shop_joint)) > 0, (
    "shop_joint is empty. The shop of your case did take part: look for the addresses of the purse "
    "among the inputs of the CoinJoins."
)
### BEGIN HIDDEN TESTS
from casework.marking import expected

truth = expected("crypto-2")
assert set(shop_joint) == set(truth["joint"]), (
    "shop_joint is not the set of CoinJoins in which the purse pays. To be paid in one is not to pay in it."
)
### END HIDDEN TESTS

# %% [markdown] question="strangers"
# Without the exception, every address that pays in such a CoinJoin would have become part of the shop's
# purse. Real people hold them, and one of them may stand in front of your court.
#
# **Fill in `strangers`**: the set of addresses that pay in the CoinJoins of question 3 and are not in the
# purse.

# %% answer="strangers"
strangers = None
### BEGIN SOLUTION
together = inputs[inputs["txid"].isin(shop_joint)]
strangers = set(together["address"]) - set(purse)
### END SOLUTION

# %% test="strangers"
assert strangers is not None, "strangers is not filled in yet. It should be a set of addresses."
assert hasattr(strangers, "__iter__") and not hasattr(strangers, "lower"), (
    f"strangers should be a set of addresses. It is {strangers!r}."
)
assert len(set(strangers)) > 0, (
    "strangers is empty. A CoinJoin has more than one payer: who else pays?"
)
assert None not in set(strangers), "An unknown address (None) is nobody. Leave it out."
assert case.address not in set(strangers), "The shop's own address is no stranger's. Take it away."
### BEGIN HIDDEN TESTS
from casework.marking import expected

truth = expected("crypto-2")
drawn_in = set(truth["strangers"])
assert 2 * len(set(strangers) & drawn_in) >= len(drawn_in), (
    "strangers does not hold those who pay beside the shop in its CoinJoin."
)
points = 2
if set(strangers) != drawn_in:
    points = 1
    print(
        f"strangers holds {len(set(strangers) & drawn_in)} of the {len(drawn_in)} addresses that would have been "
        f"drawn in, and {len(set(strangers) - drawn_in)} that would not."
    )
points
### END HIDDEN TESTS
# %% [markdown]
# ## Change
#
# When somebody pays 3 with a coin of 10, about 7 come back. Nobody writes on an output that it is
# change. There are rules for guessing it. One of them: a wallet takes a **new address** for change, and who
# is paid has often been paid before.

# %% [markdown] question="fresh-change"
# A rule must know when to be silent. If both outputs go to new addresses, this one has nothing to say. If
# none does, neither. A tool that always answers is a tool that guesses.
#
# **Write `fresh_change`.** It takes the outputs of one transaction, a list of pairs (number, address), and the
# set of addresses seen before. It gives back the number of the only output with a new address, or `None`.


# %% answer="fresh-change"
def fresh_change(outputs, seen):
    """The number of the only output on a new address; None where there is none, or more than one.

    >>> fresh_change([(0, "shop"), (1, "new")], {"shop"})
    1
    >>> fresh_change([(0, "new"), (1, "newer")], {"shop"}) is None
    True
    """
    ### BEGIN SOLUTION
    new = [number for number, address in outputs if address not in seen]
    if len(new) == 1:
        return new[0]
    return None
    ### END SOLUTION


# %% test="fresh-change"
got = fresh_change([(0, "shop"), (1, "new")], {"shop"})
assert got is not None, (
    "fresh_change gave nothing back for [(0, 'shop'), (1, 'new')] with the shop seen before. "
    "The new address is that of output 1."
)
assert got == 1 and got is not True, (
    f"The only new address is that of output 1. Your function says {got!r}. Give back its number."
)
got = fresh_change([(0, "new"), (1, "newer")], {"shop"})
points = 2
if got is not None:
    points = 1
    print(
        f"Both addresses are new, so the rule should be silent: None. Your function says {got!r}."
    )
points
### BEGIN HIDDEN TESTS
from casework.marking import expected

truth = expected("crypto-2")
for asked in truth["fresh"]:
    if fresh_change([tuple(pair) for pair in asked["outputs"]], set(asked["seen"])) != asked["new"]:
        points = 1
        print("The rule does not say of every payment of your case what it should.")
        break
for outputs_given, seen_before, wanted in [
    ([(0, "b"), (1, "a"), (2, "c")], {"a", "b"}, 2),
    ([(0, "n"), (1, "a")], {"a"}, 0),
    ([(4, "x"), (7, "y")], {"x", "z"}, 7),
]:
    assert fresh_change(outputs_given, seen_before) == wanted, (
        f"With {outputs_given} and {sorted(seen_before)} seen before, the answer is {wanted}."
    )
for outputs_given, seen_before in [
    ([(0, "a"), (1, "b")], {"a", "b"}),
    ([(0, "p"), (1, "q"), (2, "r")], {"p"}),
    ([], {"a"}),
]:
    if fresh_change(outputs_given, seen_before) is not None:
        points = 1
        print(
            f"With {outputs_given} and {sorted(seen_before)} seen before, the rule must be silent."
        )
points
### END HIDDEN TESTS
