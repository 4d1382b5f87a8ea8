"""Follow money step by step: peel chains, paths between two points, and what lies around one.

A step is a coin: an output, and the transaction that spends it. Nothing here decides whose money it is.
A limit is never silent: every result says in `cut` what was left out, and is empty only where nothing was.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from cointrace.errors import ChainError
from cointrace.links import Links, link

EDGE_COLUMNS = ("source", "target", "vout", "address", "value", "height")
_REACH = 200_000  # coins that a search for paths looks at before it gives up


@dataclass(frozen=True, eq=False, repr=False)
class Trail:
    """What a search found. `table`: its rows; `cut`: a sentence on what a limit left out, or ""."""

    table: pd.DataFrame
    cut: str = ""

    def __repr__(self) -> str:
        """Return the table and the sentence as text."""
        return f"{self.table.to_string()}\n{self.cut}".rstrip()

    def _repr_html_(self) -> str:
        """Return the table and the sentence for a notebook."""
        told = f"<p>{escape(self.cut)}</p>" if self.cut else ""
        return self.table.to_html(index=False) + told


def paths(
    chain: Any, start: Any, end: Any, *, most: int = 10, longest: int = 20, reach: int = _REACH
) -> Trail:
    """Find ways of coins from one point to another, the shortest first.

    A way begins at a coin of `start` and ends at the first coin of `end` that it meets. That there is a
    way says that money *could* have gone so; how much of it did, `taint` says.

    Args:
        chain: a `Chain`, or a `Links`.
        start, end: a txid (its outputs), an address (the coins it received), a coin ("txid:n", or a pair
            of txid and n), or a list of these.
        most: how many ways to return at most.
        longest: how many coins a way may have at most.
        reach: how many coins the search looks at, at most, before it gives up.

    Returns:
        A `Trail` with one row per coin of each way, ways in order of length, then of the chain: path (from
        0), step (from 0), txid, height, vout, address, value (int64 satoshi).

    Raises:
        ChainError: a point is not in the chain, or a limit is not a positive number.
    """
    _positive(most=most, longest=longest, reach=reach)
    links = link(chain)
    first, last = coins_of(links, start, "start"), set(coins_of(links, end, "end"))
    distance, partial = _distances(links, last, longest, reach)
    heap: list[tuple[int, tuple[int, ...]]] = [
        (1 + distance[coin], (coin,)) for coin in first if coin in distance
    ]
    heapq.heapify(heap)
    found: list[tuple[int, ...]] = []
    looked = 0
    while heap and len(found) <= most and looked < reach:
        _, way = heapq.heappop(heap)
        looked += 1
        if way[-1] in last:
            found.append(way)
            continue
        for coin in _next_coins(links, way[-1]):
            if coin in distance and len(way) + 1 + distance[coin] <= longest:
                heapq.heappush(heap, (len(way) + 1 + distance[coin], (*way, coin)))
    cut = []
    if len(found) > most:
        found = found[:most]
        cut.append(f"there are more than these {most} ways")
    if partial or looked >= reach:
        cut.append(f"the search gave up after {reach:,} coins")
    rows = [
        (number, step, coin) for number, way in enumerate(found) for step, coin in enumerate(way)
    ]
    table = _coins_table(links, [coin for _, _, coin in rows])
    table.insert(0, "step", np.array([step for _, step, _ in rows], np.int64))
    table.insert(0, "path", np.array([number for number, _, _ in rows], np.int64))
    return Trail(table, _sentence(cut))


def neighbourhood(
    chain: Any, start: Any, *, depth: int = 2, direction: str = "both", most: int = 200
) -> Trail:
    """Return the coins around a point, as edges from the transaction that made each to its spender.

    Args:
        chain: a `Chain`, or a `Links`.
        start: as for `paths`.
        depth: how many transactions away to go.
        direction: "forward" (where money went), "backward" (where it came from) or "both".
        most: how many edges to return at most; nearer ones come first.

    Returns:
        A `Trail` with one row per coin: source (txid that made it), target (txid that spends it, or None
        while nobody has), vout, address, value (int64 satoshi), height (of source). In the order found.

    Raises:
        ChainError: the point is not in the chain, or an argument is not what it should be.
    """
    _positive(depth=depth, most=most)
    if direction not in ("forward", "backward", "both"):
        raise ChainError(
            f"there is no direction {direction!r}", "choose 'forward', 'backward' or 'both'"
        )
    links = link(chain)
    coins: dict[int, None] = {}
    full = False
    ways = [way for way in ("forward", "backward") if direction in (way, "both")]
    for way in ways:
        queue = deque((coin, 0) for coin in coins_of(links, start, "start"))
        seen = {coin for coin, _ in queue}
        while queue:
            coin, away = queue.popleft()
            if len(coins) >= most and coin not in coins:
                full = True
                break
            coins[coin] = None
            if away >= depth:
                continue
            step = _next_coins if way == "forward" else _coins_before
            for other in step(links, coin):
                if other not in seen:
                    seen.add(other)
                    queue.append((other, away + 1))
    cut = _sentence([f"there is more around it than these {most} coins"] if full else [])
    return Trail(_edges(links, list(coins)), cut)


def coins_of(links: Links, point: Any, name: str = "point") -> list[int]:
    """Return the numbers of the coins that a point means, each once, in chain order.

    Raises ChainError where it means none.
    """
    if isinstance(point, str):
        coins = _coins_named(links, point)
    elif isinstance(point, tuple) and len(point) == 2 and not isinstance(point[1], str):
        coins = _coin(links, *point)
    elif isinstance(point, Iterable) and not isinstance(point, bytes):
        coins = sorted({coin for each in point for coin in coins_of(links, each, name)})
    else:
        coins = []
    if not coins:
        raise ChainError(
            f"the {name} {str(point)[:90]!r} is not in the chain",
            "give a txid, an address, or a coin such as 'txid:0' of this very chain",
        )
    return coins


def _coins_named(links: Links, text: str) -> list[int]:
    number = int(links.find(pd.array([text], dtype=object))[0])
    if number >= 0:
        return list(range(int(links.out_first[number]), int(links.out_first[number + 1])))
    txid, colon, place = text.rpartition(":")
    if colon and place.isdecimal():
        return _coin(links, txid, int(place))
    if links.addresses is None:
        return []
    match = pd.Series(links.addresses) == text
    return np.flatnonzero(match.fillna(False).to_numpy(dtype=bool)).tolist()


def _coin(links: Links, txid: Any, place: int) -> list[int]:
    number = int(links.find(pd.array([str(txid)], dtype=object))[0])
    if number < 0 or not 0 <= place < links.out_first[number + 1] - links.out_first[number]:
        return []
    return [int(links.out_first[number]) + int(place)]


def _next_coins(links: Links, coin: int) -> Iterator[int]:
    """The coins that the spender of a coin made."""
    spender = int(links.out_spender[coin])
    if spender >= 0:
        yield from range(int(links.out_first[spender]), int(links.out_first[spender + 1]))


def _coins_before(links: Links, coin: int) -> Iterator[int]:
    """The coins that the maker of a coin spent."""
    maker = int(links.makers(np.array([coin]))[0])
    spent = links.in_out[links.in_first[maker] : links.in_first[maker + 1]]
    yield from (int(each) for each in spent if each >= 0)


def _distances(
    links: Links, last: set[int], longest: int, reach: int
) -> tuple[dict[int, int], bool]:
    """Return how many steps each coin is before the nearest of `last`, and whether it gave up."""
    distance = dict.fromkeys(sorted(last), 0)
    queue = deque(distance)
    while queue:
        coin = queue.popleft()
        if distance[coin] + 2 > longest:
            continue
        for other in _coins_before(links, coin):
            if other not in distance:
                if len(distance) >= reach:
                    return distance, True
                distance[other] = distance[coin] + 1
                queue.append(other)
    return distance, False


def _coins_table(links: Links, coins: list[int]) -> pd.DataFrame:
    numbers = np.array(coins, np.int64)
    makers = links.makers(numbers) if len(numbers) else numbers
    return pd.DataFrame(
        {
            "txid": pd.Series(links.txids).take(makers).array,
            "height": links.height[makers],
            "vout": numbers - links.out_first[makers],
            "address": _addresses(links, numbers),
            "value": links.out_value[numbers],
        }
    )


def _edges(links: Links, coins: list[int]) -> pd.DataFrame:
    table = _coins_table(links, coins)
    spenders = links.out_spender[np.array(coins, np.int64)]
    known = pd.Series(links.txids)
    target = [known.iloc[each] if each >= 0 else None for each in spenders]
    edges = table.rename(columns={"txid": "source"})
    edges["target"] = pd.Series(target, dtype=object)
    return edges[list(EDGE_COLUMNS)]


def _addresses(links: Links, coins: np.ndarray) -> Any:
    if links.addresses is None:
        return np.full(len(coins), None, object)
    return pd.Series(links.addresses).take(coins).array


def _positive(**numbers: Any) -> None:
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise ChainError(f"{name} is {value!r}", "give a whole number from 1")


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""
