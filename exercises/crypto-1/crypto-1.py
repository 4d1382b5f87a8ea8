# Each test cell imports what it uses, because the judge runs it apart from the trainee's cells.
# ruff: noqa: F811

# %% [markdown]
# # Reading the chain
#
# A file has come to your desk. It names one Bitcoin address and repeats one tip from an informant.
# A colleague has already asked a tracing company, and the company has sent a coloured picture.
# The prosecutor asks: *how do they know?*
#
# Today you find out for yourself. First you read one block by hand, byte by byte. Then a tool reads
# all the others for you, and you know what it does. At the end you write a finding that can go into
# the file.
#
# **What you hold.** One block of the chain, as raw bytes. The chain up to the day your case ends. The
# address under inquiry. A tip, which may be true or false.
#
# **What is asked.** Seven short pieces of Python and one short text. Together they are worth 20 points.
#
# **How to work.** Run the cells from the top to the bottom: click on a cell and press Shift and Enter.
# Where it says *Write your code here*, it is your turn. Under each answer there is a check, in a folded
# cell. Run it too. Where something is missing, its last line says what. Try as often as you like.
# Stuck? Open the hint, then the chapter.
#
# After you submit, the same questions are asked again **on data that you have not seen**. So write
# what works for any block and any address, not only for yours.
#
# *The people and the money are invented. The format of the data is that of real Bitcoin.*

# %% [markdown]
# ## Your case
#
# Run this cell first. It loads the tools and shows your case. Your neighbour has another one.

# %% locked="setup"
# %xmode Plain
import hashlib
from datetime import UTC, datetime

import casework
import matplotlib.pyplot as plt
import pandas as pd

casework.style()
pd.set_option("display.max_colwidth", 24)  # long names are cut in the tables, not in the data
case = casework.open_case("crypto-1")
case

# %% [markdown]
# ## Look before you compute
#
# This is your block, byte by byte. Choose a field on the left, with the mouse or with the arrow keys,
# and see where it stands and what it means.

# %% locked="explorer"
casework.BlockExplorer(case.block)

# %% [markdown]
# You also hold a second block, which nobody disputes: the very first one, of 3 January 2009. Here are
# its first 81 bytes. All the world knows its time and its name, so it is a good thing to test your
# work on.

# %% locked="first-block"
first_block = bytes.fromhex(
    "01000000"  # version
    "0000000000000000000000000000000000000000000000000000000000000000"  # the block before: none
    "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"  # Merkle root
    "29ab5f49"  # time
    "ffff001d"  # bits
    "1dac2b7c"  # nonce
    "01"  # how many transactions follow
)
len(first_block)

# %% [markdown] question="block-time"
# The prosecutor will ask *when*. So begin there. Every block starts with a header of 80 bytes:
#
# | bytes | what stands there |
# | --- | --- |
# | 0 to 3 | version |
# | 4 to 35 | the name of the block before |
# | 36 to 67 | Merkle root: a fingerprint of all the transactions |
# | **68 to 71** | **time: seconds since 1 January 1970, 00:00 UTC** |
# | 72 to 75 | bits: how hard the block was to make |
# | 76 to 79 | nonce |
# | 80 onwards | how many transactions, and then the transactions |
#
# Numbers stand with their small end first (*little-endian*).
#
# **Write `block_time`.** It takes the bytes of a block and gives back its date and time, in UTC.
#
# Keep in mind: the clock is the miner's. It may be up to two hours ahead. In a report you write *about*.


# %% answer="block-time"
def block_time(raw):
    """When the block says that it was made.

    >>> block_time(first_block)
    datetime.datetime(2009, 1, 3, 18, 15, 5, tzinfo=datetime.timezone.utc)
    """
    ### BEGIN SOLUTION
    seconds = int.from_bytes(raw[68:72], "little")
    return datetime.fromtimestamp(seconds, tz=UTC)
    ### END SOLUTION


# %% test="block-time"
from datetime import UTC, datetime

got = block_time(first_block)
assert got is not None, (
    "block_time gave nothing back yet. Does the last line of your function begin with return?"
)
assert hasattr(got, "year"), f"block_time should give a date and time. It gave {got!r}."
assert got.year != 1992, (
    "You have the right four bytes, but you read them from the wrong end. "
    'Numbers stand with their small end first: say "little".'
)
points = 2
if got.tzinfo is None:
    points = 1
    got = got.replace(tzinfo=UTC)
    print("Nearly. A time without a zone is half a fact: give fromtimestamp the argument tz=UTC.")
assert got == datetime(2009, 1, 3, 18, 15, 5, tzinfo=UTC), (
    f"The first block was made on 3 January 2009 at 18:15:05 UTC. Your function says {got}. "
    "Look at the table again: which four bytes hold the time?"
)
points
### BEGIN HIDDEN TESTS
from casework import open_case
from casework.marking import expected

truth = expected("crypto-1")
for raw, seconds in [
    (open_case("crypto-1").block, truth["block_time"]),
    (truth["unseen"]["block"], truth["unseen"]["block_time"]),
]:
    got = block_time(raw)
    assert hasattr(got, "year"), "block_time does not give a date and time for every block."
    if got.tzinfo is None:
        points = 1
        got = got.replace(tzinfo=UTC)
    assert got == datetime.fromtimestamp(seconds, tz=UTC), (
        "block_time is right for the first block of all, but not for every other block."
    )
points
### END HIDDEN TESTS

# %% [markdown] question="block-hash"
# The header carries no number and no name. The name of a block is its *hash*: a fingerprint of the header. Change one
# bit of the block, and the name is another. That is why a hash belongs in your report: anybody can
# check later that you both speak of the same block.
#
# The name is made in three steps:
#
# 1. take SHA-256 of the 80 bytes of the header;
# 2. take SHA-256 of the result;
# 3. write the 32 bytes backwards, as hexadecimal text.
#
# **Write `block_hash`.** It takes the bytes of a block and gives back its name as text.


# %% answer="block-hash"
def block_hash(raw):
    """The name of the block: 64 letters and digits.

    >>> block_hash(first_block)
    '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'
    """
    ### BEGIN SOLUTION
    once = hashlib.sha256(raw[:80]).digest()
    twice = hashlib.sha256(once).digest()
    return twice[::-1].hex()
    ### END SOLUTION


# %% test="block-hash"
import hashlib

got = block_hash(first_block)
name = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
assert got is not None, (
    "block_hash gave nothing back yet. Does the last line of your function begin with return?"
)
assert hasattr(got, "lower"), (
    f"block_hash should give text. It gave {got!r}. Call .hex() on the bytes at the end."
)
assert got != hashlib.sha256(first_block[:80]).digest()[::-1].hex(), (
    "That is SHA-256 taken once. The name of a block takes it twice."
)
assert got != hashlib.sha256(hashlib.sha256(first_block).digest()).digest()[::-1].hex(), (
    "That is the hash of all the bytes. The name is made of the header alone: raw[:80]."
)
points = 2
if got.lower() == bytes.fromhex(name)[::-1].hex():
    points = 1
    print("Nearly. The bytes are right and stand in the wrong order: turn them around with [::-1].")
else:
    assert got.lower() == name, (
        f"The first block is called {name}. Your function says {got}. "
        "Check the three steps one by one: header, hash, hash again, backwards."
    )
points
### BEGIN HIDDEN TESTS
from casework import open_case
from casework.marking import expected

truth = expected("crypto-1")
for raw, name in [
    (open_case("crypto-1").block, truth["block_hash"]),
    (truth["unseen"]["block"], truth["unseen"]["block_hash"]),
]:
    got = block_hash(raw)
    assert hasattr(got, "lower"), "block_hash does not give text for every block."
    if got.lower() == bytes.fromhex(name)[::-1].hex():
        points = 1
    else:
        assert got.lower() == name, (
            "block_hash is right for the first block of all, but not for every other block."
        )
points
### END HIDDEN TESTS

# %% [markdown] question="transaction-count"
# How much happened in this block? Right after the header stands the number of its transactions. Bitcoin
# saves space here, so the number has more than one form. The byte at position 80 tells you which:
#
# | byte 80 | where the number stands |
# | --- | --- |
# | 0 to 252 | this byte is the number |
# | 253 (written `fd`) | in the next two bytes, 81 and 82, small end first |
# | 254 (written `fe`) | in the next four bytes, small end first |
#
# A whole day of quiet blocks will never show you the second form. A busy block will. A tool that reads
# only the first form fails silently, on exactly the block that matters.
#
# **Write `transaction_count`.** It takes the bytes of a block and gives back how many transactions it
# holds. The first two forms are enough.


# %% answer="transaction-count"
def transaction_count(raw):
    """How many transactions the block holds.

    >>> transaction_count(first_block)
    1
    """
    ### BEGIN SOLUTION
    first = raw[80]
    if first < 253:
        return first
    return int.from_bytes(raw[81:83], "little")
    ### END SOLUTION


# %% test="transaction-count"
got = transaction_count(first_block)
assert got is not None, (
    "transaction_count gave nothing back yet. Does the last line of your function begin with return?"
)
assert got == 1, (
    f"The first block holds 1 transaction. Your function says {got!r}. "
    "The header takes bytes 0 to 79, so the number stands at position 80."
)
points = 2
busy_block = first_block[:80] + bytes([253, 44, 1])
got = transaction_count(busy_block)
if got != 300:
    points = 1
    print(
        "Right for quiet blocks. Now a busy one: its bytes 80, 81 and 82 are 253, 44 and 1, which "
        f"means 300 transactions (44 + 1 times 256). Your function says {got!r}."
    )
points
### BEGIN HIDDEN TESTS
from casework import open_case
from casework.marking import expected

truth = expected("crypto-1")
for quiet in (7, 252):
    assert transaction_count(first_block[:80] + bytes([quiet, 1, 2])) == quiet, (
        "transaction_count is right for the first block of all, but not for every quiet block."
    )
for raw, number in [
    (open_case("crypto-1").block, truth["transaction_count"]),
    (truth["unseen"]["block"], truth["unseen"]["transaction_count"]),
    (first_block[:80] + bytes([253, 253, 0]), 253),
]:
    if transaction_count(raw) != number:
        assert number > 252, "transaction_count is not right for the block of your case."
        points = 1
        print("A block with more than 252 transactions is not counted right.")
points
### END HIDDEN TESTS

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
