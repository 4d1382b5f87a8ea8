"""Which output of a transaction goes back to the payer: change, by the classic heuristics.

None of them is proof. Each says for itself what it fails on (`CHANGE_HEURISTICS`), and
`change_error_rates` measures them where the truth is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cointrace.change.evidence import UNKNOWN, Evidence, gather
from cointrace.change.heuristics import HEURISTICS as CHANGE_HEURISTICS
from cointrace.change.heuristics import Heuristic
from cointrace.coinjoins import coinjoins
from cointrace.errors import ChainError

if TYPE_CHECKING:
    from cointrace.chain import Chain

__all__ = [
    "CHANGE_HEURISTICS",
    "COMBINATIONS",
    "Heuristic",
    "change_error_rates",
    "change_outputs",
    "change_votes",
]

COMBINATIONS = ("votes", "any", "all", "minus")


def change_outputs(
    chain: Chain,
    heuristics: str | Iterable[str] | None = None,
    combine: str = "votes",
) -> pd.DataFrame:
    """Return the outputs that are taken to be change.

    Coinbases, CoinJoins (and Whirlpool's Tx0) and transactions with fewer than two spendable outputs are
    never asked about.

    Args:
        chain: a `Chain`. What is not known (an input's amount, a later spend) makes a heuristic
            silent, never wrong.
        heuristics: names out of `CHANGE_HEURISTICS`, or one name; None takes all of them.
        combine: "votes": the output of a transaction that more heuristics call change than any other
            output of it;
            "any": every output that at least one heuristic calls change;
            "all": every output that all the heuristics call change;
            "minus": every output that the first heuristic calls change and none of the others does.

    Returns:
        A table with one row per output taken to be change, in the order of the chain: txid, vout, one
        column per heuristic (boolean; missing where it has no opinion), votes (int64: how many call it
        change), confidence.

        The confidence lies between 0 and 1. It is Laplace's rule of succession over the outputs of the
        transaction: (votes + 1) / (opinions + outputs), where opinions counts the heuristics that chose
        some output there. With two outputs, one vote of one gives 2/3, four of four 5/6, two of four
        1/2. It treats heuristics as equally good and as not depending on each other, which they are
        not, so it ranks findings; what share of them is right, only `change_error_rates` can tell.

    Raises:
        ChainError: an unknown name, or a table without a column that is needed.
    """
    if combine not in COMBINATIONS:
        raise ChainError(
            f"there is no combination {combine!r}", f"choose one of {', '.join(COMBINATIONS)}"
        )
    table = change_votes(chain, heuristics)
    return table[_chosen(table, combine)].reset_index(drop=True)


def change_votes(chain: Chain, heuristics: str | Iterable[str] | None = None) -> pd.DataFrame:
    """Return what each heuristic says of every output that could be change.

    Arguments, columns and errors are those of `change_outputs`; no output is left out.
    """
    names = _names(heuristics)
    evidence = gather(chain, coinjoins(chain)["txid"])
    said = {name: CHANGE_HEURISTICS[name].rule(evidence) for name in names}
    return _table(evidence, said)


def change_error_rates(
    chain: Chain, truth: pd.DataFrame, heuristics: str | Iterable[str] | None = None
) -> pd.DataFrame:
    """Measure each heuristic, and their combinations, where it is known which outputs are change.

    Args:
        chain: the chain on which the truth is known.
        truth: table with txid and vout of every output that is change; all others are not.
        heuristics: as for `change_outputs`.

    Returns:
        A table with one row per heuristic, then "any", "all" and "votes": heuristic; named (int64: how
        many outputs it calls change); right, wrong (int64); missed (int64: change outputs of the
        chain that it does not name); precision (right / named), with its 95 % interval in
        precision_low and precision_high (Wilson 1927); recall (right / (right + missed)). A share of
        nothing is missing.

    Raises:
        ChainError: as for `change_outputs`, or the truth lacks a column or has no row in the chain.
    """
    for column in ("txid", "vout"):
        if column not in truth.columns:
            raise ChainError(
                f"the table of true change has no column {column!r}",
                "give a table with the columns txid and vout",
            )
    table = change_votes(chain, heuristics)
    wanted = pd.MultiIndex.from_frame(truth[["txid", "vout"]].drop_duplicates())
    there = pd.MultiIndex.from_frame(chain.outputs[["txid", "n"]])
    total = int(wanted.isin(there).sum())
    if not total:
        raise ChainError(
            "no output of the true change is in the chain", "give the truth of this very chain"
        )
    right = pd.MultiIndex.from_frame(table[["txid", "vout"]]).isin(wanted)
    marks = {name: table[name].fillna(False).to_numpy(dtype=bool) for name in _columns(table)}
    marks |= {name: _chosen(table, name) for name in ("any", "all", "votes")}
    rows = []
    for name, named in marks.items():
        hits = int((named & right).sum())
        rows.append((name, int(named.sum()), hits, int(named.sum()) - hits, total - hits))
    result = pd.DataFrame(rows, columns=["heuristic", "named", "right", "wrong", "missed"])
    low, high = _wilson(result["right"].to_numpy(), result["named"].to_numpy())
    with np.errstate(invalid="ignore"):
        return result.assign(
            precision=result["right"] / result["named"].where(result["named"] > 0),
            precision_low=low,
            precision_high=high,
            recall=result["right"] / total,
        )


def _names(heuristics: str | Iterable[str] | None) -> list[str]:
    """Return the names asked for, each once, in the order given."""
    if heuristics is None:
        return list(CHANGE_HEURISTICS)
    names = [heuristics] if isinstance(heuristics, str) else list(dict.fromkeys(heuristics))
    for name in names:
        if name not in CHANGE_HEURISTICS:
            raise ChainError(
                f"there is no change heuristic {name!r}",
                f"choose from {', '.join(CHANGE_HEURISTICS)}",
            )
    if not names:
        raise ChainError("no change heuristic is named", "name at least one, or leave it out")
    return names


def _table(e: Evidence, said: dict[str, np.ndarray]) -> pd.DataFrame:
    size = len(e.row_tx)
    votes, opinions = np.zeros(size, np.int64), np.zeros(size, np.int64)
    columns = {}
    for name, answer in said.items():
        votes += answer == 1
        opinions += answer != UNKNOWN
        columns[name] = pd.arrays.BooleanArray(answer == 1, answer == UNKNOWN)
    return pd.DataFrame(
        {
            "txid": e.txids.take(e.row_tx).array,
            "vout": e.row_vout,
            **columns,
            "votes": votes,
            "confidence": (votes + 1) / (opinions + e.outputs[e.row_tx]),
        }
    )


def _columns(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if name in CHANGE_HEURISTICS]


def _chosen(table: pd.DataFrame, combine: str) -> np.ndarray:
    """Return for each row whether the combination takes it to be change."""
    names = _columns(table)
    votes = table["votes"].to_numpy()
    if combine == "any":
        return votes > 0
    if combine == "all":
        return votes == len(names)
    if combine == "minus":
        return table[names[0]].fillna(False).to_numpy(dtype=bool) & (votes == 1)
    grouped = table.groupby("txid", sort=False)["votes"]
    most = grouped.transform("max").to_numpy()
    leads = votes == most
    rivals = pd.Series(leads).groupby(table["txid"].array, sort=False).transform("sum").to_numpy()
    return leads & (rivals == 1) & (votes > 0)


def _wilson(right: np.ndarray, named: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's 95 % score interval of right / named, missing where nothing was named."""
    z = 1.959964
    n = np.where(named > 0, named, np.nan).astype(float)
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.clip(middle - reach, 0, 1), np.clip(middle + reach, 0, 1)
