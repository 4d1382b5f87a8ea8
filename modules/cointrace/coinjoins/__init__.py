"""Which transactions are CoinJoins, of which kind, how sure that is, and why.

A CoinJoin is one transaction that several persons sign together, so that nobody can say whose input
paid which output (Maxwell 2013). It breaks the rule that one transaction has one owner, so it must be
found before addresses are clustered. What cannot be found: a PayJoin (BIP 78), which looks like any payment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cointrace.coinjoins.periods import COINJOIN_PERIODS, Period
from cointrace.coinjoins.rules import RULES, Match
from cointrace.coinjoins.shapes import Shape, possible_shapes

if TYPE_CHECKING:
    from cointrace.chain import Chain

__all__ = ["COINJOIN_KINDS", "COINJOIN_PERIODS", "CONFIDENCE", "MEASURED", "Period", "coinjoins"]

COINJOIN_KINDS = ("wasabi1", "wasabi2", "whirlpool", "whirlpool_tx0", "joinmarket", "other")
"""Every word that the column `kind` can hold."""

MEASURED: dict[tuple[str, str], tuple[int, int]] = {
    ("whirlpool", "pool"): (840, 840),
    ("whirlpool", "unfunded"): (840, 840),
    ("whirlpool_tx0", "coded"): (474, 474),
    ("whirlpool_tx0", "uncoded"): (0, 0),
    ("wasabi1", "base"): (186, 186),
    ("wasabi2", "list"): (10, 10),
    ("joinmarket", "accounts"): (31, 31),
    ("joinmarket", "shape"): (4, 4),
    ("joinmarket", "unfunded"): (35, 35),
    ("other", "accounts"): (0, 0),
    ("other", "pool"): (0, 0),
    ("other", "zerolink"): (0, 0),
    ("other", "dated"): (0, 0),
}
"""How often each evidence was right, of how often it was found, among 1,796 labelled mainnet transactions.

The labels are those of Dumplings, filtered by crocs-muni for a study of 2026 (PETS). Not counted are its
1,416 spends of CoinJoin outputs, whose labels say nothing about themselves, and ten small transactions
labelled Wasabi 1 in which every maker's gain of a few satoshi shows a JoinMarket. "unfunded" was
measured with the inputs' amounts taken away.
"""

CONFIDENCE: dict[tuple[str, str], float] = {
    key: round((right + 1) / (found + 2), 3) for key, (right, found) in MEASURED.items()
}
"""Laplace's rule of succession on `MEASURED`: (right + 1) / (found + 2), so 0.5 where nothing was measured.

It is the share of right findings in that sample, put carefully; on other data it can be lower.
"""


def coinjoins(chain: Chain) -> pd.DataFrame:
    """Find CoinJoins, and the Whirlpool Tx0 that prepare them.

    Args:
        chain: a `Chain`. What the inputs brought may be missing; then fewer are found, with less
            confidence. On mainnet a kind is named only between the dates in which it existed
            (`COINJOIN_PERIODS`); other networks are for trials, and dates mean nothing there.

    Returns:
        A table with one row per transaction found, in the order of the chain:
            txid;
            kind: one of `COINJOIN_KINDS`. "whirlpool_tx0" has one owner and is no CoinJoin. "other" is
                the shape of a CoinJoin that fits no known kind, or a kind that did not exist then;
            confidence: from 0 to 1, as explained at `CONFIDENCE`;
            reason: one plain sentence.

    Raises:
        ChainError: a table lacks a column that is needed.
    """
    dated = chain.network == "mainnet"
    found = []
    for shape in possible_shapes(chain):
        match = next((match for rule in RULES if (match := rule(shape))), None)
        if match is not None:
            found.append((shape.txid, *_told(match, shape, dated)))
    table = pd.DataFrame(found, columns=["txid", "kind", "confidence", "reason"])
    return table.astype({"txid": "str", "kind": "str", "confidence": "float64", "reason": "str"})


def _told(match: Match, shape: Shape, dated: bool) -> tuple[str, float, str]:
    """Return kind, confidence and reason, with the date weighed."""
    confidence = CONFIDENCE[match.kind, match.evidence]
    if not dated or not match.periods or any(p.holds(shape.time) for p in match.periods):
        return match.kind, confidence, f"{match.reason}."
    day = f"{shape.time:%d %B %Y}".lstrip("0")
    return (
        "other",
        CONFIDENCE["other", "dated"],
        f"{match.reason}; but it is of {day}, when that kind did not exist.",
    )
