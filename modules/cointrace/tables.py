"""From columns of bytes to tables. Text is made once per distinct value, then taken by number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cointrace.addresses import addresses_of
from cointrace.blocks import HEADER_SIZE, Columns
from cointrace.errors import ChainError
from cointrace.networks import Network
from cointrace.order import Placed
from cointrace.primitives import write_compact_size
from cointrace.scripts import KINDS, kind_of

MOST_SATOSHI = 21_000_000 * 100_000_000
_COINBASE_INDEX = 0xFFFFFFFF


def block_table(blocks: list[Placed], counts: list[int], columns: Columns) -> pd.DataFrame:
    """Return one row per block; `counts` are its transactions, `columns` hold their sizes."""
    headers = [block.header for block in blocks]
    ends = np.cumsum(counts, dtype=np.int64)
    stripped = np.add.reduceat(columns.base_size, ends - counts) if blocks else ends
    frame = np.array([HEADER_SIZE + len(write_compact_size(count)) for count in counts], np.int64)
    size = np.array([len(block.raw.data) for block in blocks], np.int64)
    seconds = np.array([header.time for header in headers], np.int64)
    return pd.DataFrame(
        {
            "height": pd.array([block.height for block in blocks], dtype="Int64"),
            "hash": _text([_shown(header.hash) for header in headers]),
            "prev_hash": _text([_shown(header.prev_hash) for header in headers]),
            "merkle_root": _text([_shown(header.merkle_root) for header in headers]),
            "time": pd.DatetimeIndex(seconds.astype("M8[s]"), tz="UTC"),
            "version": np.array([header.version for header in headers], np.int64),
            "bits": np.array([header.bits for header in headers], np.int64),
            "nonce": np.array([header.nonce for header in headers], np.int64),
            "size": size,
            "weight": 3 * (stripped + frame) + size,
            "transactions": np.array(counts, np.int64),
        }
    )


def transaction_table(columns: Columns, blocks: pd.DataFrame) -> pd.DataFrame:
    """Return one row per transaction, in the order of the chain."""
    counts = blocks["transactions"].to_numpy()
    size = np.array(columns.size, np.int64)
    weight = 3 * np.array(columns.base_size, np.int64) + size
    position = np.arange(len(size)) - np.repeat(np.cumsum(counts) - counts, counts)
    txid = _text(_shown_each(b"".join(columns.txid), 32))
    alike = columns.wtxid == columns.txid  # so it is before segwit: no transaction has witnesses
    return pd.DataFrame(
        {
            "txid": txid,
            "wtxid": txid.copy() if alike else _text(_shown_each(b"".join(columns.wtxid), 32)),
            "height": blocks["height"].array.repeat(counts),
            "position": position,
            "coinbase": position == 0,
            "version": np.frombuffer(bytes(columns.tx_version), "<u4").astype(np.int64),
            "locktime": np.frombuffer(bytes(columns.locktime), "<u4").astype(np.int64),
            "size": size,
            "vsize": -(-weight // 4),
            "weight": weight,
            "inputs": np.array(columns.inputs_of, np.int64),
            "outputs": np.array(columns.outputs_of, np.int64),
        }
    )


def output_table(columns: Columns, txs: pd.DataFrame, network: Network) -> pd.DataFrame:
    """Return one row per output.

    Raises:
        ChainError: an amount is above 21 million bitcoin.
    """
    value = np.frombuffer(bytes(columns.value), "<u8")
    if (value > MOST_SATOSHI).any():
        row = int(np.argmax(value > MOST_SATOSHI))
        raise ChainError(
            f"an output carries {int(value[row]):,} satoshi, more than there can ever be",
            "no node would accept this, so take a fresh copy",
        )
    numbers: dict[bytes, int] = {}
    which = np.array(
        [numbers.setdefault(script, len(numbers)) for script in columns.script], np.intp
    )
    scripts = list(numbers)
    kinds = [kind_of(script) for script in scripts]
    codes = {kind: code for code, kind in enumerate(KINDS)}
    kind = np.array([codes[kind] for kind in kinds], np.intp)
    owner, n = _rows(columns.outputs_of)
    return pd.DataFrame(
        {
            "txid": txs["txid"].array.take(owner),
            "n": n,
            "height": txs["height"].array.take(owner),
            "value": value.astype(np.int64),
            "script": _text([script.hex() for script in scripts]).take(which),
            "kind": _text(list(KINDS)).take(kind[which]),
            "address": _text(addresses_of(scripts, kinds, network)).take(which),
        }
    )


def input_table(columns: Columns, txs: pd.DataFrame, outputs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per input, with what it spends where that output is in the chain."""
    owner, n = _rows(columns.inputs_of)
    vout = np.frombuffer(bytes(columns.outpoint), "<u4").reshape(-1, 9)[:, 8].astype(np.int64)
    spent_txid = _shown_each(bytes(columns.outpoint), 36)
    spent = _spent_rows(columns, spent_txid, txs["txid"].tolist(), vout)
    found = outputs[["address", "value", "kind"]]
    return pd.DataFrame(
        {
            "txid": txs["txid"].array.take(owner),
            "n": n,
            "height": txs["height"].array.take(owner),
            "spent_txid": _text(spent_txid),
            "spent_vout": vout,
            "sequence": np.frombuffer(bytes(columns.sequence), "<u4").astype(np.int64),
            "script_sig": _text(columns.script_sig),
            "witness": _text(columns.witness),
            "address": found["address"].array.take(spent, allow_fill=True),
            "value": found["value"].astype("Int64").array.take(spent, allow_fill=True),
            "kind": found["kind"].array.take(spent, allow_fill=True),
        }
    )


def _spent_rows(
    columns: Columns, spent_txid: list[str], txids: list[str], vout: np.ndarray
) -> np.ndarray:
    """Return for each input the row of the output that it spends, or -1 where it is not here."""
    outputs_of = np.array(columns.outputs_of, np.int64)
    first = np.cumsum(outputs_of) - outputs_of
    # Two coinbases of 2010 repeat an earlier id (BIP 30); the later one replaces it, as in a node.
    number = {txid: row for row, txid in enumerate(txids)}
    tx = np.array([number.get(txid, -1) for txid in spent_txid], np.int64)
    here = (tx >= 0) & (vout < outputs_of[tx])
    return np.where(here, first[tx] + vout, -1)


def _rows(counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the number of its transaction, and its own number in there."""
    many = np.array(counts, np.int64)
    owner = np.repeat(np.arange(len(many)), many)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(many) - many, many)


def _text(values: list[str | None]) -> pd.api.extensions.ExtensionArray:
    return pd.array(values, dtype="str")


def _shown(digest: bytes) -> str:
    """Return a hash as people write it: the stored bytes from last to first, in hexadecimal."""
    return digest[::-1].hex()


def _shown_each(joined: bytes, width: int) -> list[str]:
    """Return the hashes at the start of each `width` bytes as people write them."""
    digests = np.frombuffer(joined, np.uint8).reshape(-1, width)[:, 31::-1]
    text = digests.tobytes().hex()
    return [text[at : at + 64] for at in range(0, len(text), 64)]
