"""The warm parent: loads what every notebook needs once, then forks one walled child per submission.

Started by `autograder.sandbox` as `python -m autograder.inside.nursery ROLE FD`. Over the control socket FD a request
names the child's limits and brings the descriptors that the child may keep; the answer brings a pidfd of the child,
through which the outside watches, interrupts and kills it.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from autograder.inside import walls

_REQUEST_BYTES = 65536
_GARBAGE = (50_000, 20, 20)
"""When a child looks for garbage (gc.set_threshold): a tenth of a short life went into looking too often."""
ROLES = {"trainee": "autograder.inside.trainee", "judge": "autograder.judge.bench"}


def main(role: str, control_fd: int) -> None:
    """Warm up, say so, then fork a child for each request until the control socket closes."""
    control = socket.socket(fileno=control_fd)
    room = importlib.import_module(ROLES[role])
    room.warm_up()
    _let_go()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    control.sendall(json.dumps({"ready": True}).encode())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while True:
        data, fds, _, _ = socket.recv_fds(control, _REQUEST_BYTES, 8)
        if not data:
            return
        try:
            pidfd = _bear(json.loads(data), fds, room.live, control)
            socket.send_fds(control, [json.dumps({"born": True}).encode()], [pidfd])
            os.close(pidfd)
        except OSError as error:
            control.sendall(json.dumps({"born": False, "why": str(error)}).encode())
        finally:
            for fd in fds:
                os.close(fd)
        _reap()


def _let_go() -> None:
    """Give back what warming up used and needs no more: each birth takes longer for every page that a parent has."""
    gc.collect()
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError):  # not every C library has it
        ctypes.CDLL(None).malloc_trim(0)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _bear(
    request: dict[str, Any], fds: list[int], live: Callable[..., None], control: socket.socket
) -> int:
    """Fork a child behind walls of its own and return a pidfd for it."""
    user, group = os.getuid(), os.getgid()
    child, pidfd = walls.born_apart()
    if child == 0:
        _live_and_exit(request, fds, live, control, (user, group))
    return pidfd


def _live_and_exit(
    request: dict[str, Any],
    fds: list[int],
    live: Callable[..., None],
    control: socket.socket,
    owner: tuple[int, int],
) -> None:
    try:
        walls.keep_own_user(*owner)
        os.setsid()
        control.close()
        limits = request["limits"]
        walls.limit(
            limits["memory_bytes"],
            limits["file_bytes"],
            limits["processes"],
            limits["open_files"],
            limits["cpu_seconds"],
        )
        walls.private_disk(os.environ["HOME"], limits["disk_bytes"])
        walls.default_signals()
        walls.drop_privileges()
        _nothing_said()
        live(fds, request)
    except BaseException:
        # Seen where the walls could not be put up; afterwards a child's stderr goes nowhere.
        traceback.print_exc()
    finally:
        os._exit(0)


def _nothing_said() -> None:
    """Let go of the file that the parent's complaints go to: all children would share it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
