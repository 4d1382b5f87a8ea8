"""The classic change heuristics, one function each, by the names that the literature gives them.

A heuristic returns one number per row of `Evidence`: 1 it is change, 0 it is not, UNKNOWN no opinion.
All of them are shy: where none or several outputs of a transaction fit, they have no opinion on it,
because a wallet makes at most one change output. Möser and Narayanan (FC 2022) measure most of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cointrace.change.evidence import UNKNOWN, Evidence

ROUND = 10_000
"""Satoshi: a multiple of it counts as a round amount. By chance one amount in ten thousand is one."""
SAME_RATE = 0.01
"""Fee rates that differ by no more than this share count as the same."""


@dataclass(frozen=True)
class Heuristic:
    """One heuristic.

    Attributes:
        name: its name in the literature, as a column name.
        rule: what it says of each row of `Evidence`.
        says: in one sentence, why an output should be the change.
        source: where it is published.
        fails: when it is known to be wrong.
    """

    name: str
    rule: Callable[[Evidence], np.ndarray]
    says: str
    source: str
    fails: str


def only_one(e: Evidence, fits: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return 1 for the one output that fits and 0 for its neighbours; UNKNOWN where it is not one.

    Args:
        e: the evidence.
        fits: for each row.
        asked: for each transaction, whether the question makes sense there.
    """
    many = np.bincount(e.row_tx[fits], minlength=len(e.txids))
    return np.where((asked & (many == 1))[e.row_tx], fits.astype(np.int8), np.int8(UNKNOWN))


def address_type(e: Evidence) -> np.ndarray:
    """All inputs have one kind of lock, and exactly one output has it too."""
    return only_one(e, e.row_kind == e.kind[e.row_tx], e.kind != UNKNOWN)


def round_amount(e: Evidence) -> np.ndarray:
    """Exactly one output is not a multiple of `ROUND`."""
    return only_one(e, e.row_value % ROUND != 0, np.ones(len(e.txids), bool))


def optimal_change(e: Evidence) -> np.ndarray:
    """Exactly one output is smaller than every input: else a smaller input would have done."""
    return only_one(e, e.row_value < e.least[e.row_tx], e.least != UNKNOWN)


def fresh_address(e: Evidence) -> np.ndarray:
    """Exactly one output has an address never seen before, all others were seen, none is the sender's."""
    others = _all_rows(e, e.row_fresh | e.row_seen)
    own = np.bincount(e.row_tx[e.row_own], minlength=len(e.txids)) > 0
    return only_one(e, e.row_fresh, others & ~own)


def address_reuse(e: Evidence) -> np.ndarray:
    """Exactly one output goes back to an address of the inputs."""
    return only_one(e, e.row_own, np.ones(len(e.txids), bool))


def locktime(e: Evidence) -> np.ndarray:
    """Exactly one output is spent by a transaction with the same habit: a locktime set, or none."""
    return _habit(e, np.where(e.locktime == UNKNOWN, UNKNOWN, e.locktime > 0))


def version(e: Evidence) -> np.ndarray:
    """Exactly one output is spent by a transaction with the same version number."""
    return _habit(e, e.version)


def fee(e: Evidence) -> np.ndarray:
    """Exactly one output is spent at the same fee, in satoshi or in satoshi per virtual byte."""
    known = (e.fee >= 0) & (e.vsize > 0)
    rate = np.where(known, e.fee / np.maximum(e.vsize, 1), np.nan)
    here, there = e.row_tx, e.row_spender
    close = np.abs(rate[here] - rate[there]) <= SAME_RATE * rate[here]
    fits = (there != UNKNOWN) & (close | (e.fee[here] == e.fee[there]))
    told = (there != UNKNOWN) & known[here] & known[there]
    return only_one(e, fits & told, _all_rows(e, told))


def peeling(e: Evidence) -> np.ndarray:
    """One input, two outputs, and exactly one of them goes on the same way: one input, two outputs."""
    peels = (e.inputs == 1) & (e.outputs == 2)
    fits = (e.row_spender != UNKNOWN) & peels[e.row_spender]
    return only_one(e, fits, peels)


def _habit(e: Evidence, mark: np.ndarray) -> np.ndarray:
    """Compare a mark of the transaction with that of each output's spender; all must be known."""
    mine, next_ = mark[e.row_tx], mark[e.row_spender]
    told = (e.row_spender != UNKNOWN) & (mine != UNKNOWN) & (next_ != UNKNOWN)
    return only_one(e, told & (mine == next_), _all_rows(e, told))


def _all_rows(e: Evidence, holds: np.ndarray) -> np.ndarray:
    """Return for each transaction whether `holds` is true of all its rows."""
    return np.bincount(e.row_tx[~holds], minlength=len(e.txids)) == 0


_BLOCKSCI = "Kalodner et al., BlockSci (USENIX Security 2020), change heuristics"
_MOESER = "Möser and Narayanan, Resurrecting Address Clustering in Bitcoin (FC 2022)"
_MEIKLEJOHN = "Meiklejohn et al., A Fistful of Bitcoins (IMC 2013)"

HEURISTICS: dict[str, Heuristic] = {
    found.name: found
    for found in (
        Heuristic(
            "address_type",
            address_type,
            "A wallet makes its change addresses of the kind that it spends from.",
            f"{_BLOCKSCI}; {_MOESER}",
            "The payee uses the sender's kind and the sender's wallet has moved on to a newer one.",
        ),
        Heuristic(
            "round_amount",
            round_amount,
            "People pay round amounts; what is left over is not round.",
            f"{_BLOCKSCI} (power of ten); {_MOESER}",
            "Prices set in another currency, and wallets that send a round rest or the whole coin.",
        ),
        Heuristic(
            "optimal_change",
            optimal_change,
            "Change larger than an input would make that input needless.",
            f"{_BLOCKSCI}; Nick, Data-Driven De-Anonymization in Bitcoin (2015)",
            "Wallets that add inputs to tidy up or to pay the fee, and small payments out of many coins.",
        ),
        Heuristic(
            "fresh_address",
            fresh_address,
            "A wallet makes a new address for change; a payee's address was often seen before.",
            f"{_MEIKLEJOHN}, heuristic 2; Androulaki et al. (FC 2013)",
            "The payee's address is new too (no opinion), or the sender reuses a change address.",
        ),
        Heuristic(
            "address_reuse",
            address_reuse,
            "What returns to an address that paid is the payer's own.",
            f"{_MEIKLEJOHN} (self-change); {_BLOCKSCI}",
            "Hardly ever: a payment to oneself, or to somebody who signs the same transaction (PayJoin).",
        ),
        Heuristic(
            "locktime",
            locktime,
            "The same wallet program sets, or does not set, a locktime each time.",
            f"{_BLOCKSCI}; {_MOESER}",
            "The payee uses the same kind of program and the sender changes his; outputs not yet spent.",
        ),
        Heuristic(
            "version",
            version,
            "The same wallet program writes the same version number each time (BIP 68).",
            _MOESER,
            "As for locktime; most programs write version 2 today.",
        ),
        Heuristic(
            "fee",
            fee,
            "A wallet with a fixed fee or fee rate pays it each time.",
            _MOESER,
            "Fees that follow the market, and two spends within one hour by different people.",
        ),
        Heuristic(
            "peeling",
            peeling,
            "In a peel chain the large rest goes on, one input to two outputs, payment after payment.",
            f"{_MEIKLEJOHN}; {_BLOCKSCI}; Kappos et al. (USENIX Security 2022)",
            "Payees who also pay from one coin: then both outputs go on, or only the payment does.",
        ),
    )
}
"""Every heuristic by name, in the order of the columns."""
