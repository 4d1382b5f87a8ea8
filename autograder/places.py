"""How many submissions are graded at a time? As many as there are places, and the place of one that only waits is lent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Places:
    """Places for submissions that work. A program that sleeps, or waits for what will never come, keeps nobody waiting.

    Args:
        places: how many may work at a time.
        lent: how many more may wait at a time.
    """

    def __init__(self, places: int, lent: int) -> None:
        self._free = threading.Semaphore(places)
        self._lendable = threading.Semaphore(lent)

    @contextmanager
    def one(self) -> Iterator[Callable[[], None]]:
        """Take a place, when one is free, for as long as the block lasts.

        Yields a function that lends it to somebody else: for who only waits. It is not asked back.
        """
        self._free.acquire()
        lent = False

        def lend() -> None:
            nonlocal lent
            if not lent and self._lendable.acquire(blocking=False):
                lent = True
                self._free.release()

        try:
            yield lend
        finally:
            (self._lendable if lent else self._free).release()
