"""Follow marked money through a chain, under five policies, to the satoshi."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from cointrace.errors import ChainError
from cointrace.links import Links, link, sums
from cointrace.sources import find_outputs
from cointrace.taint_amounts import HAIRCUT, POISON, TIHO, make_amount_walk
from cointrace.taint_ranges import make_range_walk
from cointrace.taint_result import Taint

POLICIES = ("poison", "haircut", "fifo", "lifo", "tiho")
_AMOUNTS = {"poison": POISON, "haircut": HAIRCUT, "tiho": TIHO}
_COMPILE_FROM = 300_000  # transactions; compiling takes as long as plain Python does for these


def taint(
    chain: Any,
    sources: Any,
    policy: str = "haircut",
    direction: str = "forward",
    fees: str | None = None,
    compiled: bool | None = None,
) -> Taint:
    """Follow money from `sources` through all later transactions (or back through all earlier ones).

    In one transaction the policies say which outputs the marked satoshi of the inputs went to:

    - "poison": all outputs are tainted in full, however little came in. Makes taint out of nothing.
    - "haircut": every output and the fee take the same share. Whole satoshi: with C the sum of the
      outputs so far, in their order, and T of V satoshi tainted, an output ends at floor(T·C/V) of the
      taint; the fee takes the rest. So each is less than one satoshi from its exact share, and nothing
      is lost or made.
    - "fifo": the first satoshi in is the first out: inputs and outputs lie end to end, the fee last.
    - "lifo": the last satoshi in is the first out: the line of the inputs is turned round.
    - "tiho": taint in, highest out: the output of the highest value is filled with taint first (of
      equal ones the first), then the next; the fee comes last.

    A coinbase takes in new money and then the fees of its block in order; new money is what it pays
    out beyond these fees. So taint goes on through fees, and what a miner leaves unclaimed is lost.

    Args:
        chain: a `Chain`, or `link(chain)`, which saves time where many questions are asked.
        sources: see `cointrace.sources.find_outputs`: (txid, vout), (txid, vout, satoshi), txid, address,
            (address, height), a list or a table of these. Spent outputs may be named: this is how one
            begins in the middle.
        policy: one of the five.
        direction: "forward", or "backward" for "fifo" and "lifo": where did this money come from?
        fees: "follow" lets taint go through fees into coinbases, "stop" lets it rest in the fee. If
            None, "stop" for poison (one fee would taint a whole coinbase) and "follow" for the others.
        compiled: whether to compile the loop (numba); if None, for large chains only. Same result.

    Returns:
        A `Taint`: `table`, `totals`, `resting`, `by_address()`, `stopped`, `origins`.

    Raises:
        ChainError: unknown policy, sources that are not there, tables that contradict themselves.

    Sources: Möser, Böhme, Breuker, Towards Risk Scoring of Bitcoin Transactions (2014): poison, haircut.
    Anderson, Shumailov, Ahmed, Rietmann, Bitcoin Redux (2018): first in first out, after Clayton's case
    (1816). Tironsakkul, Maarek, Eross, Just, Probing the Mystery of Cryptocurrency Theft (2019): LIFO and
    TIHO. That new money comes before fees, and these in order: Rodarmor's ordinal numbers (2022).
    """
    policy, fees = _checked(policy, direction, fees)
    links = link(chain)
    outputs, parts = find_outputs(links, sources)
    if compiled is None:
        compiled = len(links.height) >= _COMPILE_FROM
    money = _Money(links, fees == "follow", direction == "backward")
    amount = np.zeros(len(links.out_value) + len(links.height), np.int64)
    amount[outputs] = parts
    if policy in _AMOUNTS:
        twice = _walk_amounts(money, _AMOUNTS[policy], amount, compiled)
    else:
        twice = _walk_ranges(money, policy == "lifo", amount, outputs, parts, compiled)
    return Taint.from_walk(
        links,
        policy,
        direction,
        fees,
        outputs,
        parts,
        amount,
        money,
        marked=int(parts.sum()) - twice,
    )


class _Money:
    """What both loops need besides the links: the order of work, and who handles a slot next.

    A slot is an output, or behind all outputs the fee of a transaction (of a coinbase: what it
    leaves unclaimed).
    """

    def __init__(self, links: Links, follow: bool, backward: bool) -> None:
        self.links, self.follow, self.backward = links, follow, backward
        count = len(links.height)
        numbers = np.arange(count)
        blocks = int(links.block[-1]) + 1 if count else 0
        self.block_first = np.searchsorted(links.block, np.arange(blocks + 1))
        self.new_money = _new_money(links, self.block_first)
        # A coinbase stands first in its block and takes the fees of all that come behind it.
        self.steps = np.lexsort((numbers, links.coinbase, links.block))
        if backward:
            self.steps = self.steps[::-1].copy()
            makers = np.repeat(numbers, np.diff(links.out_first))
            fees_next = numbers
            self.next_tx = np.concatenate([makers, fees_next])
        else:
            first = self.block_first[:-1][links.block]
            takes = links.coinbase[first] & (self.new_money[first] >= 0) & ~links.coinbase & follow
            self.next_tx = np.concatenate([links.out_spender, np.where(takes, first, -1)])
        self.due = np.zeros(count, np.uint8)
        self.stopped = np.zeros(count, np.int64)
        self.begins = np.zeros(count, np.int64)

    def start(self, outputs: np.ndarray) -> None:
        """Note who handles the marked outputs next."""
        following = self.next_tx[outputs]
        self.due[following[following >= 0]] = 1


def _new_money(links: Links, block_first: np.ndarray) -> np.ndarray:
    """Return what each coinbase creates, -1 where a fee of its block is unknown; 0 for the others."""
    unknown = sums((links.fee < 0).astype(np.int64), block_first) > 0
    collected = sums(np.maximum(links.fee, 0), block_first)
    paid = sums(links.out_value, links.out_first)
    new = np.where(unknown[links.block], -1, np.maximum(paid - collected[links.block], 0))
    return np.where(links.coinbase, new, 0)


def _walk_amounts(money: _Money, policy: int, amount: np.ndarray, compiled: bool) -> int:
    links = money.links
    money.start(np.flatnonzero(amount))
    most = int(np.diff(links.out_first).max(initial=0)) + 1
    fixed = _lists(compiled, links.coinbase, money.block_first, links.block, money.new_money)
    fixed += _lists(
        compiled, links.in_first, links.in_out, links.in_value,
        links.out_first, links.out_value, links.fee, money.next_tx,
    )  # fmt: skip
    amounts = amount if compiled else amount.tolist()
    stopped = money.stopped if compiled else money.stopped.tolist()
    shares = np.zeros(most, np.int64) if compiled else [0] * most
    walk = _loop(make_amount_walk, compiled)
    twice = walk(policy, money.steps, money.due, *fixed, amounts, stopped, shares)
    if not compiled:
        amount[:], money.stopped[:] = amounts, stopped
    return int(twice)


def _walk_ranges(
    money: _Money,
    lifo: bool,
    amount: np.ndarray,
    outputs: np.ndarray,
    parts: np.ndarray,
    compiled: bool,
) -> int:
    links = money.links
    money.start(outputs)
    where = np.zeros(len(amount), np.int64)
    length = np.zeros(len(amount), np.int32)
    where[outputs], length[outputs] = -1 - parts, 1
    widest = max(
        int(np.diff(counts).max(initial=0))
        for counts in (links.in_first, links.out_first, money.block_first)
    )
    slots, values = (np.zeros((2, widest + 1), np.int64) for _ in range(2))
    walk = _loop(make_range_walk, compiled)
    fixed = _lists(compiled, links.coinbase, money.block_first, links.block, money.new_money)
    fixed += _lists(
        compiled, links.in_first, links.in_out, links.in_value,
        links.out_first, links.out_value, links.fee, money.next_tx,
    )  # fmt: skip
    twice = walk(
        lifo, money.backward, money.follow, money.steps, money.due, *fixed,
        where, length, amount, money.stopped, money.begins, slots, values,
    )  # fmt: skip
    return int(twice)


def _lists(compiled: bool, *arrays: np.ndarray) -> list[Any]:
    """Plain Python reads lists faster than arrays, and its numbers never wrap."""
    return list(arrays) if compiled else [array.tolist() for array in arrays]


@cache
def _loop(make: Callable[[Any], Callable[..., int]], compiled: bool) -> Callable[..., int]:
    if not compiled:
        return make(lambda function: function)
    import numba

    return make(numba.njit(nogil=True))


def _checked(policy: str, direction: str, fees: str | None) -> tuple[str, str]:
    """Return the policy and what happens to fees, or say what is wrong."""
    wanted = policy.lower() if isinstance(policy, str) else policy
    if wanted not in POLICIES:
        raise ChainError(f"{policy!r} is not a policy", f"choose one of {', '.join(POLICIES)}")
    if direction not in ("forward", "backward"):
        raise ChainError(f"{direction!r} is not a direction", "choose forward or backward")
    if direction == "backward" and wanted not in ("fifo", "lifo"):
        raise ChainError(
            f"{wanted} cannot be followed backward, for it does not say which satoshi went where",
            "choose fifo or lifo",
        )
    if fees not in (None, "follow", "stop"):
        raise ChainError(f"{fees!r} does not say what happens to fees", "choose follow or stop")
    return wanted, fees or ("stop" if wanted == "poison" else "follow")
