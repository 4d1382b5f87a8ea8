"""Who spends what: the tables of a chain as numbers, in the order in which money can flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cointrace.errors import ChainError
from cointrace.tables import MOST_SATOSHI

_COLUMNS = {
    "txs": ("txid", "height", "coinbase"),
    "inputs": ("txid", "spent_txid", "spent_vout"),
    "outputs": ("txid", "n", "value"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Links:
    """A chain as arrays: transactions by number in chain order, outputs by number behind them.

    Make it once with `link` and give it in place of the chain where many questions are asked.

    Attributes:
        txids: the ids, by number of the transaction.
        height: block height of each transaction, -1 where it is unknown.
        coinbase: whether each transaction is a coinbase.
        block: number of the block of each transaction, from 0.
        in_first, in_out, in_value: inputs of transaction t are `in_first[t]:in_first[t + 1]`; the
            output each spends (-1: not in the tables) and its satoshi (-1: unknown). A coinbase has none.
        out_first, out_value, out_spender: outputs of transaction t are
            `out_first[t]:out_first[t + 1]`; their satoshi, and who spends each (-1: nobody).
        addresses: the address of each output, or None where the table has no such column.
        fee: satoshi each transaction leaves to its miner; -1 where an input is unknown, 0 for a coinbase.
    """

    txids: Any
    height: np.ndarray
    coinbase: np.ndarray
    block: np.ndarray
    in_first: np.ndarray
    in_out: np.ndarray
    in_value: np.ndarray
    out_first: np.ndarray
    out_value: np.ndarray
    out_spender: np.ndarray
    addresses: Any
    fee: np.ndarray

    def __repr__(self) -> str:
        """Return how much there is, in one line."""
        return f"<Links of {len(self.height):,} transactions, {len(self.out_value):,} outputs>"

    def find(self, txids: Any) -> np.ndarray:
        """Return the number of the transaction with each id, the latest of several, or -1."""
        return _find(txids, self.txids)

    def makers(self, outputs: np.ndarray) -> np.ndarray:
        """Return the transaction that made each of these outputs."""
        return np.searchsorted(self.out_first, outputs, side="right") - 1


def link(chain: Any) -> Links:
    """Return the links of a chain; a `Links` comes back as it is.

    Args:
        chain: a `Chain`, or anything with its tables `txs` (txid, height, coinbase; position if there
            is one), `inputs` (txid, spent_txid, spent_vout; n and value if known) and `outputs` (txid, n,
            value; address if known). Rows may stand in any order if heights are known.

    Raises:
        ChainError: a column is missing, or the tables contradict themselves.
    """
    if isinstance(chain, Links):
        return chain
    txs, inputs, outputs = (_table(chain, name) for name in _COLUMNS)
    height, txs = _in_order(txs)
    txids = txs["txid"].array
    coinbase = txs["coinbase"].to_numpy(dtype=bool)
    outputs, out_first = _grouped(outputs, txids, "outputs")
    out_value = _satoshi(outputs["value"], "outputs")
    _check_numbers(outputs, out_first, txids)
    inputs, in_first = _grouped(inputs, txids, "inputs")
    inputs, in_first = _without_coinbases(inputs, in_first, coinbase)
    in_out = _spent(inputs, in_first, out_first, txids)
    in_value = np.where(in_out >= 0, out_value[in_out] if len(out_value) else -1, -1)
    if "value" in inputs and (in_out < 0).any():
        outside = np.flatnonzero(in_out < 0)
        in_value[outside] = _satoshi(inputs["value"].iloc[outside], "inputs", unknown=-1)
    spender = np.full(len(out_value), -1, np.int64)
    inside = in_out >= 0
    spender[in_out[inside]] = np.repeat(np.arange(len(txids)), np.diff(in_first))[inside]
    return Links(
        txids=txids,
        height=height,
        coinbase=coinbase,
        block=_blocks(height, coinbase),
        in_first=in_first,
        in_out=in_out,
        in_value=in_value,
        out_first=out_first,
        out_value=out_value,
        out_spender=spender,
        addresses=outputs["address"].array if "address" in outputs else None,
        fee=_fees(txids, coinbase, in_first, in_value, out_first, out_value),
    )


def sums(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the sum of each group `values[first[t]:first[t + 1]]`, empty groups included."""
    # Running sums may pass 2**63 and wrap; a difference of two is right all the same.
    running = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    return running[first[1:]] - running[first[:-1]]


def _table(chain: Any, name: str) -> pd.DataFrame:
    table = getattr(chain, name, None)
    if not isinstance(table, pd.DataFrame):
        raise ChainError(
            f"a {type(chain).__name__} has no table of {name}",
            "give what read_blocks returned",
        )
    missing = [column for column in _COLUMNS[name] if column not in table]
    if missing:
        raise ChainError(
            f"the table of {name} has no column {missing[0]!r}",
            f"it needs {', '.join(_COLUMNS[name])}",
        )
    for column in ("txid", "spent_txid"):
        if column in _COLUMNS[name] and table[column].isna().any():
            row = int(np.argmax(table[column].isna().to_numpy()))
            raise ChainError(
                f"row {row} of the table of {name} has no {column}", "complete the table"
            )
    return table


def _in_order(txs: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the height of each transaction, and the table in the order of the chain."""
    height = _whole(txs["height"], "height", "txs", unknown=-1)
    if (height < 0).any():
        return height, txs
    place = (
        _whole(txs["position"], "position", "txs")
        if "position" in txs
        else np.arange(len(txs)) * ~txs["coinbase"].to_numpy(dtype=bool)
    )
    later = (height[1:] > height[:-1]) | ((height[1:] == height[:-1]) & (place[1:] >= place[:-1]))
    if later.all():
        return height, txs
    order = np.lexsort((place, height))
    return height[order], txs.iloc[order]


def _whole(column: pd.Series, name: str, table: str, unknown: int | None = None) -> np.ndarray:
    """Return a column as int64; missing values become `unknown` where that is given."""
    missing = column.isna().to_numpy()
    if missing.any() and unknown is None:
        raise ChainError(
            f"row {int(np.argmax(missing))} of the table of {table} has no {name}",
            "complete the table",
        )
    try:
        filled = column.mask(missing, 0) if missing.any() else column
        values = filled.to_numpy()
        numbers = values.astype(np.int64)
        same = bool((numbers == values).all())
    except (TypeError, ValueError, OverflowError):
        same = False
    if not same:
        raise ChainError(
            f"the column {name!r} of the table of {table} holds something else than whole numbers",
            "amounts are whole satoshi",
        )
    return np.where(missing, unknown, numbers) if missing.any() else numbers


def _satoshi(column: pd.Series, table: str, unknown: int | None = None) -> np.ndarray:
    values = _whole(column, "value", table, unknown)
    wrong = (values < (0 if unknown is None else -1)) | (values > MOST_SATOSHI)
    if wrong.any():
        raise ChainError(
            f"the table of {table} holds an amount of {int(values[np.argmax(wrong)]):,} satoshi",
            "amounts lie between 0 and 21 million bitcoin",
        )
    return values


def _grouped(table: pd.DataFrame, txids: Any, name: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows by transaction and by their number in there, and where each begins."""
    ids = table["txid"].array
    heads = np.flatnonzero(
        np.concatenate([np.ones(min(len(ids), 1), bool), np.asarray(ids[1:] != ids[:-1], bool)])
    )
    lengths = np.diff(np.append(heads, len(ids)))
    first_of = ids.take(heads)
    if len(heads) == len(txids) and bool(np.all(first_of == txids)):
        owner = np.arange(len(txids))  # two coinbases of 2010 repeat an earlier id (BIP 30)
    else:
        owner = _find(first_of, txids)
        if (owner < 0).any():
            lost = first_of[int(np.argmax(owner < 0))]
            raise ChainError(
                f"the table of {name} names transaction {lost}, which is not in the table of txs",
                "give tables of one chain",
            )
    owners = np.repeat(owner, lengths)
    n = _whole(table["n"], "n", name) if "n" in table else np.arange(len(table))
    same = owners[1:] == owners[:-1]
    if not ((owners[1:] > owners[:-1]) | (same & (n[1:] > n[:-1]))).all():
        order = np.lexsort((n, owners))
        table, owners = table.iloc[order], owners[order]
    first = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=len(txids)))])
    return table, first.astype(np.int64)


def _check_numbers(outputs: pd.DataFrame, first: np.ndarray, txids: Any) -> None:
    n = _whole(outputs["n"], "n", "outputs")
    owner = np.repeat(np.arange(len(txids)), np.diff(first))
    wrong = n != np.arange(len(n)) - first[owner]
    if wrong.any():
        at = txids[int(owner[np.argmax(wrong)])]
        raise ChainError(
            f"the outputs of transaction {at} are not numbered 0, 1, 2 and so on, each once",
            "give all of its outputs",
        )


def _without_coinbases(
    inputs: pd.DataFrame, first: np.ndarray, coinbase: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Leave out what coinbases state as their input: it spends nothing."""
    counts = np.diff(first)
    keep = ~np.repeat(coinbase, counts)
    counts = np.where(coinbase, 0, counts)
    return inputs[keep], np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _spent(
    inputs: pd.DataFrame, in_first: np.ndarray, out_first: np.ndarray, txids: Any
) -> np.ndarray:
    """Return for each input the number of the output that it spends, or -1."""
    vout = _whole(inputs["spent_vout"], "spent_vout", "inputs")
    maker = _find(inputs["spent_txid"].array, txids)
    spender = np.repeat(np.arange(len(txids)), np.diff(in_first))
    inside = maker >= 0
    wrong = inside & ((vout < 0) | (vout >= np.diff(out_first)[maker]))
    late = inside & (maker >= spender)
    if wrong.any() or late.any():
        at = int(np.argmax(wrong | late))
        what = f"output {vout[at]} of {txids[int(maker[at])]}"
        why = "which has no such output" if wrong[at] else "which comes later in the chain"
        raise ChainError(
            f"transaction {txids[int(spender[at])]} spends {what}, {why}",
            "give the tables as read_blocks returns them",
        )
    spent = np.where(inside, out_first[maker] + vout, -1)
    counts = np.bincount(spent[inside], minlength=1)
    if counts.max(initial=0) > 1:
        twice = int(np.argmax(counts > 1))
        tx = int(np.searchsorted(out_first, twice, side="right")) - 1
        raise ChainError(
            f"output {twice - int(out_first[tx])} of transaction {txids[tx]} is spent twice",
            "look for rows that stand in the table of inputs twice",
        )
    return spent


def _blocks(height: np.ndarray, coinbase: np.ndarray) -> np.ndarray:
    """A block begins with its coinbase, or where the height changes."""
    begins = coinbase.copy()
    begins[1:] |= height[1:] != height[:-1]
    if len(begins):
        begins[0] = True
    return np.cumsum(begins) - 1


def _fees(
    txids: Any,
    coinbase: np.ndarray,
    in_first: np.ndarray,
    in_value: np.ndarray,
    out_first: np.ndarray,
    out_value: np.ndarray,
) -> np.ndarray:
    known = sums((in_value < 0).astype(np.int64), in_first) == 0
    taken, paid = sums(in_value, in_first), sums(out_value, out_first)
    wrong = (paid < 0) | (paid > MOST_SATOSHI)
    wrong |= ~coinbase & known & ((taken < paid) | (taken > MOST_SATOSHI))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ChainError(
            f"transaction {txids[at]} pays {int(paid[at]):,} satoshi out of {int(taken[at]):,}",
            "money cannot come from nowhere, so look for missing inputs or wrong amounts",
        )
    return np.where(coinbase, 0, np.where(known, taken - paid, -1))


def _find(wanted: Any, known: Any) -> np.ndarray:
    """Return where each id stands in `known`, the last place of several, or -1."""
    if pd.api.types.is_integer_dtype(known.dtype) and pd.api.types.is_integer_dtype(
        getattr(wanted, "dtype", None)
    ):
        known, wanted = np.asarray(known), np.asarray(wanted)
        order = np.argsort(known, kind="stable")
        at = np.searchsorted(known[order], wanted, side="right") - 1
        if not len(known):
            return np.full(len(wanted), -1, np.int64)
        found = order[np.maximum(at, 0)]
        return np.where((at >= 0) & (known[found] == wanted), found, -1)
    import pyarrow as pa
    import pyarrow.compute as pc

    # Arrow looks among millions of texts without making a Python object of each. It names the
    # first place of several, so it is given the ids from last to first.
    backwards = pa.array(pd.array(known[::-1], dtype="str"), pa.large_string())
    found = pc.index_in(pa.array(pd.array(wanted, dtype="str"), pa.large_string()), backwards)
    place = found.fill_null(len(known)).to_numpy(zero_copy_only=False).astype(np.int64)
    return len(known) - 1 - place
