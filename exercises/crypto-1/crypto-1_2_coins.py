# %% [markdown]
# ## From one block to the chain
#
# You have now read by hand what every tracing tool reads first. Let the tool do the rest: it reads the
# blocks one after the other, up to the last block of your case, and lays them out as tables.
#
# A tool is a witness too. So ask it something that you already know. Both columns should say the same.

# %% locked="chain"
chain = case.chain()
block = chain.blocks[chain.blocks["height"] == case.height].iloc[0]
pd.DataFrame(
    {
        "the tool": [block["time"], block["hash"], block["transactions"]],
        "you, by hand": [
            block_time(case.block),
            block_hash(case.block),
            transaction_count(case.block),
        ],
    },
    index=["time", "name", "transactions"],
)

# %% [markdown]
# Bitcoin keeps no accounts. It keeps *coins*. A transaction takes in old coins, its **inputs**, and makes
# new ones, its **outputs**. Two tables are enough for everything that follows:
#
# - `outputs`: one row for each coin that was made: in which transaction (`txid`), for which `address`,
#   with what `value`, and at what `time`;
# - `inputs`: one row for each coin that was used up: in which transaction, from which `address`, with
#   what `value`.
#
# All values are whole numbers of **satoshi**. 100,000,000 satoshi are one bitcoin (BTC).

# %% locked="tables"
inputs = chain.inputs
outputs = chain.outputs.merge(chain.blocks[["height", "time"]], on="height")
outputs[["txid", "time", "address", "value"]].tail(4)

# %% [markdown]
# And here is a ledger so small that you can check it with a pencil. Four transactions: `t0` is a
# **coinbase**, which pays the miner and takes in no coin at all. In `t1` the miner pays Ana and Bo. In `t2`
# Ana pays Bo 600 and gets 390 back as change. In `t3` Bo puts two coins together to pay Chi.

# %% locked="small-ledger"
small_inputs = pd.DataFrame(
    [
        ("t0", None, None),
        ("t1", "miner", 5000),
        ("t2", "Ana", 1000),
        ("t3", "Bo", 400),
        ("t3", "Bo", 600),
    ],
    columns=["txid", "address", "value"],
).astype({"value": "Int64"})
small_outputs = pd.DataFrame(
    [
        ("t0", "miner", 5000),
        ("t1", "Ana", 1000),
        ("t1", "Bo", 400),
        ("t1", "miner", 3595),
        ("t2", "Bo", 600),
        ("t2", "Ana", 390),
        ("t3", "Chi", 950),
        ("t3", "Bo", 30),
    ],
    columns=["txid", "address", "value"],
)
display(small_inputs, small_outputs)

# %% [markdown] question="fees"
# Nobody writes the fee into a transaction. The fee is what is left over: all that goes in, less all that
# comes out. People in a hurry pay more, and so do careless programs. A fee can tell you who is at work.
#
# Look at `t3`: 400 and 600 go in, 950 and 30 come out. So its fee is 20 satoshi.
#
# The coinbase makes new money and pays no fee. Leave it out: a line that says *minus 5,000* has no
# place in a report.
#
# **Write `fees`.** It takes the two tables and gives back a Series: for each transaction (`txid`) its fee
# in satoshi, without the coinbase.


# %% answer="fees"
def fees(inputs, outputs):
    """The fee of each transaction in satoshi, without the coinbase.

    >>> fees(small_inputs, small_outputs).to_dict()
    {'t1': 5, 't2': 10, 't3': 20}
    """
    ### BEGIN SOLUTION
    known = inputs[inputs["value"].notna()]
    goes_in = known.groupby("txid")["value"].sum()
    comes_out = outputs.groupby("txid")["value"].sum()
    return (goes_in - comes_out).dropna().astype(int)
    ### END SOLUTION


# %% [markdown]
# Your function on the block of your case. You will need a number or two from here for your finding.

# %% locked="block-fees"
block_fees = fees(
    inputs[inputs["height"] == case.height],
    outputs[outputs["height"] == case.height],
)
block_fees

# %% test="fees"
import pandas as pd

got = fees(small_inputs, small_outputs)
assert got is not None, (
    "fees gave nothing back yet. Does the last line of your function begin with return?"
)
assert hasattr(got, "items"), (
    f"fees should give one number for each txid, in a Series. It gave {got!r}."
)
assert not hasattr(got, "columns"), (
    'fees gave a whole table. Ask for one column, with one pair of brackets: ["value"].'
)
got = dict(got.items())
for txid, words, fee in [
    ("t1", "takes in 5,000 and pays out 1,000, 400 and 3,595", 5),
    ("t2", "takes in 1,000 and pays out 600 and 390", 10),
    ("t3", "takes in 400 and 600 and pays out 950 and 30", 20),
]:
    assert txid in got, f"fees says nothing about {txid}, which {words}."
    assert got[txid] != -fee, (
        "Your fees are negative. The fee is what goes in, less what comes out."
    )
    assert got[txid] != fee / 100_000_000, (
        "Your fees are in bitcoin. The question asks for satoshi."
    )
    assert got[txid] == fee, (
        f"{txid} {words}, so its fee is {fee} satoshi. Your function says {got[txid]}."
    )
points = 3
if "t0" in got:
    points = 2
    print("Nearly. t0 is the coinbase. It pays no fee, so it should not be in your Series at all.")
points
### BEGIN HIDDEN TESTS
from casework.marking import expected

unseen_inputs = pd.DataFrame(
    {
        "txid": ["z", "c", "m", "m", "m", "z"],
        "address": ["A", None, "B", "B", "C", "A"],
        "value": pd.array([70, None, 9, 9, 12, 30], dtype="Int64"),
    }
)
unseen_outputs = pd.DataFrame(
    {
        "txid": ["m", "z", "c", "z", "z", "c"],
        "address": ["D", "E", "F", "E", None, None],
        "value": [30, 45, 5000, 45, 0, 0],
    }
)
for right, got in [
    ({"z": 10, "m": 0}, fees(unseen_inputs, unseen_outputs)),
    (expected("crypto-1")["fees"], block_fees),
]:
    assert hasattr(got, "items"), "fees does not give a Series for every pair of tables."
    got = dict(got.items())
    ordinary = {txid: got[txid] for txid in right if txid in got}
    assert ordinary == right, (
        "fees is right for the small ledger, but not for tables it has not seen. "
        "Think of several equal inputs, and of a fee of 0."
    )
    if len(got) > len(right):
        points = 2
points
### END HIDDEN TESTS

# %% [markdown] question="balance"
# What does the address under inquiry still hold? A freezing order can only reach what is there.
#
# An address holds the coins that were made for it and not used up yet. So: all its outputs, less all
# its inputs. Take care with change. When Ana pays 600 out of a coin of 1,000, the whole coin is used up,
# and 390 come back to her as a new coin. Change is not a payment to somebody else, and it is not income
# either. If you count every output and every input, it comes out right by itself.
#
# **Write `balance`.** It takes the two tables and an address, and gives back what the address holds at
# the end, as a whole number of satoshi.


# %% answer="balance"
def balance(inputs, outputs, address):
    """What the address holds after all these transactions, in satoshi.

    >>> balance(small_inputs, small_outputs, "Ana")
    390
    """
    ### BEGIN SOLUTION
    received = outputs[outputs["address"] == address]["value"].sum()
    spent = inputs[inputs["address"] == address]["value"].sum()
    return int(received - spent)
    ### END SOLUTION


# %% [markdown]
# And on the address of your case:

# %% locked="held"
held = balance(inputs, outputs, case.address)
held

# %% test="balance"
import pandas as pd

got = balance(small_inputs, small_outputs, "Ana")
assert got is not None, (
    "balance gave nothing back yet. Does the last line of your function begin with return?"
)
assert not hasattr(got, "__len__"), f"balance should give one number. It gave {got!r}."
assert got != 390 / 100_000_000, "Your answer is in bitcoin. The question asks for satoshi."
assert got != 1390, (
    "You counted what Ana received, 1,000 and 390. She also spent the coin of 1,000: take it away."
)
assert got != 0, "Ana's change of 390 came back to her. It is a coin of hers like any other."
assert got == 390, f"Ana received 1,000 and 390, and spent 1,000. Your function says {got}."
for person, coins in [("Bo", 30), ("Chi", 950), ("miner", 3595)]:
    got = balance(small_inputs, small_outputs, person)
    assert got == coins, f"At the end {person} holds {coins:,}. Your function says {got}."
### BEGIN HIDDEN TESTS
from casework.marking import expected

unseen_inputs = pd.DataFrame(
    {
        "txid": ["c", "p", "p", "q", "r", "r"],
        "address": [None, "A", "B", "A", "B", "C"],
        "value": pd.array([None, 250, 250, 80, 100, 7], dtype="Int64"),
    }
)
unseen_outputs = pd.DataFrame(
    {
        "txid": ["c", "o", "o", "o", "p", "p", "q", "q", "r", "r"],
        "address": ["M", "A", "B", "A", "C", "A", "A", "B", "C", None],
        "value": [5000, 250, 250, 250, 400, 80, 50, 100, 90, 0],
    }
)
for person, coins in [("A", 300), ("B", 0), ("C", 483), ("M", 5000), ("nobody", 0)]:
    assert balance(unseen_inputs, unseen_outputs, person) == coins, (
        "balance is right for the small ledger, but not for every ledger. Think of two equal "
        "amounts, of several people in one transaction, and of an address never seen."
    )
assert held == expected("crypto-1")["balance"], "balance is not right for the address of your case."
### END HIDDEN TESTS
