"""Make small regtest blocks by hand, so that tests know every byte of what they read."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from hashlib import sha256

MAGIC = bytes.fromhex("fabfb5da")
BITS = 0x207FFFFF
NOTHING = (b"\0" * 32, 0xFFFFFFFF)
# The parts of Bitcoin's first block, which regtest shares but for time and nonce (chainparams.cpp).
HEADLINE = b"The Times 03/Jan/2009 Chancellor on brink of second bailout for banks"
FIRST_KEY = bytes.fromhex(
    "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec1"
    "12de5c384df7ba0b8d578a4c702b6bf11d5f"
)


def twice(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


def sized(count: int) -> bytes:
    """CompactSize, written by hand."""
    if count < 253:
        return bytes([count])
    return b"\xfd" + struct.pack("<H", count)


@dataclass
class Tx:
    """A transaction in the making: inputs (txid in stored order, index), outputs (value, script)."""

    inputs: list[tuple[bytes, int]]
    outputs: list[tuple[int, bytes]]
    script_sig: bytes = b""
    witness: list[bytes] = field(default_factory=list)
    version: int = 2
    locktime: int = 0

    def write(self, with_witness: bool = True) -> bytes:
        marked = bool(self.witness) and with_witness
        parts = [struct.pack("<I", self.version), b"\0\1" if marked else b""]
        parts.append(sized(len(self.inputs)))
        for txid, index in self.inputs:
            script = sized(len(self.script_sig)) + self.script_sig
            parts.append(txid + struct.pack("<I", index) + script + b"\xff" * 4)
        parts.append(sized(len(self.outputs)))
        for value, script in self.outputs:
            parts.append(struct.pack("<q", value) + sized(len(script)) + script)
        if marked:
            stack = b"".join(sized(len(item)) + item for item in self.witness)
            parts += [sized(len(self.witness)) + stack] * len(self.inputs)
        return b"".join([*parts, struct.pack("<I", self.locktime)])

    @property
    def txid(self) -> bytes:
        return twice(self.write(with_witness=False))


def root(level: list[bytes]) -> bytes:
    while len(level) > 1:
        if len(level) % 2:
            level = [*level, level[-1]]
        level = [twice(level[i] + level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def coinbase(height: int, txs: list[Tx]) -> Tx:
    """The first transaction of a block: it states the height, and commits to witnesses if any."""
    first = Tx(
        [NOTHING],
        [(50_0000_0000, b"\x51")],
        script_sig=b"\x03" + height.to_bytes(3, "little") + b"\0",
    )
    if any(tx.witness for tx in txs):
        first.witness = [bytes(32)]
        witnesses = root([bytes(32), *(twice(tx.write()) for tx in txs)])
        commitment = twice(witnesses + bytes(32))
        first.outputs.append((0, bytes.fromhex("6a24aa21a9ed") + commitment))
    return first


def mined(
    prev: bytes, txs: list[Tx], time: int, *, nonce: int = 0, version: int = 0x20000000
) -> bytes:
    """Exactly these transactions under a header whose hash meets the target of regtest."""
    merkle = root([tx.txid for tx in txs])
    while True:
        header = struct.pack("<i32s32sIII", version, prev, merkle, time, BITS, nonce)
        if twice(header)[31] < 0x7F:
            return header + sized(len(txs)) + b"".join(tx.write() for tx in txs)
        nonce += 1


def block_hash(raw: bytes) -> bytes:
    return twice(raw[:80])


def framed(*blocks: bytes) -> bytes:
    return b"".join(MAGIC + struct.pack("<I", len(raw)) + raw for raw in blocks)


def genesis() -> bytes:
    note = bytes.fromhex("04ffff001d0104") + bytes([len(HEADLINE)]) + HEADLINE
    lock = b"\x41" + FIRST_KEY + b"\xac"
    first = Tx([NOTHING], [(50_0000_0000, lock)], script_sig=note, version=1)
    return mined(bytes(32), [first], 1_296_688_602, nonce=2, version=1)


def pay_to_hash(octet: int) -> bytes:
    """A p2wpkh lock; `octet` tells one from another."""
    return b"\x00\x14" + bytes([octet]) * 20


def small_chain(length: int = 4) -> list[bytes]:
    """A genesis block and `length` - 1 more; each but the first spends the coinbase before it.

    It pays 1 bitcoin to the hash 07...07, 48.9999 to a hash of its height, and 0.0001 as fee.
    """
    blocks = [genesis()]
    earlier: Tx | None = None
    for height in range(1, length):
        payment = Tx(
            [(earlier.txid, 0)] if earlier else [],
            [(1_0000_0000, pay_to_hash(7)), (48_9999_0000, pay_to_hash(100 + height))],
            witness=[b"\x01" * 71, b"\x02" * 33],
        )
        txs = [payment] if earlier else []
        earlier = coinbase(height, txs)
        time = 1_300_000_000 + 600 * height
        blocks.append(mined(block_hash(blocks[-1]), [earlier, *txs], time))
    return blocks
