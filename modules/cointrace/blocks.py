"""One block, from raw bytes to columns: header, transactions, inputs, outputs.

The layout is that of the Bitcoin protocol (`CBlock`, `CTransaction`; BIP 144 for witnesses). Reading
is total: bytes either are one whole block or raise one `ChainError` with the offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct

from cointrace.errors import ChainError, bytes_in_words
from cointrace.merkle import check_roots
from cointrace.primitives import CUT_REMEDY, compact_size, double_sha256

HEADER_SIZE = 80
LARGEST_BLOCK = 4_000_000  # BIP 141: no block weighs more, and a byte weighs at least one unit
_SMALLEST_TRANSACTION = 60  # 4 version, 1 + 41 one input, 1 + 9 one output, 4 locktime
_HEADER = Struct("<i32s32sIII")
NO_OUTPUT = b"\0" * 32 + b"\xff" * 4
_ALTERED_REMEDY = "the data were altered or are not a block, so take a fresh copy"


@dataclass(frozen=True, slots=True)
class Header:
    """The 80 bytes on top of a block. Hashes are in stored order, `time` is Unix seconds (UTC)."""

    version: int
    prev_hash: bytes
    merkle_root: bytes
    time: int
    bits: int
    nonce: int
    hash: bytes


@dataclass(slots=True)
class Columns:
    """What one or more blocks hold, as columns. Bytes stay bytes until tables are made.

    Transactions: `txid`, `wtxid`, `tx_version`, `locktime`, `size`, `base_size` (without witness),
    `inputs_of`, `outputs_of` (counts). Inputs: `outpoint` (36 bytes: txid, index), `script_sig`,
    `sequence` (4 bytes each, joined), `witness`. Outputs: `value` (8 bytes each, joined), `script`.
    """

    txid: list[bytes] = field(default_factory=list)
    wtxid: list[bytes] = field(default_factory=list)
    tx_version: list[int] = field(default_factory=list)
    locktime: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    base_size: list[int] = field(default_factory=list)
    inputs_of: list[int] = field(default_factory=list)
    outputs_of: list[int] = field(default_factory=list)
    outpoint: list[bytes] = field(default_factory=list)
    script_sig: list[str] = field(default_factory=list)
    sequence: bytearray = field(default_factory=bytearray)
    witness: list[str] = field(default_factory=list)
    value: bytearray = field(default_factory=bytearray)
    script: list[bytes] = field(default_factory=list)

    def extend(self, other: Columns) -> None:
        """Append the rows of `other`."""
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))


def read_header(raw: bytes) -> Header:
    """Read the first 80 bytes of a block.

    Raises:
        ChainError: there are fewer than 80 bytes.
    """
    if len(raw) < HEADER_SIZE:
        raise ChainError(
            f"a block begins with {HEADER_SIZE} bytes, but only {len(raw)} are here",
            CUT_REMEDY,
            len(raw),
        )
    return Header(*_HEADER.unpack_from(raw), hash=double_sha256(raw[:HEADER_SIZE]))


def read_block(raw: bytes) -> tuple[Header, Columns]:
    """Read one whole block and check that its transactions are those its header commits to.

    Args:
        raw: the block, without the mark and length that precede it in a blk file.

    Raises:
        ChainError: the block is cut, has bytes behind its end, impossible counts, no coinbase
            where one belongs, or transactions that its header does not commit to.
    """
    header = read_header(raw)
    count, at = compact_size(raw, HEADER_SIZE)
    if not 1 <= count <= (len(raw) - at) // _SMALLEST_TRANSACTION:
        raise ChainError(
            f"{count:,} transactions cannot stand in the {len(raw) - at:,} bytes that follow",
            _ALTERED_REMEDY,
            HEADER_SIZE,
        )
    columns = Columns()
    for position in range(count):
        try:
            at = _read_transaction(raw, at, columns)
        except IndexError:
            at = len(raw) + 1
        if at > len(raw):
            raise ChainError(
                f"the block ends inside transaction {position + 1:,} of {count:,}",
                CUT_REMEDY,
                len(raw),
            )
    left = len(raw) - at
    if left:
        raise ChainError(
            f"{bytes_in_words(left)} {'follows' if left == 1 else 'follow'} after the end of the block",
            "remove them, or read the file as it was stored, with its marks",
            at,
        )
    _check_coinbase(columns)
    check_roots(header.merkle_root, columns)
    return header, columns


def _read_transaction(raw: bytes, start: int, columns: Columns) -> int:
    """Read the transaction at `start`; return the offset after it.

    Offsets only grow, so one comparison by the caller finds every slice that ran past the end.
    The one-byte size numbers are read in place: nearly all are of that form.
    """
    at = start + 4
    segwit = raw[at] == 0
    if segwit:
        if raw[at + 1] != 1:
            raise ChainError(
                "a transaction has neither inputs nor the witness mark", _ALTERED_REMEDY, at
            )
        at += 2
    body = at

    count = raw[at]
    at += 1
    if count >= 0xFD:
        count, at = compact_size(raw, at - 1)
    if count == 0 or count * 41 > len(raw) - at:
        raise _impossible(count, "inputs", at)
    columns.inputs_of.append(count)
    for _ in range(count):
        script = at + 37
        size = raw[at + 36]
        if size >= 0xFD:
            size, script = compact_size(raw, at + 36)
        end = script + size
        columns.outpoint.append(raw[at : at + 36])
        columns.script_sig.append(raw[script:end].hex())
        at = end + 4
        columns.sequence += raw[end:at]

    outputs = raw[at]
    at += 1
    if outputs >= 0xFD:
        outputs, at = compact_size(raw, at - 1)
    if outputs == 0 or outputs * 9 > len(raw) - at:
        raise _impossible(outputs, "outputs", at)
    columns.outputs_of.append(outputs)
    for _ in range(outputs):
        script = at + 9
        size = raw[at + 8]
        if size >= 0xFD:
            size, script = compact_size(raw, at + 8)
        columns.value += raw[at : at + 8]
        at = script + size
        columns.script.append(raw[script:at])

    body_end = at
    if segwit:
        at = _read_witnesses(raw, at, count, columns)
    else:
        columns.witness += [""] * count
    end = at + 4
    columns.tx_version.append(int.from_bytes(raw[start : start + 4], "little"))
    columns.locktime.append(int.from_bytes(raw[at:end], "little"))
    columns.size.append(end - start)
    whole = double_sha256(raw[start:end])
    columns.wtxid.append(whole)
    if segwit:
        base = raw[start : start + 4] + raw[body:body_end] + raw[at:end]
        columns.base_size.append(len(base))
        columns.txid.append(double_sha256(base))
    else:
        columns.base_size.append(end - start)
        columns.txid.append(whole)
    return end


def _read_witnesses(raw: bytes, at: int, inputs: int, columns: Columns) -> int:
    """Read one stack of items for each input (BIP 144); return the offset after the last."""
    begin = at
    empty = True
    for _ in range(inputs):
        items = raw[at]
        at += 1
        if items >= 0xFD:
            items, at = compact_size(raw, at - 1)
        stack = []
        for _ in range(items):
            size = raw[at]
            item = at + 1
            if size >= 0xFD:
                size, item = compact_size(raw, at)
            at = item + size
            # An empty item is written "0", as Bitcoin Core writes it: "" means no witness.
            stack.append(raw[item:at].hex() if size else "0")
        empty = empty and not items
        columns.witness.append(" ".join(stack))
    if empty:
        raise ChainError(
            "a transaction has the witness mark but no witness", _ALTERED_REMEDY, begin
        )
    return at


def _impossible(count: int, what: str, at: int) -> ChainError:
    return ChainError(
        f"a transaction cannot have {count:,} {what} here", _ALTERED_REMEDY, max(0, at - 1)
    )


def _check_coinbase(columns: Columns) -> None:
    """The first transaction makes new coins and spends nothing; all others spend something."""
    if columns.inputs_of[0] != 1 or columns.outpoint[0] != NO_OUTPUT:
        raise ChainError(
            "the first transaction is not a coinbase, which makes new coins", _ALTERED_REMEDY
        )
    if NO_OUTPUT in columns.outpoint[1:]:
        raise ChainError("a second coinbase stands in the block", _ALTERED_REMEDY)
