# Each test cell imports what it uses, because the judge runs it apart from the trainee's cells.
# ruff: noqa: F401, F811

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
import hashlib
from datetime import UTC, datetime

import matplotlib.pyplot as plt
import pandas as pd

import casework

casework.style()
casework.short_errors()
pd.set_option("display.max_colwidth", 24)  # long names are cut in the tables, not in the data
case = casework.open_case("crypto-1")
case

# %% [markdown]
# ## Look before you compute
#
# This is your block, byte by byte. Choose a field in the list, with the mouse or with the arrow keys,
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
