"""Many at a time, until one has to be alone: who wants what waits for whom."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from autograder.pool import Stopped


class Turns:
    """Many together, or one alone. Who wants to be alone waits for the others, and they for it."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._inside = 0
        self._waiting = 0
        self._stopped = False

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Be in there with others. Raises Stopped when the run is being stopped."""
        with self._news:
            self._wait(lambda: self._inside >= 0 and not self._waiting)
            self._inside += 1
        try:
            yield
        finally:
            with self._news:
                self._inside -= 1
                self._news.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be in there with nobody else. Raises Stopped when the run is being stopped."""
        with self._news:
            self._waiting += 1
            try:
                self._wait(lambda: self._inside == 0)
            finally:
                self._waiting -= 1
                self._news.notify_all()
            self._inside = -1
        try:
            yield
        finally:
            with self._news:
                self._inside = 0
                self._news.notify_all()

    def stop(self) -> None:
        """Send away whoever waits."""
        with self._news:
            self._stopped = True
            self._news.notify_all()

    def _wait(self, until: Callable[[], bool]) -> None:
        self._news.wait_for(lambda: self._stopped or until())
        if self._stopped:
            raise Stopped
