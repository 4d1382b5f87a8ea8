"""Pick out the few transactions that could be a CoinJoin, and say of each what its rules look at.

Most transactions are set aside by whole-column arithmetic, so that the rules, which look at one
transaction at a time, see only some in a hundred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cointrace.coinjoins.denominations import (
    POOL_WINDOWS,
    TELLING,
)
from cointrace.errors import ChainError
from cointrace.numbering import number_runs

if TYPE_CHECKING:
    from cointrace.chain import Chain

LEAST_EQUAL = 3
_INPUT_COLUMNS = ("value", "kind", "address", "witness", "script_sig")
_OUTPUT_COLUMNS = ("value", "kind", "script", "address")


@dataclass(frozen=True)
class Shape:
    """What the rules look at in one transaction. Amounts are satoshi.

    Attributes:
        txid: its id.
        time: of its block, or None.
        in_values: of each input, None where the output that it spends is not known.
        in_owners: what tells one input's key from another's: its address, or the key it shows.
        in_kinds: kind of each output spent, None where it is not known.
        out_values: of each output that can be spent.
        out_owners: the scripts (or addresses) of these outputs.
        out_kinds: their kinds.
        notes: bytes carried by each OP_RETURN output, its push opcodes left out; -1 where unknown.
    """

    txid: str
    time: pd.Timestamp | None
    in_values: tuple[int | None, ...]
    in_owners: tuple[str, ...]
    in_kinds: tuple[str | None, ...]
    out_values: tuple[int, ...]
    out_owners: tuple[str | None, ...]
    out_kinds: tuple[str | None, ...]
    notes: tuple[int, ...]

    @cached_property
    def often(self) -> tuple[int, int]:
        """Return the most frequent amount among the outputs (the larger of equals), and how often."""
        value, count = max(self.counts.items(), key=lambda pair: (pair[1], pair[0]))
        return value, count

    @cached_property
    def counts(self) -> Counter[int]:
        """Return how often each amount is among the outputs."""
        return Counter(self.out_values)

    @cached_property
    def spenders(self) -> int:
        """Return how many different keys spend: the most persons there can be."""
        return len(set(self.in_owners))

    @cached_property
    def receivers(self) -> int:
        """Return how many different scripts are paid."""
        return len(set(self.out_owners))

    @cached_property
    def funded(self) -> bool:
        """Say whether the amount of every input is known."""
        return None not in self.in_values


def possible_shapes(chain: Chain) -> Iterator[Shape]:
    """Yield the transactions that any rule could accept, in the order of the chain's outputs.

    Raises:
        ChainError: a table lacks a column that is needed, or an output has no amount.
    """
    inputs, outputs = chain.inputs, chain.outputs
    _require(inputs, "inputs", ("txid",))
    _require(outputs, "outputs", ("txid", "value"))
    if outputs["value"].isna().any():
        row = int(np.argmax(outputs["value"].isna()))
        raise ChainError(
            f"the output in row {row:,} has no amount", "every output needs its value in satoshi"
        )
    tx, txids = number_runs(outputs["txid"])
    spent, spenders = number_runs(inputs["txid"])
    spent = txids.get_indexer(spenders)[spent]
    times = _times(chain)
    chosen = _possible(tx, outputs, spent, len(txids))
    if "coinbase" in chain.txs.columns and len(chain.txs):
        made = txids.get_indexer(chain.txs["txid"][chain.txs["coinbase"].astype(bool)])
        chosen = np.setdiff1d(chosen, made)
    if not len(chosen):
        return
    taken, out_ends = _picked(outputs, _OUTPUT_COLUMNS, tx, chosen)
    given, in_ends = _picked(inputs, _INPUT_COLUMNS, spent, chosen)
    for number, out, given_here in zip(chosen, out_ends, in_ends, strict=True):
        shape = _shape(
            txids[number],
            times.get(txids[number]),
            {name: values[given_here] for name, values in given.items()},
            {name: values[out] for name, values in taken.items()},
        )
        if shape.out_values:
            yield shape


def _require(table: pd.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    for column in columns:
        if column not in table.columns:
            raise ChainError(
                f"the table of {name} has no column {column!r}", "give the tables of a Chain"
            )


def _possible(
    tx: np.ndarray, outputs: pd.DataFrame, spent: np.ndarray, transactions: int
) -> np.ndarray:
    """Return the numbers of the transactions that deserve a look."""
    value = outputs["value"].to_numpy(dtype=np.int64)
    inputs = np.bincount(spent[spent >= 0], minlength=transactions)
    order = np.lexsort((value, tx))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(tx[order]) != 0) | (np.diff(value[order]) != 0)
    begins = np.flatnonzero(new)
    equal = np.zeros(transactions, np.int64)
    np.maximum.at(equal, tx[order][begins], np.diff(np.append(begins, len(order))))
    standard = np.bincount(tx[np.isin(value, TELLING)], minlength=transactions)
    pooled = np.zeros(len(value), bool)
    for least, most in POOL_WINDOWS:
        pooled |= (value >= least) & (value <= most)
    premix = np.bincount(tx[pooled], minlength=transactions)
    chosen = (inputs >= 2) & ((equal >= LEAST_EQUAL) | (standard >= 2)) | (inputs > 0) & (
        premix > 0
    ) & (np.bincount(tx[value == 0], minlength=transactions) == 1)
    return np.flatnonzero(chosen)


def _picked(
    table: pd.DataFrame, names: tuple[str, ...], owner: np.ndarray, chosen: np.ndarray
) -> tuple[dict[str, list], list[slice]]:
    """Return columns of the chosen transactions as lists of plain values, and where each one's rows are.

    What is missing, a value or a whole column, is None.
    """
    rows = np.flatnonzero(np.isin(owner, chosen))
    rows = rows[np.argsort(owner[rows], kind="stable")]
    lists = {}
    for name in names:
        if name in table.columns:
            values = table[name].array.take(rows)
            lists[name] = [
                None if gone else value
                for value, gone in zip(values.tolist(), pd.isna(values), strict=True)
            ]
        else:
            lists[name] = [None] * len(rows)
    begins = np.searchsorted(owner[rows], chosen, side="left").tolist()
    ends = np.searchsorted(owner[rows], chosen, side="right").tolist()
    return lists, [slice(begin, end) for begin, end in zip(begins, ends, strict=True)]


def _shape(
    txid: str, time: pd.Timestamp | None, given: dict[str, list], taken: dict[str, list]
) -> Shape:
    scripts, kinds = taken["script"], taken["kind"]
    owners = [script or address for script, address in zip(scripts, taken["address"], strict=True)]
    values = [int(value) for value in taken["value"]]
    silent = [
        kind == "op_return" or (script or "").startswith("6a") or (value == 0 and owner is None)
        for kind, script, value, owner in zip(kinds, scripts, values, owners, strict=True)
    ]
    heard = [n for n, mute in enumerate(silent) if not mute]
    return Shape(
        txid=txid,
        time=time,
        in_values=tuple(None if value is None else int(value) for value in given["value"]),
        in_owners=tuple(_spending_keys(given)),
        in_kinds=tuple(given["kind"]),
        out_values=tuple(values[n] for n in heard),
        out_owners=tuple(owners[n] or f"output {n}" for n in heard),
        out_kinds=tuple(kinds[n] for n in heard),
        notes=tuple(_carried(scripts[n]) for n, mute in enumerate(silent) if mute),
    )


def _spending_keys(given: dict[str, list]) -> list[str]:
    """Tell inputs apart: by address, else by the last thing shown (the key), else each by itself."""
    shown = zip(given["address"], given["witness"], given["script_sig"], strict=True)
    return [
        address or (witness or "").rpartition(" ")[2] or (script or "")[-66:] or f"input {n}"
        for n, (address, witness, script) in enumerate(shown)
    ]


def _carried(script: str | None) -> int:
    """Return how many bytes an OP_RETURN with a single push carries; -1 where that is not known."""
    if script is None:
        return -1
    size = len(script) // 2
    return max(size - (3 if script[2:4] == "4c" else 2), 0)


def _times(chain: Chain) -> dict[str, pd.Timestamp]:
    """Return the time of each transaction whose block is known."""
    blocks, txs = chain.blocks, chain.txs
    if "txid" not in txs.columns or "time" not in blocks.columns:
        return {}
    if "transactions" in blocks.columns and blocks["transactions"].sum() == len(txs):
        times = blocks["time"].repeat(blocks["transactions"].astype("int64"))
    elif "height" in blocks.columns and "height" in txs.columns:
        known = blocks.dropna(subset="height")
        found = known.set_index(known["height"].astype("int64"))["time"]
        txs = txs.dropna(subset="height")
        times = found.reindex(txs["height"].astype("int64"))
    else:
        return {}
    return {txid: time for txid, time in zip(txs["txid"], times, strict=True) if not pd.isna(time)}
