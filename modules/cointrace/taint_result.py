"""What following money found: a table of outputs, sums, and where the money rests."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from cointrace.links import Links

_MEANINGS = {
    "marked": "satoshi that were marked, each counted once",
    "resting": "of these in outputs that nobody has spent",
    "fees": "of these in fees that no coinbase of the chain collected",
    "lost": "of these in fees that a miner left unclaimed",
    "stopped": "of these in transactions that also spend outputs from outside the tables",
    "new": "of these created by a coinbase",
    "outside": "of these from outputs outside the tables",
}


@dataclass(frozen=True, eq=False, repr=False)
class Taint:
    """Marked money and where it went (forward) or came from (backward).

    Attributes:
        table: one row per output that holds marked money, in chain order: txid, vout, value, tainted
            (int64 satoshi), share (tainted / value), height, address, spent, source (satoshi of this
            output that the user marked).
        totals: int64 satoshi by name. Forward: marked = resting + fees + lost + stopped. Backward: marked
            = new + outside + stopped. Only poison marks more than was there: resting may exceed marked.
        stopped: txid, height, tainted: transactions where the trail ends, because an input or a fee
            of the block is not in the tables, so that nobody can say how the money divides.
        origins: backward only: txid, height, kind ("new" or "outside"), tainted: where the trail begins.
        policy, direction, fees: as they were asked for.
    """

    table: pd.DataFrame
    totals: pd.Series
    stopped: pd.DataFrame
    origins: pd.DataFrame
    policy: str
    direction: str
    fees: str

    @classmethod
    def from_walk(
        cls,
        links: Links,
        policy: str,
        direction: str,
        fees: str,
        outputs: np.ndarray,
        parts: np.ndarray,
        amount: np.ndarray,
        money: Any,
        marked: int,
    ) -> Taint:
        """Put the numbers of a walk into tables."""
        count = len(links.out_value)
        rows = np.flatnonzero(amount[:count])
        maker = links.makers(rows)
        marks = np.zeros(len(rows), np.int64)
        marks[np.searchsorted(rows, outputs[parts > 0])] = parts[parts > 0]
        addresses = None if links.addresses is None else links.addresses.take(rows)
        table = pd.DataFrame(
            {
                "txid": links.txids.take(maker),
                "vout": rows - links.out_first[maker],
                "value": links.out_value[rows],
                "tainted": amount[rows],
                "share": amount[rows] / links.out_value[rows],
                "height": _heights(links.height[maker]),
                "address": pd.array([None] * len(rows), "str") if addresses is None else addresses,
                "spent": links.out_spender[rows] >= 0,
                "source": marks,
            }
        )
        here = np.flatnonzero(money.stopped)
        begin = np.flatnonzero(money.begins)
        sums = {"marked": marked}
        if direction == "forward":
            rest = amount[count:][money.next_tx[count:] < 0]
            coinbase = links.coinbase[money.next_tx[count:] < 0]
            sums |= {
                "resting": int(table["tainted"][~table["spent"]].sum()),
                "fees": int(rest[~coinbase].sum()),
                "lost": int(rest[coinbase].sum()),
            }
        else:
            new = links.coinbase[begin]
            sums |= {
                "new": int(money.begins[begin][new].sum()),
                "outside": int(money.begins[begin][~new].sum()),
            }
        sums["stopped"] = int(money.stopped.sum())
        kinds = np.where(links.coinbase[begin], "new", "outside")
        origins = _by_transaction(links, begin, money.begins)
        origins.insert(2, "kind", pd.array(kinds.tolist(), "str"))
        return cls(
            table=table,
            totals=pd.Series(sums, dtype="int64", name="satoshi"),
            stopped=_by_transaction(links, here, money.stopped),
            origins=origins,
            policy=policy,
            direction=direction,
            fees=fees,
        )

    @property
    def resting(self) -> pd.DataFrame:
        """Return the rows of `table` that nobody has spent: where the money is now."""
        return self.table[~self.table["spent"]].reset_index(drop=True)

    def by_address(self) -> pd.DataFrame:
        """Return one row per address, the largest resting sum first.

        Columns: address, received (tainted satoshi that ever came to it), resting (those still
        there), outputs (how many). Outputs without an address are left out. Money that comes to an
        address twice counts twice in `received`.
        """
        known = self.table.dropna(subset=["address"])
        sums = (
            known.assign(resting=known["tainted"].where(~known["spent"], 0))
            .groupby("address", sort=True)
            .agg(received=("tainted", "sum"), resting=("resting", "sum"), outputs=("vout", "size"))
        )
        order = ["resting", "received"]
        return sums.reset_index().sort_values(
            order, ascending=False, kind="stable", ignore_index=True
        )

    def __len__(self) -> int:
        """Return how many outputs hold marked money."""
        return len(self.table)

    def __repr__(self) -> str:
        """Return what was asked and the sums, in one line."""
        said = ", ".join(f"{name} {amount:,}" for name, amount in self.totals.items())
        return (
            f"<Taint {self.policy} {self.direction}: {len(self.table):,} outputs; satoshi: {said}>"
        )

    def _repr_html_(self) -> str:
        """Return the sums in words and the largest rows, for a notebook."""
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left'>{escape(name)}</th><td>{amount:,}</td>"
            f"<td style='text-align:left'>{escape(_MEANINGS[name])}</td></tr>"
            for name, amount in self.totals.items()
        )
        found = self.resting if self.direction == "forward" else self.table
        shown = found.nlargest(10, "tainted")
        what = "resting places" if self.direction == "forward" else "outputs on the way back"
        return (
            f"<div style='overflow-x:auto'><table><caption>{escape(self.policy)}, "
            f"{escape(self.direction)}: satoshi</caption><tbody>{rows}</tbody></table>"
            f"<p>The {len(shown)} largest of {len(found):,} {what}:</p>"
            f"{shown.to_html(index=False, escape=True, border=0)}</div>"
        )


def _heights(height: np.ndarray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(height.astype(np.int64), height < 0)


def _by_transaction(links: Links, rows: np.ndarray, amount: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "txid": links.txids.take(rows),
            "height": _heights(links.height[rows]),
            "tainted": amount[rows],
        }
    )
