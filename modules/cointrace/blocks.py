"""One block, from raw bytes to columns: header, transactions, inputs, outputs.

The layout is that of the Bitcoin protocol (`CBlock`, `CTransaction`; BIP 144 for witnesses). Reading
is total: bytes either are one whole block or raise one `ChainError` with the offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
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

    Transactions: `txid`, `wtxid`, `size`, `base_size` (without witness), `inputs_of`, `outputs_of`
    (counts). Inputs: `script_sig` and `witness` (hexadecimal). Outputs: `script`. Fields of one width
    are joined: `tx_version`, `locktime`, `sequence` (4 bytes each), `outpoint` (36: txid, index),
    `value` (8).
    """

    txid: list[bytes] = field(default_factory=list)
    wtxid: list[bytes] = field(default_factory=list)
    tx_version: bytearray = field(default_factory=bytearray)
    locktime: bytearray = field(default_factory=bytearray)
    size: list[int] = field(default_factory=list)
    base_size: list[int] = field(default_factory=list)
    inputs_of: list[int] = field(default_factory=list)
    outputs_of: list[int] = field(default_factory=list)
    outpoint: bytearray = field(default_factory=bytearray)
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
    try:
        at = _read_transactions(raw, at, count, columns)
    except IndexError:
        at = len(raw) + 1
    if at > len(raw):
        place = max(1, len(columns.inputs_of))
        raise ChainError(
            f"the block ends inside transaction {place:,} of {count:,}", CUT_REMEDY, len(raw)
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


def _read_transactions(raw: bytes, at: int, count: int, columns: Columns) -> int:
    """Read `count` transactions from byte `at` on; return the offset after the last.

    Offsets only grow, so one comparison at the end finds every slice that ran past the end. The
    one-byte size numbers are read in place: nearly all are of that form. Text is cut out of the
    block's text, which is faster than making it for each script.
    """
    text = raw.hex()
    outpoint, sequence, value, witness = (
        columns.outpoint,
        columns.sequence,
        columns.value,
        columns.witness,
    )
    add_script_sig, add_script = columns.script_sig.append, columns.script.append
    add_inputs, add_outputs = columns.inputs_of.append, columns.outputs_of.append
    starts: list[int] = []
    stripped: list[tuple[int, int, int]] = []
    for number in range(count):
        starts.append(at)
        at += 4
        segwit = raw[at] == 0
        if segwit:
            _check_mark(raw, at)
            at += 2
        body = at
        inputs = raw[at]
        at += 1
        if inputs >= 0xFD:
            inputs, at = compact_size(raw, at - 1)
        if inputs == 0 or inputs * 41 > len(raw) - at:
            raise _impossible(inputs, "inputs", at)
        add_inputs(inputs)
        for _ in range(inputs):
            script = at + 37
            size = raw[at + 36]
            if size >= 0xFD:
                size, script = compact_size(raw, at + 36)
            outpoint += raw[at : at + 36]
            at = script + size
            add_script_sig(text[2 * script : 2 * at])
            sequence += raw[at : at + 4]
            at += 4
        outputs = raw[at]
        at += 1
        if outputs >= 0xFD:
            outputs, at = compact_size(raw, at - 1)
        if outputs == 0 or outputs * 9 > len(raw) - at:
            raise _impossible(outputs, "outputs", at)
        add_outputs(outputs)
        for _ in range(outputs):
            script = at + 9
            size = raw[at + 8]
            if size >= 0xFD:
                size, script = compact_size(raw, at + 8)
            value += raw[at : at + 8]
            at = script + size
            add_script(raw[script:at])
        if segwit:
            stripped.append((number, body, at))
            at = _read_witnesses(raw, text, at, inputs, columns)
        else:
            witness += [""] * inputs
        at += 4
    if at <= len(raw):
        _add_ids(raw, [*starts, at], stripped, columns)
    return at


def _add_ids(
    raw: bytes, starts: list[int], stripped: list[tuple[int, int, int]], columns: Columns
) -> None:
    """Add what concerns a transaction as a whole: ids, sizes, version and locktime.

    The id is the hash of all but the witness mark and the witnesses (BIP 141).

    Args:
        raw: the block.
        starts: where each transaction begins, and where the last one ends.
        stripped: of each transaction with witnesses its number, and where its inputs and outputs
            begin and end.
        columns: the columns to fill.
    """
    spans = list(pairwise(starts))
    columns.wtxid = [sha256(sha256(raw[a:b]).digest()).digest() for a, b in spans]
    columns.size = [b - a for a, b in spans]
    columns.tx_version = bytearray().join([raw[a : a + 4] for a, _ in spans])
    columns.locktime = bytearray().join([raw[b - 4 : b] for _, b in spans])
    columns.txid = columns.wtxid.copy()
    columns.base_size = columns.size.copy()
    for number, begin, end in stripped:
        first, last = spans[number]
        base = raw[first : first + 4] + raw[begin:end] + raw[last - 4 : last]
        columns.txid[number] = double_sha256(base)
        columns.base_size[number] = len(base)


def _check_mark(raw: bytes, at: int) -> None:
    if raw[at + 1] != 1:
        raise ChainError(
            "a transaction has neither inputs nor the witness mark", _ALTERED_REMEDY, at
        )


def _read_witnesses(raw: bytes, text: str, at: int, inputs: int, columns: Columns) -> int:
    """Read one stack of items for each input (BIP 144); return the offset after the last."""
    begin = at
    empty = True
    add = columns.witness.append
    for _ in range(inputs):
        items = raw[at]
        at += 1
        if not items:
            add("")
            continue
        empty = False
        if items >= 0xFD:
            items, at = compact_size(raw, at - 1)
        stack = []
        for _ in range(items):
            size = raw[at]
            at += 1
            if size >= 0xFD:
                size, at = compact_size(raw, at - 1)
            item = at
            at += size
            # An empty item is written "0", as Bitcoin Core writes it: "" means no witness.
            stack.append(text[2 * item : 2 * at] if size else "0")
        add(" ".join(stack))
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
    if columns.inputs_of[0] != 1 or columns.outpoint[:36] != NO_OUTPUT:
        raise ChainError(
            "the first transaction is not a coinbase, which makes new coins", _ALTERED_REMEDY
        )
    at = columns.outpoint.find(NO_OUTPUT, 36)
    while at > 0 and at % 36:  # the same bytes across two fields mean nothing
        at = columns.outpoint.find(NO_OUTPUT, at + 1)
    if at > 0:
        raise ChainError("a second coinbase stands in the block", _ALTERED_REMEDY)
