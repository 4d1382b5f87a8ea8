"""Who has a warm sandbox when many submissions are graded at once? Everybody, from a pool.

All threads share one sandbox. When it has borne enough children a fresh one takes its place, and
the old one is closed once its last child has ended. When a warm parent dies, all its children die
with it, through no fault of theirs: whoever was in there is told, and tries again in a sandbox
that is used by nobody else. So a submission that brings parents down brings down only its own.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from autograder.sandbox import Sandbox, SandboxError

CHILDREN = 500
"""So many submissions are graded in one sandbox; what little a parent might gather goes with it."""

HEAD_START = 40
"""So many submissions before that, the next sandbox starts to warm up."""

_NEWS_SECONDS = 0.2
"""How long after its children the news of a parent's death may come."""

Answer = TypeVar("Answer")


class Stopped(Exception):
    """The run is being stopped."""


class ParentsLost(Exception):
    """The sandbox ended twice in a row while this submission was in it."""


@dataclass
class _Shared:
    """A sandbox that many use at once."""

    sandbox: Sandbox
    used: int = 0
    inside: int = 0
    failed: bool = False


class SandboxPool:
    """Warm sandboxes for many threads. Use it as a context manager.

    Arguments: what makes a sandbox, not started yet, that never replaces its parents by itself;
    after how many submissions a fresh one is used.

    The kernel ends a sandbox with the thread that started it, so threads that use the pool must
    live as long as they use it.
    """

    def __init__(self, make: Callable[[], Sandbox], children: int = CHILDREN) -> None:
        self._make = make
        self._children = children
        self._lock = threading.Lock()
        self._alone = threading.Lock()
        self._all: list[Sandbox] = []
        self._current: _Shared | None = None
        self._next: Sandbox | None = None
        self._quarantine: Sandbox | None = None
        self._stopped = False
        self._worked = False

    def __enter__(self) -> "SandboxPool":
        self.warm()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start the first sandbox; it warms up meanwhile. Raises SandboxError where none can be."""
        with self._lock:
            if self._current is None:
                self._current = _Shared(self._new())

    def use(
        self, work: Callable[[Sandbox], Answer], suspicious: Callable[[Answer], bool]
    ) -> Answer:
        """Do a piece of work in a sandbox, and once more in another if that one dies meanwhile.

        Arguments: the work; whether its answer could come of a sandbox that died. Raises
        SandboxError where there never was one that worked, ParentsLost when the second one died as
        well, and Stopped when the run is being stopped.
        """
        with self._shared() as shared:
            done, answer = _attempt(shared.sandbox, work, suspicious)
            if done:
                self._worked = True
                return answer
            shared.failed = True
        with self._alone:
            done, answer = _attempt(self._undisturbed(), work, suspicious)
        if self._stopped:
            raise Stopped
        if done:
            self._worked = True
            return answer
        if isinstance(answer, SandboxError) and not self._worked:
            raise answer
        raise ParentsLost("The sandbox ended twice while this submission was in it")

    def stop(self) -> None:
        """End everything at once. Threads that wait for a sandbox come back with an error."""
        self._stopped = True
        for sandbox in list(self._all):
            sandbox.kill()

    def close(self) -> None:
        """End all sandboxes. No thread may be using one."""
        with self._lock:
            while self._all:
                self._all.pop().close()
            self._current = self._next = self._quarantine = None

    @contextmanager
    def _shared(self) -> Iterator[_Shared]:
        """The sandbox that all use, for one submission."""
        with self._lock:
            if self._stopped:
                raise Stopped
            shared = self._current
            if shared is None or shared.failed or shared.used >= self._children:
                shared = self._current = self._replace(shared)
            if shared.used == self._children - HEAD_START:
                self._next = self._next or self._new()
            shared.used += 1
            shared.inside += 1
        try:
            yield shared
        finally:
            with self._lock:
                shared.inside -= 1
                if shared is not self._current and shared.inside == 0:
                    self._close(shared.sandbox)

    def _replace(self, old: _Shared | None) -> _Shared:
        """A fresh sandbox for all. The old one is closed now, or by the last who is in it."""
        fresh, self._next = self._next or self._new(), None
        if old is not None and old.inside == 0:
            self._close(old.sandbox)
        return _Shared(fresh)

    def _undisturbed(self) -> Sandbox:
        """The sandbox for second tries, one at a time."""
        if self._stopped:
            raise Stopped
        sandbox = self._quarantine
        if sandbox is None or not sandbox.is_whole(sandbox.starts):
            if sandbox is not None:
                self._close(sandbox)
            sandbox = self._quarantine = self._new()
        return sandbox

    def _new(self) -> Sandbox:
        sandbox = self._make()
        self._all.append(sandbox)
        sandbox.warm()
        return sandbox

    def _close(self, sandbox: Sandbox) -> None:
        if sandbox in self._all:
            self._all.remove(sandbox)
        sandbox.close()


def _attempt(
    sandbox: Sandbox, work: Callable[[Sandbox], Answer], suspicious: Callable[[Answer], bool]
) -> tuple[bool, Answer | SandboxError]:
    """Whether the sandbox stood by to the end, and the answer of the work or why there is none."""
    since = sandbox.starts
    try:
        answer = work(sandbox)
    except SandboxError as error:
        return False, error
    return not suspicious(answer) or sandbox.is_whole(since, _NEWS_SECONDS), answer
