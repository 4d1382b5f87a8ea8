"""The warm parent where there are no walls: forks an ordinary process for each request.

Started by `autograder.unwalled`, only where an instructor has asked for it. A child has the limits
that every Unix has, and a folder of its own to begin in; else it can do what its user can. Nothing
here needs Linux.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

_REQUEST_BYTES = 65536


def main(module: str, control_fd: int, desk: str) -> None:
    """Warm up, say so, then fork a child for each request until the control socket closes."""
    control = socket.socket(fileno=control_fd)
    room = importlib.import_module(module)
    room.warm_up()
    gc.collect()
    gc.freeze()
    control.sendall(json.dumps({"ready": True}).encode())
    born: dict[int, str] = {}
    while True:
        data, fds, _, _ = socket.recv_fds(control, _REQUEST_BYTES, 8)
        if not data:
            break
        request = json.loads(data)
        # Only those that the outside is done with: until then their numbers must not be given anew.
        for child in request["ended"]:
            born.pop(child, None)
            _wait_for(child)
        try:
            child = os.fork()
            if child == 0:
                _live_and_exit(request, fds, room.live, control)
            born[child] = request["desk"]
            control.sendall(json.dumps({"born": True, "pid": child}).encode())
        except OSError as error:
            control.sendall(json.dumps({"born": False, "why": str(error)}).encode())
        finally:
            for fd in fds:
                os.close(fd)
    # Whoever started this is gone, so nobody else will end them.
    for child in born:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        _wait_for(child)
    for folder in (*born.values(), desk):
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(child: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)


def _live_and_exit(
    request: dict[str, Any], fds: list[int], live: Callable[..., None], control: socket.socket
) -> None:
    try:
        os.setsid()
        control.close()
        limit(request["limits"])
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        tempfile.tempdir = None
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nowhere, fd)
        os.close(nowhere)
        live(fds, request)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def limit(limits: dict[str, Any]) -> None:
    """Set the limits that a process can set itself; those that this system lacks are passed over.

    None on the number of processes: without a namespace the kernel counts all that the user has.
    """
    wanted = {
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_CORE: 0,
    }
    with contextlib.suppress(OSError):
        # What it inherits does not count; only Linux says how much that is.
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        wanted[resource.RLIMIT_AS] = limits["memory_bytes"] + pages * resource.getpagesize()
    for what, most in wanted.items():
        _, ceiling = resource.getrlimit(what)
        if ceiling != resource.RLIM_INFINITY:
            most = min(most, ceiling)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
