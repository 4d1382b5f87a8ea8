"""Follow a peel chain: one large coin that gets smaller, payment by payment.

Sources: Meiklejohn and others, "A Fistful of Bitcoins" (2013), section 5; Kappos and others, "How to Peel a
Million" (2022), who followed them by change heuristics and by the habits of wallets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cointrace.change import change_outputs
from cointrace.coinjoins import coinjoins
from cointrace.errors import ChainError
from cointrace.follow import Trail, _positive
from cointrace.links import Links, link

RULES = ("votes", "larger")
_COLUMNS = (
    "step",
    "txid",
    "height",
    "kept_vout",
    "kept_address",
    "kept_value",
    "peeled_vout",
    "peeled_address",
    "peeled_value",
    "confidence",
    "reason",
)


@dataclass(frozen=True, eq=False, repr=False)
class PeelChain(Trail):
    """A peel chain. `table`: one row per peel; `stopped`: the sentence that says why it ends there."""

    stopped: str = ""

    def _repr_html_(self) -> str:
        """Return the table and the reason of its end."""
        return f"{super()._repr_html_()}<p>{self.stopped}</p>"


def peel_chain(
    chain: Any,
    txid: str,
    *,
    by: str = "votes",
    direction: str = "forward",
    most_inputs: int = 1,
    most_outputs: int = 3,
    most: int = 1_000,
) -> PeelChain:
    """Follow a peel chain from a transaction on (forward) or back to where it began (backward).

    At each step one output is *kept* (the change, which the chain goes on with) and the others are
    *peeled*. Going on stops where a step would no longer look like this, never earlier and never silently.

    Args:
        chain: a `Chain`.
        txid: a transaction of the peel chain.
        by: "votes": the output that most change heuristics name (`change_outputs`), and the larger one
            where they have no opinion; "larger": always the larger output.
        direction: "forward" or "backward".
        most_inputs: a step spends at most so many coins: the kept one, and others beside it.
        most_outputs: a step has at most so many outputs that carry money.
        most: how many steps to follow at most.

    Returns:
        A `PeelChain`. Its table has one row per peeled output, in order of time: step (from 0), txid, height,
        kept_vout, kept_address, kept_value, peeled_vout, peeled_address, peeled_value (int64 satoshi),
        confidence (0 to 1, that of `change_outputs`; 0.5 where only size decided), reason.

    Raises:
        ChainError: an unknown txid, rule or direction, or a limit that is not a positive number.
    """
    _positive(most_inputs=most_inputs, most_outputs=most_outputs, most=most)
    if by not in RULES:
        raise ChainError(f"there is no rule {by!r}", f"choose one of {', '.join(RULES)}")
    if direction not in ("forward", "backward"):
        raise ChainError(f"there is no direction {direction!r}", "choose 'forward' or 'backward'")
    links = link(chain)
    at = int(links.find(pd.array([txid], dtype=object))[0])
    if at < 0:
        raise ChainError(
            f"the transaction {str(txid)[:80]!r} is not in the chain", "check the txid"
        )
    walk = _Walk(links, chain, by, most_inputs, most_outputs)
    steps, stopped = walk.forward(at, most) if direction == "forward" else walk.backward(at, most)
    cut = f"The chain goes on after these {most} steps." if stopped == "" else ""
    rows = [row for step, number in enumerate(steps) for row in walk.rows(step, number)]
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    kinds = dict.fromkeys(("step", "height", "kept_vout", "kept_value"), "int64")
    kinds |= {"peeled_vout": "int64", "peeled_value": "int64", "confidence": "float64"}
    return PeelChain(table.astype(kinds), cut, stopped or cut)


class _Walk:
    """What is needed to decide on each step."""

    def __init__(
        self, links: Links, chain: Any, by: str, most_inputs: int, most_outputs: int
    ) -> None:
        self.links = links
        self.most_inputs, self.most_outputs = most_inputs, most_outputs
        self.joint = set(links.find(coinjoins(chain)["txid"].array).tolist())
        self.named: dict[int, tuple[int, float]] = {}
        if by == "votes":
            named = change_outputs(chain)
            numbers = links.find(named["txid"].array)
            columns = zip(numbers, named["vout"], named["confidence"], strict=True)
            self.named = {int(number): (int(n), float(sure)) for number, n, sure in columns}

    def outputs(self, number: int) -> np.ndarray:
        """Return the outputs of a transaction that carry money."""
        own = np.arange(self.links.out_first[number], self.links.out_first[number + 1])
        return own[self.links.out_value[own] > 0]

    def kept(self, number: int) -> tuple[int, float, str]:
        """Return which output the chain goes on with, how sure that is, and why."""
        first = int(self.links.out_first[number])
        if number in self.named:
            n, sure = self.named[number]
            return first + n, sure, "most change heuristics name it"
        own = self.outputs(number)
        largest = int(own[np.argmax(self.links.out_value[own])])
        return largest, 0.5, "the larger output"

    def problem(self, number: int) -> str:
        """Say why a transaction is no step of a peel chain, or return ""."""
        inputs = int(self.links.in_first[number + 1] - self.links.in_first[number])
        outputs = len(self.outputs(number))
        if self.links.coinbase[number]:
            return "it is a coinbase"
        if number in self.joint:
            return "it is a CoinJoin or prepares one, and nobody can say which output goes on"
        if inputs > self.most_inputs:
            return f"it spends {inputs} coins together, more than {self.most_inputs}"
        if outputs < 2:
            return "it has one output, so nothing is peeled off"
        if outputs > self.most_outputs:
            return f"it has {outputs} outputs, more than {self.most_outputs}"
        own = self.outputs(number)
        values = np.sort(self.links.out_value[own])
        if number not in self.named and values[-1] == values[-2]:
            return "its two largest outputs are equal, and no heuristic tells them apart"
        return ""

    def forward(self, number: int, most: int) -> tuple[list[int], str]:
        """Return the steps from a transaction on, and why they end ("" if a limit ended them)."""
        steps: list[int] = []
        while len(steps) < most:
            problem = self.problem(number)
            if problem:
                return steps, f"Stopped before {self.links.txids[number]}: {problem}."
            steps.append(number)
            coin, _, _ = self.kept(number)
            number = int(self.links.out_spender[coin])
            if number < 0:
                return steps, "Stopped: nobody has spent the last coin in these blocks."
        return steps, ""

    def backward(self, number: int, most: int) -> tuple[list[int], str]:
        """Return the steps that lead to a transaction, in order of time, and why they begin there."""
        steps: list[int] = []
        while len(steps) < most:
            problem = self.problem(number)
            if problem:
                return steps[::-1], f"Begins after {self.links.txids[number]}: {problem}."
            steps.append(number)
            coins = self.links.in_out[self.links.in_first[number] : self.links.in_first[number + 1]]
            kept = [coin for coin in coins.tolist() if coin >= 0 and self._goes_on_with(coin)]
            if not kept:
                why = "no coin that it spends was kept by a step before it"
                return steps[::-1], f"Begins with {self.links.txids[number]}: {why}."
            number = int(self.links.makers(np.array(kept[:1]))[0])
        return steps[::-1], ""

    def _goes_on_with(self, coin: int) -> bool:
        maker = int(self.links.makers(np.array([coin]))[0])
        return not self.problem(maker) and self.kept(maker)[0] == coin

    def rows(self, step: int, number: int) -> list[tuple[Any, ...]]:
        """Return one row per peeled output of a step."""
        links = self.links
        coin, sure, why = self.kept(number)
        first = int(links.out_first[number])
        place = (step, links.txids[number], links.height[number])
        return [
            (
                *place,
                coin - first,
                self._address(coin),
                links.out_value[coin],
                other - first,
                self._address(other),
                links.out_value[other],
                sure,
                why,
            )
            for other in self.outputs(number).tolist()
            if other != coin
        ]

    def _address(self, coin: int) -> Any:
        return None if self.links.addresses is None else self.links.addresses[coin]
