"""What the change heuristics look at: one row per output that could be change, as plain columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cointrace.errors import ChainError
from cointrace.numbering import number_values

if TYPE_CHECKING:
    from cointrace.chain import Chain

UNKNOWN = -1
_VOUTS = 1 << 32
_NEEDED = {
    "txs": ("txid", "coinbase"),
    "inputs": ("txid", "spent_txid", "spent_vout", "address", "value", "kind"),
    "outputs": ("txid", "n", "value", "kind", "address"),
}


@dataclass(frozen=True)
class Evidence:
    """Columns about transactions and, in `row_...`, about the outputs asked about.

    A transaction's number is its place among the distinct txids of `chain.txs`. Rows come transaction by
    transaction, in the order of `chain.outputs`; each transaction asked about has two rows or more.

    Attributes:
        txids: id of each transaction.
        kind: number of the one kind that all inputs have, else UNKNOWN.
        least: smallest amount of an input in satoshi, UNKNOWN where one is not known.
        inputs: how many inputs.
        outputs: how many outputs that can be spent.
        version, locktime: as in `chain.txs`, UNKNOWN where the column is missing.
        fee: satoshi, UNKNOWN where an input's amount is not known.
        vsize: virtual bytes (BIP 141), UNKNOWN where the column is missing.
        row_tx: number of the output's transaction.
        row_vout, row_value: as in `chain.outputs`.
        row_kind: number of the output's kind.
        row_spender: number of the transaction that spends the output, UNKNOWN where none does yet.
        row_fresh: its address is known, stands once in the transaction, and was never seen before.
        row_seen: its address is known and was seen in an earlier transaction, or among the inputs.
        row_own: its address is among the inputs' addresses.
    """

    txids: pd.Index
    kind: np.ndarray
    least: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    version: np.ndarray
    locktime: np.ndarray
    fee: np.ndarray
    vsize: np.ndarray
    row_tx: np.ndarray
    row_vout: np.ndarray
    row_value: np.ndarray
    row_kind: np.ndarray
    row_spender: np.ndarray
    row_fresh: np.ndarray
    row_seen: np.ndarray
    row_own: np.ndarray


def gather(chain: Chain, left_out: Iterable[str]) -> Evidence:
    """Return what the heuristics need; nothing is asked of coinbases and of the transactions `left_out`.

    Raises:
        ChainError: a table lacks a column, or a transaction is in one table and not in another.
    """
    for name, columns in _NEEDED.items():
        for column in columns:
            if column not in getattr(chain, name).columns:
                raise ChainError(
                    f"the table of {name} has no column {column!r}", "give the tables of a Chain"
                )
    # Two coinbases of 2010 have the id of an earlier one (BIP 30); the later one counts.
    txs = chain.txs.drop_duplicates("txid", keep="last")
    txids = pd.Index(txs["txid"])
    spending = _numbers(txids, chain.inputs["txid"], "inputs")
    making = _numbers(txids, chain.outputs["txid"], "outputs")
    count = len(txids)
    kinds, kind_of_row = _kinds(chain)
    given, all_given = _sum(chain.inputs["value"], spending, count)
    taken, _ = _sum(chain.outputs["value"], making, count)
    spendable = ~(chain.outputs["kind"] == "op_return").fillna(False).to_numpy(dtype=bool)
    outputs = np.bincount(making[spendable], minlength=count)
    asked = ~txs["coinbase"].to_numpy(dtype=bool) & (outputs >= 2)
    asked &= np.bincount(spending, minlength=count) > 0
    asked &= ~txids.isin(list(left_out))
    rows = np.flatnonzero(spendable & asked[making])
    rows = rows[np.argsort(making[rows], kind="stable")]
    fresh, seen, own = _addresses(chain, spending, making, rows, spendable)
    return Evidence(
        txids=txids,
        kind=_one_kind(kinds, spending, count),
        least=_least(chain.inputs["value"], spending, count),
        inputs=np.bincount(spending, minlength=count),
        outputs=outputs,
        version=_column(txs, "version"),
        locktime=_column(txs, "locktime"),
        fee=np.where(all_given, given - taken, UNKNOWN),
        vsize=_column(txs, "vsize"),
        row_tx=making[rows],
        row_vout=chain.outputs["n"].to_numpy(dtype=np.int64)[rows],
        row_value=chain.outputs["value"].to_numpy(dtype=np.int64)[rows],
        row_kind=kind_of_row[rows],
        row_spender=_spenders(chain, txids, spending, making, rows),
        row_fresh=fresh,
        row_seen=seen,
        row_own=own,
    )


def _numbers(txids: pd.Index, column: pd.Series, name: str) -> np.ndarray:
    found = txids.get_indexer(column)
    if (found < 0).any():
        row = int(np.argmax(found < 0))
        raise ChainError(
            f"row {row:,} of the table of {name} has a txid that is not in the table of transactions",
            "take all tables from the same chain",
        )
    return found


def _kinds(chain: Chain) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each input's kind and of each output's kind; the same word, the same number."""
    both = pd.concat([chain.inputs["kind"], chain.outputs["kind"]], ignore_index=True)
    codes, _ = number_values(both)
    return codes[: len(chain.inputs)], codes[len(chain.inputs) :]


def _one_kind(kinds: np.ndarray, spending: np.ndarray, count: int) -> np.ndarray:
    """Return the kind of all inputs of a transaction, UNKNOWN where they differ or one is not known."""
    least, most = np.full(count, 127), np.full(count, UNKNOWN)
    np.minimum.at(least, spending, kinds)
    np.maximum.at(most, spending, kinds)
    return np.where(least == most, most, UNKNOWN)


def _sum(values: pd.Series, owner: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of each transaction's amounts, and whether all of them are known."""
    known = values.notna().to_numpy(dtype=bool)
    total = np.zeros(count, np.int64)
    np.add.at(total, owner, values.fillna(0).to_numpy(dtype=np.int64))
    return total, np.bincount(owner[~known], minlength=count) == 0


def _least(values: pd.Series, spending: np.ndarray, count: int) -> np.ndarray:
    least = np.full(count, np.iinfo(np.int64).max)
    # A gap counts as less than any amount, so that it makes the whole transaction unknown.
    np.minimum.at(least, spending, values.fillna(UNKNOWN).to_numpy(dtype=np.int64))
    return least


def _column(txs: pd.DataFrame, name: str) -> np.ndarray:
    if name not in txs.columns:
        return np.full(len(txs), UNKNOWN)
    return txs[name].fillna(UNKNOWN).to_numpy(dtype=np.int64)


def _spenders(
    chain: Chain, txids: pd.Index, spending: np.ndarray, making: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Return the transaction that spends each row's output."""
    source = txids.get_indexer(chain.inputs["spent_txid"])
    here = np.flatnonzero(source >= 0)
    keys = source[here] * _VOUTS + chain.inputs["spent_vout"].to_numpy(dtype=np.int64)[here]
    order = np.argsort(keys, kind="stable")
    keys, by = keys[order], spending[here][order]
    wanted = making[rows] * _VOUTS + chain.outputs["n"].to_numpy(dtype=np.int64)[rows]
    if not len(keys):
        return np.full(len(rows), UNKNOWN)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, by[at], UNKNOWN)


def _addresses(
    chain: Chain,
    spending: np.ndarray,
    making: np.ndarray,
    rows: np.ndarray,
    spendable: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each row whether its address is fresh, was seen, and is the sender's own."""
    both = pd.concat([chain.inputs["address"], chain.outputs["address"]], ignore_index=True)
    codes, addresses = number_values(both)
    given, taken = codes[: len(chain.inputs)], codes[len(chain.inputs) :]
    first = np.full(len(addresses) + 1, np.iinfo(np.int64).max)
    # An address among the inputs was paid before, even where that payment is not in the chain.
    np.minimum.at(first, given, 2 * spending)
    np.minimum.at(first, taken, 2 * making + 1)
    known = taken[rows] >= 0
    earlier = first[taken[rows]] < 2 * making[rows] + 1
    width = len(addresses) + 1
    pairs = making[spendable] * width + taken[spendable]
    values, counts = np.unique(pairs, return_counts=True)
    mine = making[rows] * width + taken[rows]
    alone = counts[np.searchsorted(values, mine)] == 1 if len(values) else np.zeros(len(rows), bool)
    own = np.isin(mine, spending[given >= 0] * width + given[given >= 0])
    return known & ~earlier & alone, known & earlier, known & own
