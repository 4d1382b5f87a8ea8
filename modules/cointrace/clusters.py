"""Which addresses were spent together: co-spend clusters, the multi-input heuristic (H1).

Whoever signs a transaction must hold the keys of all its inputs, so its input addresses are taken to be
in one hand, and what is joined once stays joined (Nakamoto 2008, section 10; Reid and Harrigan 2013;
Meiklejohn et al. 2013, heuristic 1). It fails where several people sign one transaction: CoinJoins,
which are left out, and PayJoins (BIP 78), which cannot be seen. One such mistake merges whole wallets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cointrace.coinjoins import coinjoins
from cointrace.errors import ChainError
from cointrace.numbering import number_runs, number_values

if TYPE_CHECKING:
    from cointrace.chain import Chain

# Compiling takes one or two seconds, once. Below this many inputs NumPy alone is done sooner.
COMPILE_FROM = 2_000_000

type_of_loop = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], None]


def clusters(
    chain: Chain | pd.DataFrame, exclude_coinjoins: bool | Iterable[str] = True
) -> pd.DataFrame:
    """Group addresses that were inputs of one transaction, directly or through others.

    An address is in the table when it has spent: one that only received is in no co-spend, and nothing
    is known about it. Inputs whose address is missing make no link. Addresses are compared as they are
    written.

    Args:
        chain: a `Chain`, or a bare table of inputs with the columns txid and address, one row per
            input in any order; txid and address may be text or whole numbers.
        exclude_coinjoins: leave out the links of CoinJoins; their addresses stay in the table. True
            takes the CoinJoins that `coinjoins` finds. Those can only be found in a `Chain`: a
            bare table has no outputs, so for it True leaves nothing out; give the txids instead.

    Returns:
        A table with one row per address, in order of first appearance: address, cluster (int64: the
        place, counted from 0, at which the first address of the cluster appears in this table), size
        (int64: how many addresses the cluster has).

    Raises:
        ChainError: a column is missing, or an input has no txid.

    The work grows in line with the inputs. Joining takes about as long as graphsense-clustering (Rust)
    needs for it; most of the time goes into telling addresses apart, some tenths of a second for
    three million whole numbers and a second or more for text (benchmarks/clustering.py measures both
    programs). From two million inputs on, the first call compiles, which takes seconds, once.
    """
    inputs = chain if isinstance(chain, pd.DataFrame) else chain.inputs
    for column in ("txid", "address"):
        if column not in inputs.columns:
            raise ChainError(
                f"the table of inputs has no column {column!r}",
                "give a Chain, or a table with the columns txid and address",
            )
    if inputs["txid"].isna().any():
        row = int(np.argmax(inputs["txid"].isna()))
        raise ChainError(
            f"the input in row {row:,} has no txid",
            "every input needs the id of the transaction that it is part of",
        )
    (tx, txids), (code, addresses) = _numbered(inputs)
    left_out = _left_out(chain, exclude_coinjoins)
    linking = code
    if len(left_out):
        linking = np.where(txids.isin(left_out)[tx], code.dtype.type(-1), code)
    root = join(tx, linking, len(txids), len(addresses))
    size = np.bincount(root, minlength=len(addresses))[root]
    return pd.DataFrame(
        {
            "address": pd.Series(addresses),
            "cluster": root.astype(np.int64, copy=False),
            "size": size.astype(np.int64, copy=False),
        },
        copy=False,
    )


def _numbered(
    inputs: pd.DataFrame,
) -> tuple[tuple[np.ndarray, pd.Index], tuple[np.ndarray, pd.Index]]:
    """Number txids and addresses; in a large table at the same time, for Arrow works without Python."""
    if len(inputs) < COMPILE_FROM:
        return number_runs(inputs["txid"]), number_values(inputs["address"])
    with ThreadPoolExecutor(1) as other:
        addresses = other.submit(number_values, inputs["address"])
        return number_runs(inputs["txid"]), addresses.result()


def join(
    group: np.ndarray, member: np.ndarray, groups: int, members: int, compiled: bool | None = None
) -> np.ndarray:
    """Return for each member the smallest member that it is joined with, directly or through others.

    Args:
        group: the group's number in each row, from 0 to `groups` - 1, in any order.
        member: the member's number in each row, from 0 to `members` - 1, or -1 for no member.
        groups: how many groups there are.
        members: how many members there are.
        compiled: use the loop that numba compiles; None lets the number of rows decide. The
            result is the same.
    """
    if compiled is None:
        compiled = len(member) >= COMPILE_FROM
    parent = np.arange(members, dtype=member.dtype)
    first = np.full(groups, -1, member.dtype)
    if compiled:
        _compiled()(group, member, first, parent)
        return parent
    known = member >= 0
    group, member = group[known], member[known]
    # Written from last to first, so that what remains is each group's first member.
    first[group[::-1]] = member[::-1]
    return _join_pairs(first[group], member, parent)


def _join_pairs(left: np.ndarray, right: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Join pairs with whole-array steps; every second round at least halves what is unfinished.

    In each round every root takes the smallest root that it is paired with as its parent, if that is
    smaller than itself; then the pairs are rewritten to the roots they lead to.
    """
    while len(left):
        np.minimum.at(parent, np.maximum(left, right), np.minimum(left, right))
        left, right = _roots(parent, left), _roots(parent, right)
        apart = left != right
        left, right = left[apart], right[apart]
    return _roots(parent, parent)


def _roots(parent: np.ndarray, node: np.ndarray) -> np.ndarray:
    """Return where each node's parents end."""
    above = parent[node]
    while not np.array_equal(above, node):
        node, above = above, parent[above]
    return above


def union_loop(
    group: np.ndarray, member: np.ndarray, first: np.ndarray, parent: np.ndarray
) -> None:
    """Join members row by row in `parent`; written so that numba compiles it and Python runs it.

    A member's parent is never larger than itself, so a root is the smallest of its set. Paths are
    halved while walked (Tarjan and van Leeuwen 1984).
    """
    for row in range(len(member)):
        a = member[row]
        if a < 0:
            continue
        b = first[group[row]]
        if b < 0:
            first[group[row]] = a
            continue
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
        first[group[row]] = min(a, b)
    # Parents come before children, so that each is already at its root when a child asks.
    for a in range(len(parent)):
        parent[a] = parent[parent[a]]


@cache
def _compiled() -> type_of_loop:
    from numba import njit

    return njit(nogil=True)(union_loop)


def _left_out(chain: Chain | pd.DataFrame, wish: bool | Iterable[str]) -> list[str]:
    """Return the txids whose inputs are not to be linked."""
    if isinstance(wish, str):
        raise ChainError(
            f"exclude_coinjoins is the text {wish!r}", "give True, False, or a list of txids"
        )
    if not isinstance(wish, (bool, np.bool_)):
        return list(wish)
    if not wish or isinstance(chain, pd.DataFrame):
        return []
    found = coinjoins(chain)
    # A Tx0 has one owner: its inputs do belong together.
    return found["txid"][found["kind"] != "whirlpool_tx0"].tolist()
