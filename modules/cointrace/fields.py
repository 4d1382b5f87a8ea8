"""What does each byte of a block mean? The fields one after another, with words and values.

Sources: the Bitcoin protocol's block and transaction layout, BIP 34 (height in the coinbase),
BIP 68 (sequence), BIP 113 (locktime), BIP 144 (witnesses).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cointrace.addresses import address_of
from cointrace.blocks import HEADER_SIZE, NO_OUTPUT, read_block
from cointrace.order import target_of
from cointrace.primitives import compact_size
from cointrace.scripts import kind_of

_HEADER = (
    ("Version", 4, "Says which rules the miner was ready to follow."),
    (
        "Hash of the previous block",
        32,
        "Names the block before this one; so blocks form a chain. It is stored from its last byte to "
        "its first, and written the other way round.",
    ),
    (
        "Merkle root",
        32,
        "One hash that stands for all transactions of the block: change one of them and it differs. "
        "Stored from its last byte to its first.",
    ),
    (
        "Time",
        4,
        "When the miner says the block was made: seconds since 1 January 1970, 00:00 UTC, the lowest "
        "byte first. It is the miner's clock and can be off by two hours.",
    ),
    (
        "Target (bits)",
        4,
        "How hard the work was: the hash of this header, read as a number, may not be above this one.",
    ),
    ("Nonce", 4, "The number that the miner varied until the hash of the header was low enough."),
)
_SIZE = "Up to 252 this is one byte; fd says that two bytes follow, fe four, ff eight."
_LOCKS = {
    "p2pk": "to whoever signs with this public key",
    "p2pkh": "to whoever signs with the key that has this hash",
    "p2sh": "to whoever knows a script with this hash and meets its conditions",
    "p2wpkh": "to whoever signs with the key that has this hash (segwit)",
    "p2wsh": "to whoever knows a script with this hash and meets its conditions (segwit)",
    "p2tr": "to whoever holds this taproot key, or a condition hidden in it",
    "multisig": "to several keys, some of which must sign",
    "op_return": "to nobody: it only carries a note",
    "other": "under a condition of an unusual form",
}


@dataclass(frozen=True, slots=True)
class Field:
    """Bytes `start` to `end` - 1 of a block: `part` is "Header" or "Transaction 1", and so on.

    `value` is what the bytes say, `meaning` what that is for; both are text for people.
    """

    part: str
    name: str
    start: int
    end: int
    value: str
    meaning: str


def block_fields(
    raw: bytes, network: str = "regtest", *, transactions: int = 2, most: int = 3
) -> list[Field]:
    """Return the fields of a block's header and first transactions, in the order of the bytes.

    No byte of these is left out: what is not shown one by one is shown as one field.

    Args:
        raw: the block.
        network: decides how addresses are written.
        transactions: how many transactions to show.
        most: how many inputs and how many outputs of each transaction to show one by one.

    Raises:
        ChainError: these bytes are not a block.
    """
    _, columns = read_block(raw)
    fields = list(_header(raw))
    count, at = compact_size(raw, HEADER_SIZE)
    meaning = f"How many transactions follow. {_SIZE}"
    fields.append(Field("Header", "Number of transactions", HEADER_SIZE, at, f"{count:,}", meaning))
    for number in range(min(transactions, count)):
        fields += _Transaction(raw, at, f"Transaction {number + 1}", network, most).fields()
        at += columns.size[number]
    return fields


def _header(raw: bytes) -> Iterator[Field]:
    start = 0
    for name, size, meaning in _HEADER:
        end = start + size
        number = int.from_bytes(raw[start:end], "little")
        value = f"{number:,}"
        if size == 32:
            value = raw[start:end][::-1].hex()
        elif name == "Time":
            value = f"{datetime.fromtimestamp(number, UTC):%Y-%m-%d %H:%M:%S} UTC ({number:,})"
        elif name.startswith("Target"):
            value = f"{target_of(number):064x}"
        yield Field("Header", name, start, end, value, meaning)
        start = end


class _Transaction:
    """Walks through the bytes of one transaction that is known to be whole."""

    def __init__(self, raw: bytes, start: int, part: str, network: str, most: int) -> None:
        self.raw = raw
        self.at = start
        self.part = part
        self.network = network
        self.most = most

    def fields(self) -> Iterator[Field]:
        yield self._number("Version", "The version of the rules for this transaction.")
        segwit = self.raw[self.at] == 0
        if segwit:
            yield self._take("Witness mark", 2, "present", "Signatures stand at the end, apart.")
        inputs = self._next_size()
        yield self._size("Number of inputs", "How many earlier outputs are spent.")
        yield from self._several("Input", inputs, self._input)
        outputs = self._next_size()
        yield self._size("Number of outputs", "How many new outputs are made.")
        yield from self._several("Output", outputs, self._output)
        if segwit:
            yield from self._several("Witness", inputs, self._witness)
        yield self._number(
            "Locktime",
            "0 means no limit. Below 500,000,000 it is a block height, from there on a time: the "
            "transaction may not enter a block before.",
        )

    def _several(
        self, name: str, count: int, one: Callable[[str], Iterator[Field]]
    ) -> Iterator[Field]:
        """Yield the first ones field by field, and the rest as one field."""
        for number in range(1, min(count, self.most) + 1):
            yield from one(f"{name} {number}")
        start = self.at
        for number in range(self.most + 1, count + 1):
            for _ in one(f"{name} {number}"):
                pass
        if self.at > start:
            rest = f"{name} {self.most + 1:,}" + (f" to {count:,}" if count > self.most + 1 else "")
            value = f"{self.at - start:,} bytes"
            yield Field(self.part, rest, start, self.at, value, "More of the same kind.")

    def _input(self, name: str) -> Iterator[Field]:
        made = self.raw[self.at : self.at + 36] == NO_OUTPUT
        txid = self.raw[self.at : self.at + 32][::-1].hex()
        yield self._take(
            f"{name}: transaction",
            32,
            "none: new coins" if made else txid,
            "The transaction that made the output which is spent here. Stored from its last byte to "
            "its first. A coinbase, the first transaction of a block, spends nothing: all zeros.",
        )
        yield self._number(
            f"{name}: output", "Which output of that transaction it is, counted from 0."
        )
        size = self._next_size()
        yield self._size(f"{name}: length of script", "How many bytes the script has.")
        meaning = (
            "The miner's own text. It begins with the height of the block."
            if made
            else "What opens the lock of the spent output: a signature and a key, in older forms."
        )
        if size:
            yield self._take(f"{name}: script", size, f"{size:,} bytes", meaning)
        yield self._number(
            f"{name}: sequence",
            "At the highest value (4,294,967,295) nothing is asked. Lower values can make the "
            "transaction replaceable, or make it wait.",
        )

    def _output(self, name: str) -> Iterator[Field]:
        satoshi = int.from_bytes(self.raw[self.at : self.at + 8], "little")
        yield self._take(
            f"{name}: amount",
            8,
            f"{satoshi:,} satoshi",
            "How much goes to this output. 100,000,000 satoshi are one bitcoin. The lowest byte comes "
            "first.",
        )
        size = self._next_size()
        yield self._size(f"{name}: length of script", "How many bytes the lock has.")
        if size:
            script = self.raw[self.at : self.at + size]
            kind = kind_of(script)
            address = address_of(script, self.network) or "no address"
            meaning = f"The lock. The amount goes {_LOCKS[kind]}."
            yield self._take(f"{name}: script", size, f"{address} ({kind})", meaning)

    def _witness(self, name: str) -> Iterator[Field]:
        items, end = compact_size(self.raw, self.at)
        for _ in range(items):
            size, end = compact_size(self.raw, end)
            end += size
        yield self._take(
            name,
            end - self.at,
            f"{items:,} item" + ("" if items == 1 else "s"),
            "What opens the lock of the output that the input of this number spends, such as a "
            "signature and a key. First the number of items, then each with its length before it.",
        )

    def _number(self, name: str, meaning: str) -> Field:
        value = int.from_bytes(self.raw[self.at : self.at + 4], "little")
        return self._take(name, 4, f"{value:,}", f"{meaning} The lowest byte comes first.")

    def _size(self, name: str, meaning: str) -> Field:
        value, after = compact_size(self.raw, self.at)
        return self._take(name, after - self.at, f"{value:,}", f"{meaning} {_SIZE}")

    def _next_size(self) -> int:
        return compact_size(self.raw, self.at)[0]

    def _take(self, name: str, size: int, value: str, meaning: str) -> Field:
        start, self.at = self.at, self.at + size
        return Field(self.part, name, start, self.at, value, meaning)
