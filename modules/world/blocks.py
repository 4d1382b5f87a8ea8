"""How is a block made? Coinbase, commitments, header, and the little work that regtest asks for.

Sources: BIP 34 (height), 141 (witness commitment), and the regtest parameters of Bitcoin Core
(`kernel/chainparams.cpp`): halving every 150 blocks, target 0x207fffff, genesis of 2 February 2011.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from embit import compact
from embit.hashes import double_sha256
from embit.script import Script, Witness
from embit.transaction import Transaction, TransactionInput, TransactionOutput

from .errors import WorldError
from .scripts import height_push, push, remark
from .signing import Signed, finish

MAGIC = bytes.fromhex("fabfb5da")
GENESIS_TIME = 1_296_688_602
GENESIS_HASH = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
MAX_WEIGHT = 4_000_000
_BITS = 0x207FFFFF
_TARGET = 0x7FFFFF << (8 * (0x20 - 3))
_VERSION = 0x20000000
_HALVING = 150


@dataclass(frozen=True, slots=True)
class Block:
    """A finished block; hash as 32 bytes in display order, time in Unix seconds."""

    height: int
    hash: bytes
    time: int
    raw: bytes


def subsidy(height: int) -> int:
    """Return the new satoshi that the block at `height` may create on regtest."""
    return (50 * 100_000_000) >> (height // _HALVING)


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle root of hashes in wire order (an odd row repeats its last)."""
    row = list(leaves)
    while len(row) > 1:
        if len(row) % 2:
            row.append(row[-1])
        row = [double_sha256(row[at] + row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def coinbase(
    height: int, rewards: Sequence[tuple[int, bytes]], tag: str, others: Sequence[Signed]
) -> Signed:
    """Make the coinbase of the block at `height`; `rewards` are satoshi and script of each miner.

    `tag` is the finder's mark in the input; `others` are the transactions whose witnesses the
    last output commits to.
    """
    reserved = bytes(32)
    root = merkle_root([bytes(32), *(tx.wtxid[::-1] for tx in others)])
    commitment = b"\xaa\x21\xa9\xed" + double_sha256(root + reserved)
    source = TransactionInput(
        bytes(32),
        0xFFFFFFFF,
        Script(height_push(height) + push(tag.encode("ascii"))),
        0xFFFFFFFF,
        Witness([reserved]),
    )
    outputs = [TransactionOutput(value, Script(script)) for value, script in rewards]
    outputs.append(TransactionOutput(0, Script(remark(commitment))))
    return finish(Transaction(2, [source], outputs, 0))


def mine(height: int, previous: bytes, time: int, transactions: Sequence[Signed]) -> Block:
    """Seal `transactions` (coinbase first) into a block after `previous` (hash, display order)."""
    weight = sum(tx.weight for tx in transactions) + 4 * 83
    if weight > MAX_WEIGHT:
        raise WorldError(
            f"block {height} would weigh {weight} units, more than {MAX_WEIGHT}; plan fewer payments"
        )
    root = merkle_root([tx.txid[::-1] for tx in transactions])
    start = _VERSION.to_bytes(4, "little") + previous[::-1] + root
    start += time.to_bytes(4, "little") + _BITS.to_bytes(4, "little")
    nonce = 0
    while True:
        header = start + nonce.to_bytes(4, "little")
        digest = double_sha256(header)
        if int.from_bytes(digest, "little") <= _TARGET:
            break
        nonce += 1
    body = compact.to_bytes(len(transactions)) + b"".join(tx.raw for tx in transactions)
    return Block(height, digest[::-1], time, header + body)


def genesis() -> Block:
    """Return the regtest genesis block, rebuilt from its parts and checked against its hash."""
    message = b"The Times 03/Jan/2009 Chancellor on brink of second bailout for banks"
    key = bytes.fromhex(
        "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"
        "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
    )
    script = push((0x1D00FFFF).to_bytes(4, "little")) + push(b"\x04") + push(message)
    source = TransactionInput(bytes(32), 0xFFFFFFFF, Script(script))
    output = TransactionOutput(50 * 100_000_000, Script(push(key) + b"\xac"))
    tx = finish(Transaction(1, [source], [output], 0))
    header = (1).to_bytes(4, "little") + bytes(32) + tx.txid[::-1]
    header += GENESIS_TIME.to_bytes(4, "little") + _BITS.to_bytes(4, "little")
    header += (2).to_bytes(4, "little")
    digest = double_sha256(header)[::-1]
    if digest.hex() != GENESIS_HASH:
        raise WorldError("the genesis block does not hash to regtest's; reinstall embit")
    return Block(0, digest, GENESIS_TIME, header + b"\x01" + tx.raw)


def framed(blocks: Sequence[Block]) -> bytes:
    """Return the blocks as a node keeps them in blk00000.dat: magic, length, block."""
    return b"".join(MAGIC + len(each.raw).to_bytes(4, "little") + each.raw for each in blocks)
