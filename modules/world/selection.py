"""Which coins does a wallet spend? Four habits seen in real wallets.

bdkpython has real wallets, but it draws its own randomness and so never gives the same bytes
twice; a world must. Hence these models. Sources: M. Erhardt, "An Evaluation of Coin Selection
Strategies" (2016) for branch and bound and single random draw; oldest and largest first as in the
descriptions of widespread wallets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .scripts import INPUT_WEIGHT, Lock
from .seed import Stream

_TRIES = 2_000  # branch and bound gives up after this many steps and draws at random instead


@dataclass(frozen=True, slots=True)
class Coin:
    """An unspent output as its owner's wallet sees it: value in satoshi, height of its block."""

    txid: bytes
    vout: int
    value: int
    lock: Lock
    height: int
    coinbase: bool = False

    def worth(self, fee_rate: int) -> int:
        """Satoshi it brings once its own fee is paid (`fee_rate` in satoshi per vbyte)."""
        return self.value - (INPUT_WEIGHT[self.lock.kind] * fee_rate + 3) // 4


Picker = Callable[[Sequence[Coin], int, int, int, Stream], list[Coin]]


def _until_enough(coins: Sequence[Coin], target: int, fee_rate: int) -> list[Coin]:
    picked, total = [], 0
    for coin in coins:
        worth = coin.worth(fee_rate)
        if worth <= 0:
            continue
        picked.append(coin)
        total += worth
        if total >= target:
            return picked
    return []


def oldest_first(
    coins: Sequence[Coin], target: int, fee_rate: int, slack: int, stream: Stream
) -> list[Coin]:
    """Spend coins in the order in which they came."""
    return _until_enough(coins, target, fee_rate)


def largest_first(
    coins: Sequence[Coin], target: int, fee_rate: int, slack: int, stream: Stream
) -> list[Coin]:
    """Spend the largest coins first: few inputs, large change."""
    ordered = sorted(coins, key=lambda coin: (-coin.value, coin.txid, coin.vout))
    return _until_enough(ordered, target, fee_rate)


def random_draw(
    coins: Sequence[Coin], target: int, fee_rate: int, slack: int, stream: Stream
) -> list[Coin]:
    """Draw coins until there is enough."""
    return _until_enough(stream.shuffled(coins), target, fee_rate)


def branch_and_bound(
    coins: Sequence[Coin], target: int, fee_rate: int, slack: int, stream: Stream
) -> list[Coin]:
    """Look for coins that fit to within `slack` satoshi, so that no change is needed; else draw."""
    worths = sorted(
        ((coin.worth(fee_rate), coin.txid, coin.vout, coin) for coin in coins),
        key=lambda row: (-row[0], row[1], row[2]),
    )
    worths = [row for row in worths if row[0] > 0]
    rest = [0] * (len(worths) + 1)
    for place in range(len(worths) - 1, -1, -1):
        rest[place] = rest[place + 1] + worths[place][0]
    # Depth first, largest coin first, "take it" before "leave it".
    stack: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    for _ in range(_TRIES):
        if not stack:
            break
        place, total, taken = stack.pop()
        if target <= total <= target + slack:
            return [worths[each][3] for each in taken]
        if total > target + slack or total + rest[place] < target or place == len(worths):
            continue
        stack.append((place + 1, total, taken))
        stack.append((place + 1, total + worths[place][0], (*taken, place)))
    return random_draw(coins, target, fee_rate, slack, stream)


PICKERS: dict[str, Picker] = {
    "oldest first": oldest_first,
    "largest first": largest_first,
    "random draw": random_draw,
    "branch and bound": branch_and_bound,
}
