"""The sandbox as the driver sees it: two warm parents in bubblewrap, and for each submission a child of each.

The trainee's parent is given the interpreter, the student packages and the world's files, read-only. The judge's parent is
given the truth as well. Neither has a network, the gradebook, other submissions or this process's environment. What a
trainee's child may use is watched and ended from here, from outside.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from autograder.limits import Limits
from autograder.mounts import (
    DESK,
    bubblewrap_command,
    packages_folder,
    read_only,
    student_packages,
    the_system,
)

_HERE = Path(__file__).parent
_START_SECONDS = 120
_LEAVE_SECONDS = 1.0


class SandboxError(Exception):
    """The sandbox cannot be had here. The text says why and what to do."""


class Child:
    """One walled process, held by a descriptor of it, so that a signal can never reach another one."""

    def __init__(self, pidfd: int) -> None:
        self._pidfd = pidfd
        self.pid = _pid_of(pidfd)

    def has_ended(self) -> bool:
        """Say whether the process is gone."""
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(0))

    def interrupt(self) -> None:
        """Stop the running cell, as the stop button of a notebook does."""
        self._send(signal.SIGINT)

    def end(self) -> None:
        """End the process, and with it, by the kernel, everything that it started."""
        if self._pidfd >= 0:
            self._send(signal.SIGKILL)
            os.close(self._pidfd)
            self._pidfd = -1

    def _send(self, number: signal.Signals) -> None:
        if self._pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)


class Nursery:
    """A warm parent in bubblewrap that forks a child for each request.

    Args:
        role: "trainee" or "judge".
        mounts: what of this machine's files it sees, as arguments of bubblewrap.
        environment: its whole environment.
    """

    def __init__(self, role: str, mounts: Sequence[str], environment: Mapping[str, str]) -> None:
        self.role = role
        self._mounts = mounts
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.born = 0
        self.starts = 0

    def start(self) -> None:
        """Start it; it warms up meanwhile.

        Raises:
            SandboxError: bubblewrap cannot be started.
        """
        ours, theirs = socket.socketpair()
        command = self._program(theirs.fileno())
        # Not a pipe: nobody would read it, and a full pipe would stop the nursery.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `stop`
        try:
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                env=self._outer_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(
                f"bubblewrap cannot be started: {error}. Run `make env` again."
            ) from None
        finally:
            theirs.close()
        self._control = ours
        self.born = -1
        self.starts += 1

    def bear(self, request: dict[str, Any], fds: Sequence[int]) -> Child:
        """Fork a child.

        Args:
            request: what the child is told at birth; "walls" and "limits" are added by the caller.
            fds: descriptors for it to keep.

        Raises:
            SandboxError: the parent or the kernel refused.
        """
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self.start()
        if self.born < 0:
            self._wait_until_warm()
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], list(fds))
            reply, pidfds, _, _ = socket.recv_fds(self._control, 4096, 1)
            answer = json.loads(reply or b"{}")
        except (OSError, ValueError):
            answer = {}
        if not answer.get("born"):
            raise SandboxError(self._why(answer.get("why", "")))
        self.born += 1
        return self._child(answer, pidfds)

    def stop(self) -> None:
        """End it and all its children."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            # A parent that leaves by itself is counted, with its children, in our processor time.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LEAVE_SECONDS)
            self._process.kill()
            self._process.wait()
            self._process = None
            self._said.close()

    def kill(self) -> None:
        """End it and all its children at once; `stop` clears up after it."""
        process = self._process
        if process is not None:
            process.kill()

    def _program(self, control_fd: int) -> list[str]:
        nursery = ("autograder.inside.nursery", self.role, str(control_fd))
        command = bubblewrap_command(self._mounts, self._environment)
        return [*command, sys.executable, "-s", "-P", "-B", "-m", *nursery]

    def _outer_environment(self) -> dict[str, str]:
        return {}

    def _child(self, answer: dict[str, Any], pidfds: Sequence[int]) -> Child:
        return Child(pidfds[0])

    def _wait_until_warm(self) -> None:
        self._control.settimeout(_START_SECONDS)
        try:
            ready = self._control.recv(4096)
        except OSError:
            ready = b""
        if not ready:
            self._process.kill()
            self._process.wait()
            raise SandboxError(self._why(""))
        self.born = 0

    def _words(self, said: str) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return said or (lines[-1] if lines else "it ended without a word")

    def _why(self, said: str) -> str:
        return (
            f"The sandbox cannot be started here ({self._words(said)}). It needs Linux with user namespaces. Ask the administrator "
            "to allow them (sysctl user.max_user_namespaces; on Ubuntu also "
            "kernel.apparmor_restrict_unprivileged_userns=0), or grade on a machine that has them. If you trust "
            "everybody in the class with everything on this machine: casework grade --without-sandbox."
        )


class Sandbox:
    """Both warm parents. Use it as a context manager, or call `close`.

    Args:
        world: the world's folder, as a trainee sees it.
        truth: the folder of its truth; only the judge sees it.
        limits: what one submission may use.
        children_per_parent: after so many submissions the parents are replaced by fresh ones.

    Raises:
        SandboxError: this is not Linux.
    """

    stamp = ""
    """What must stand on everything that was graded in it; see `autograder.unwalled`."""

    def __init__(
        self,
        world: Path,
        truth: Path | None,
        limits: Limits | None = None,
        children_per_parent: int = 500,
    ) -> None:
        self._check_platform()
        self.limits = limits or Limits()
        self._children_per_parent = children_per_parent
        self._lock = threading.Lock()
        self._trainees, self._judges = self._build(world, truth)

    @staticmethod
    def _check_platform() -> None:
        if not sys.platform.startswith("linux"):
            raise SandboxError(
                "Grading runs trainees' code in a sandbox of the Linux kernel, which this system does not have. "
                "Grade on Linux, or in WSL on Windows."
            )

    def _build(self, world: Path, truth: Path | None) -> tuple[Nursery, Nursery]:
        code = [
            *read_only(_HERE / "__init__.py"),
            *read_only(_HERE / "wire"),
            *read_only(_HERE / "inside"),
        ]
        common = [*the_system(), *code, *student_packages(), *read_only(world)]
        judges = [*common, *read_only(_HERE / "judge")]
        environment = _environment(world)
        if truth is not None:
            judges += read_only(truth)
        truth_place = {} if truth is None else {"CASEWORK_TRUTH": str(truth.resolve())}
        return (
            Nursery("trainee", common, environment),
            Nursery("judge", judges, environment | truth_place),
        )

    def __enter__(self) -> Self:
        self.warm()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def warm(self) -> None:
        """Start both parents at once, so that they load side by side."""
        for nursery in (self._trainees, self._judges):
            if nursery._process is None:
                nursery.start()

    def close(self) -> None:
        """End both parents and all that lives in them."""
        self._trainees.stop()
        self._judges.stop()

    def kill(self) -> None:
        """End both parents and all that lives in them at once, whoever is using them."""
        self._trainees.kill()
        self._judges.kill()

    @property
    def starts(self) -> int:
        """How often a parent was started, of both together."""
        return self._trainees.starts + self._judges.starts

    def is_whole(self, since: int, seconds: float = 0.0) -> bool:
        """Say whether the same two parents still live: with one of them, all its children have ended.

        Args:
            since: what `starts` was.
            seconds: how long to wait for news that one has ended.
        """
        poll = select.poll()
        try:
            for nursery in (self._trainees, self._judges):
                poll.register(nursery._control, select.POLLRDHUP)
            ended = poll.poll(seconds * 1000)
        except (OSError, TypeError, ValueError):
            return False
        return not ended and self.starts == since

    def pair(
        self, files: Mapping[str, bytes], env: Mapping[str, str], judge_env: Mapping[str, str]
    ) -> tuple[Child, Child, socket.socket]:
        """Fork a trainee's child and a judge's child that can talk to each other.

        Args:
            files: what lies beside the notebook, by name.
            env: what is added to the environment of both.
            judge_env: what is added for the judge alone.

        Returns:
            The trainee's child, the judge's child, and the driver's socket to the judge.
        """
        # A parent answers one request after the other.
        with self._lock:
            return self._pair(files, env, judge_env)

    def _pair(
        self, files: Mapping[str, bytes], env: Mapping[str, str], judge_env: Mapping[str, str]
    ) -> tuple[Child, Child, socket.socket]:
        if self._trainees.born >= self._children_per_parent:
            self.close()
        self.warm()
        witness_side, judge_side = socket.socketpair()
        ours, theirs = socket.socketpair()
        with witness_side, judge_side, theirs, _in_memory(files) as baggage:
            limits = self.limits.as_message()
            trainee = self._trainees.bear(
                {
                    "limits": limits,
                    "env": dict(env),
                    "output_bytes": self.limits.output_bytes,
                },
                [witness_side.fileno(), baggage.fileno()],
            )
            try:
                # The judge runs no foreign code, so its memory may hold what many answers bring.
                roomy = limits | {"memory_bytes": 4 * self.limits.memory_bytes}
                judge = self._judges.bear(
                    {"limits": roomy, "env": {**env, **judge_env}},
                    [judge_side.fileno(), theirs.fileno()],
                )
            except SandboxError:
                trainee.end()
                ours.close()
                raise
        return trainee, judge, ours


def _in_memory(files: Mapping[str, bytes]) -> BinaryIO:
    """Return an open file that holds `files` as a zip archive and lies in no folder."""
    if hasattr(os, "memfd_create"):
        memory = os.fdopen(os.memfd_create("files"), "w+b")
    else:  # not Linux, so without a sandbox
        memory = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
    with zipfile.ZipFile(memory, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    memory.seek(0)
    return memory


def _environment(world: Path) -> dict[str, str]:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **one_thread,
        "CASEWORK_WORLD": str(world.resolve()),
        "HOME": DESK,
        "IPYTHONDIR": f"{DESK}/.ipython",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{DESK}/.matplotlib",
        "PATH": "/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        # From where they are imported here: an installation's own notes on it are not all shown.
        "PYTHONPATH": os.pathsep.join((str(_HERE.parent), str(packages_folder()))),
        "TMPDIR": DESK,
        "TZ": "UTC",
    }


def _pid_of(pidfd: int) -> int | None:
    """Return the process id that a pidfd stands for, as this process sees it."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            pid = int(line.split()[1])
            return pid if pid > 0 else None
    return None
