"""Grading without a sandbox, for who asks for it: `casework grade --without-sandbox`.

Where the kernel gives no user namespaces, and on macOS, there can be no sandbox. The two processes
are then ordinary ones. They still do not share memory, the judge still asks for plain data only,
and time, processor time and the size of files keep their limits; on Linux memory and the number of
processes are watched as well. But a trainee's program can read, change and delete whatever the
user can who grades: hidden tests, truth, gradebook, other submissions, letters. So it is said on
the screen, in the graded notebook and in the feedback (`STAMP`).

On Linux this is tested. For macOS nothing is used that it lacks (no pidfd, memfd or /proc), but it
was never run there.
"""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.mounts import DESK
from autograder.sandbox import Child, Nursery, Sandbox, SandboxError, _environment
from autograder.trial import _family

STAMP = (
    "Graded without a sandbox: the program could read every file of the grader, "
    "so nothing protects these points from a dishonest notebook."
)
WARNING = (
    "GRADING WITHOUT A SANDBOX. Trainees' programs can read, change and delete everything that you "
    "can on this machine: hidden tests, marks, your own files. Do this only with people whom you "
    "trust. It will stand in every feedback page."
)
NOT_ON_WINDOWS = (
    "Grading does not run on Windows itself, with or without a sandbox. "
    "Use WSL (wsl --install), and run it there."
)
ROOMS = {"trainee": "autograder.inside.trainee", "judge": "autograder.judge.bench"}


class OpenChild(Child):
    """One ordinary process, and a folder of its own that goes with it.

    Its number stays its own until its parent is told that it was ended, so no signal can reach
    another process.
    """

    def __init__(self, pid: int, desk: Path, ended: list[int]) -> None:
        self.pid = pid
        self._desk = desk
        self._ended = ended
        self._living = True

    def has_ended(self) -> bool:
        """Say whether it was ended from here."""
        return not self._living

    def end(self) -> None:
        """End the process and what it started, as far as it can still be told to be its own."""
        if not self._living:
            return
        self._living = False
        for pid in reversed(_family(self.pid, most=1000)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._ended.append(self.pid)
        shutil.rmtree(self._desk, ignore_errors=True)

    def _send(self, number: signal.Signals) -> None:
        if self._living:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)


class OpenNursery(Nursery):
    """A warm parent that is an ordinary process, and whose children are."""

    def __init__(self, role: str, environment: Mapping[str, str]) -> None:
        super().__init__(role, (), environment)
        self._desk: Path | None = None
        self._next: Path | None = None
        self._children: list[OpenChild] = []
        self._ended: list[int] = []

    def start(self) -> None:
        """Start it; it warms up meanwhile."""
        self._desk = Path(tempfile.mkdtemp(prefix="casework-"))
        super().start()

    def bear(self, request: dict[str, Any], fds: Sequence[int]) -> Child:
        """Fork a child, which begins in a folder of its own. Arguments and errors as in `Nursery`."""
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        told = [self._ended.pop() for _ in range(len(self._ended))]
        self._next = Path(tempfile.mkdtemp(prefix="casework-"))
        env = {**_at(self._next, self._environment), **request["env"]}
        try:
            more = {"env": env, "desk": str(self._next), "ended": told}
            return super().bear({**request, **more}, fds)
        except SandboxError:
            shutil.rmtree(self._next, ignore_errors=True)
            raise

    def stop(self) -> None:
        """End all its children and itself."""
        self._end_children()
        super().stop()
        if self._desk is not None:
            shutil.rmtree(self._desk, ignore_errors=True)
            self._desk = None

    def kill(self) -> None:
        """End all its children and itself at once."""
        self._end_children()
        super().kill()

    def _end_children(self) -> None:
        for child in list(self._children):
            child.end()
        self._children.clear()
        self._ended.clear()

    def _program(self, control_fd: int) -> list[str]:
        flags = ("-s", "-P", "-B", "-m", "autograder.inside.open_nursery")
        return [sys.executable, *flags, ROOMS[self.role], str(control_fd), str(self._desk)]

    def _outer_environment(self) -> dict[str, str]:
        return _at(self._desk, self._environment)

    def _child(self, answer: dict[str, Any], pidfds: Sequence[int]) -> Child:
        self._children = [child for child in self._children if not child.has_ended()]
        child = OpenChild(answer["pid"], self._next, self._ended)
        self._children.append(child)
        return child

    def _why(self, said: str) -> str:
        return f"The grader's own processes cannot be started here ({self._words(said)})."


class Unwalled(Sandbox):
    """Two warm parents as `Sandbox` has them, without walls. Arguments as there.

    Raises:
        SandboxError: this is Windows.
    """

    stamp = STAMP

    def _build(self, world: Path, truth: Path | None) -> tuple[Nursery, Nursery]:
        environment = _environment(world) | {
            # Apple's libraries refuse to live in a forked process otherwise.
            "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        }
        truth_place = {} if truth is None else {"CASEWORK_TRUTH": str(truth.resolve())}
        return (
            OpenNursery("trainee", environment),
            OpenNursery("judge", environment | truth_place),
        )

    @staticmethod
    def _check_platform() -> None:
        if sys.platform == "win32":
            raise SandboxError(NOT_ON_WINDOWS)

    def is_whole(self, since: int, seconds: float = 0.0) -> bool:
        """Say whether the same two parents still live. Arguments as in `Sandbox`."""
        parents = (self._trainees._process, self._judges._process)
        return self.starts == since and all(p is not None and p.poll() is None for p in parents)


def _at(desk: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with another home."""
    return {
        name: str(desk) + value.removeprefix(DESK) if value.startswith(DESK) else value
        for name, value in environment.items()
    }
