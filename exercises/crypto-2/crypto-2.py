# Each test cell imports what it uses, because the judge runs it apart from the trainee's cells.

# %% [markdown]
# # Clusters and change
#
# A shop on the Internet sells what nobody may sell. It prints one Bitcoin address on its bills. But a shop
# has many addresses, and an informant names one more. The prosecutor asks: *is it the same purse?*
#
# A cluster can answer that, and a cluster can accuse a stranger. Today you build one, you find what
# would have spoiled it, and you measure how often a rule is wrong before you rely on it.
#
# **What you hold.** The chain up to the day your case ends. The shop's address. The address that the
# informant names. And twenty-four payments of wallets that the police have seized: for these, a court knows
# which output was change.
#
# **What is asked.** Eight short pieces of Python and one short text. Together they are worth 20 points.
#
# **How to work.** Run the cells from the top to the bottom: click on a cell and press Shift and Enter.
# Where it says *Write your code here*, it is your turn. Under each answer there is a check, in a folded
# cell. Run it too. Stuck? Open the hint, then the chapter.
#
# After you submit, the same questions are asked again **on data that you have not seen**.
#
# *The people and the money are invented. The format of the data is that of real Bitcoin.*

# %% [markdown]
# ## Your case
#
# Run this cell first. It loads the tools and shows your case. Your neighbour has another one.

# %% locked="setup"
import pandas as pd

import casework
import cointrace

casework.style()
casework.short_errors()
pd.set_option("display.max_colwidth", 24)  # long names are cut in the tables, not in the data
case = casework.open_case("crypto-2")
case

# %% [markdown]
# Two tables of the chain are enough. `inputs` says which transaction (`txid`) spent from which `address`.
# `outputs` says which transaction paid which `address`, how much, and as which of its outputs (`n`).

# %% locked="chain"
chain = case.chain()
inputs = chain.inputs[chain.inputs["address"].notna()]
outputs = chain.outputs
inputs[["txid", "address", "value"]].tail(4)

# %% [markdown]
# And here is a chain so small that you can check it with a pencil. Letters stand for addresses. In `t1`
# somebody spends from A and B at once, in `t2` from B and C, in `t3` from D alone, in `t4` from E and F.

# %% locked="small-inputs"
small_inputs = pd.DataFrame(
    [("t1", "A"), ("t1", "B"), ("t2", "B"), ("t2", "C"), ("t3", "D"), ("t4", "E"), ("t4", "F")],
    columns=["txid", "address"],
)
small_inputs

# %% [markdown] question="co-spend"
# Who spends from two addresses in one transaction must have signed for both. So both are most likely one
# purse. That is the oldest rule of tracing (*co-spending*, or multi-input heuristic). It works over
# several steps: `t1` joins A and B, `t2` joins B and C, so A, B and C are one purse.
#
# **Write `purses`.** It takes a table with `txid` and `address`, one row for each input, and gives back a
# list of sets of addresses. Every address stands in exactly one set, also one that was never spent with
# another.


# %% answer="co-spend"
def purses(inputs):
    """The addresses, put together by co-spending: a list of sets.

    >>> sorted(sorted(purse) for purse in purses(small_inputs))
    [['A', 'B', 'C'], ['D'], ['E', 'F']]
    """
    ### BEGIN SOLUTION
    purse_of = {}
    for _, group in inputs.groupby("txid")["address"]:
        joined = set(group)
        for address in group:
            joined |= purse_of.get(address, set())
        for address in joined:
            purse_of[address] = joined
    return list({id(purse): purse for purse in purse_of.values()}.values())
    ### END SOLUTION


# %% test="co-spend"
import pandas as pd

got = purses(small_inputs)
assert got is not None, (
    "purses gave nothing back yet. Does the last line of your function begin with return?"
)
assert all(not hasattr(one, "lower") for one in got), (
    f"purses should give a list of sets of addresses. It gave {got!r}."
)
got_sorted = sorted(sorted(one) for one in got)
everybody = sorted(letter for one in got_sorted for letter in one)
assert everybody == sorted(set(everybody)), (
    "An address stands in two of your purses. When two purses share an address, they become one."
)
assert set(everybody) == set("ABCDEF"), (
    f"Every address should stand in one purse. Yours hold {', '.join(everybody)}; D, too, is a purse."
)
assert got_sorted == [["A", "B", "C"], ["D"], ["E", "F"]], (
    f"Your purses are {got_sorted}. Expected: A, B and C together, D alone, E and F together."
)
points = 3
points
### BEGIN HIDDEN TESTS
from casework.marking import expected

truth = expected("crypto-2")
# The purse of the case, and tables that nobody has seen: purses that are joined the long way round,
# rows of one transaction that stand apart, rows that stand twice.
trials = [
    (truth["spends"], [sorted(truth["addresses"])]),
    (
        [["a", "1"], ["a", "2"], ["b", "3"], ["b", "4"], ["c", "2"], ["c", "4"]],
        [["1", "2", "3", "4"]],
    ),
    ([["a", "1"], ["b", "2"], ["c", "3"], ["d", "1"], ["d", "3"]], [["1", "3"], ["2"]]),
    ([["a", "1"], ["b", "2"], ["a", "3"], ["b", "4"], ["b", "2"]], [["1", "3"], ["2", "4"]]),
    (
        [["z", "9"], ["a", "9"], ["a", "8"], ["m", "7"], ["m", "8"], ["q", "5"]],
        [["5"], ["7", "8", "9"]],
    ),
]
for rows, wanted in trials:
    got = purses(pd.DataFrame(rows, columns=["txid", "address"]))
    if sorted(sorted(one) for one in got) != wanted:
        points = 1
        print(
            "On a table that you have not seen, two purses stay apart that belong together, or the other "
            "way round. When a transaction touches two purses that are there already, join them."
        )
        break
points
### END HIDDEN TESTS

# %% [markdown] question="purse"
# On a whole chain the tool does the same as your function. It does one thing more: it leaves out
# **CoinJoins**, transactions that several people sign together. In them the rule is false: each spends
# from an address of their own.
#
# **Fill in `purse`**: the set of all addresses that were spent together with `case.address`, with CoinJoins
# left out.

# %% answer="purse"
purse = None
### BEGIN SOLUTION
table = cointrace.clusters(chain)
number = table.loc[table["address"] == case.address, "cluster"].iloc[0]
purse = set(table.loc[table["cluster"] == number, "address"])
### END SOLUTION

# %% test="purse"
assert purse is not None, "purse is not filled in yet. It should be a set of addresses."
assert hasattr(purse, "__iter__") and not hasattr(purse, "lower"), (
    f"purse should be a set of addresses. It is {purse!r}."
)
assert len(set(purse)) > 1, (
    "purse holds one address at most. Which others were spent together with it?"
)
assert all(hasattr(one, "lower") for one in purse), (
    "purse should hold addresses, so texts. Take the column address of the table."
)
### BEGIN HIDDEN TESTS
from casework.marking import expected

truth = expected("crypto-2")
own = set(truth["addresses"])
assert set(purse) & own, "purse does not hold the addresses of the shop of your case."
points = 2
if set(purse) != own:
    points = 1 if own <= set(purse) or set(purse) <= own else 0
    more = len(set(purse) - own)
    print(
        f"purse holds {len(set(purse) & own)} of the shop's {len(own)} addresses, and {more} that belong to "
        "others. Did you leave out CoinJoins?"
    )
points
### END HIDDEN TESTS
