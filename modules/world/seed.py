"""Where does chance come from? From a word, and from nothing else.

Every draw is a whole number taken from SHA-256 in counter mode. So a world is the same on every
machine, every Python and every processor: `random.Random` promises only `random()` across versions,
`hash()` changes from run to run, and floating point differs between mathematical libraries.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")
_WORD = 8  # bytes taken for one draw


class Stream:
    """A stream of whole numbers drawn from a seed and a path, for example `Stream("sea", "names")`.

    Two streams with different paths are independent: a new kind of actor that draws from its own
    path changes nothing that others draw.
    """

    def __init__(self, seed: str, *path: object) -> None:
        """Open the stream of `seed` (any text) at `path` (texts or whole numbers)."""
        name = "\x1f".join([seed, *(str(part) for part in path)])
        self._key = hashlib.sha256(name.encode("utf-8")).digest()
        self._counter = 0
        self._pool = b""

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to `limit` - 1 (limit at least 1)."""
        if not self._pool:
            self._pool = hashlib.sha256(self._key + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
        word, self._pool = self._pool[:_WORD], self._pool[_WORD:]
        # The high bits of word * limit: even to within limit / 2**64.
        return (int.from_bytes(word, "big") * limit) >> 64

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, part: int, whole: int) -> bool:
        """Say yes in `part` of `whole` cases."""
        return self.below(whole) < part

    def choice(self, items: Sequence[Item]) -> Item:
        """Return one of `items` (not empty)."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return `items` in a drawn order (Fisher and Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        """Return `count` different ones of `items`, in a drawn order."""
        return self.shuffled(items)[:count]

    def secret(self, *path: object) -> bytes:
        """Return 64 bytes that belong to this stream's name and `path`; draws nothing."""
        name = "\x1f".join(str(part) for part in path)
        return hashlib.sha512(self._key + name.encode("utf-8")).digest()
