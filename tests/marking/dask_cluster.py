"""A real Dask cluster for tests: a scheduler and workers as processes of their own, on free ports."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 60.0


def wait_until(true: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)


class DaskCluster:
    """A scheduler and workers. Whatever a test does, `close` ends them all, and what they started.

    Arguments: a folder for notes; arguments for all of them, such as certificates.
    """

    def __init__(self, folder: Path, *arguments: str, protocol: str = "tcp") -> None:
        self.folder = folder
        self.arguments = arguments
        self.protocol = protocol
        self.file = folder / "scheduler.json"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return json.loads(self.file.read_text())["address"]

    def start_scheduler(self) -> None:
        self.file.unlink(missing_ok=True)
        self.scheduler = self._start(
            "scheduler", "--port", "0", "--scheduler-file", str(self.file), "--no-dashboard"
        )
        wait_until(self.file.exists, "the scheduler")
        wait_until(lambda: self.file.read_text().strip().endswith("}"), "its address")

    def start_worker(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker with one thread, and no nanny that would start it again."""
        where = ("--scheduler-file", str(self.file), "--local-directory", str(self.folder))
        how = arguments or ("--no-nanny", "--nthreads", "1")
        self.workers.append(self._start("worker", *where, *how, "--no-dashboard", **environment))
        return self.workers[-1]

    def close(self) -> None:
        for process in [*self.workers, self.scheduler]:
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(30)

    def said(self) -> str:
        """What all of them wrote, for whoever looks for a mistake."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def _start(self, role: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-m", f"distributed.cli.dask_{role}"]
        host = ("--host", f"{self.protocol}://127.0.0.1")
        log = self.folder / f"{role}-{len(self.workers)}.log"
        with log.open("wb") as out:
            return subprocess.Popen(
                [*program, *host, *self.arguments, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **environment},
                start_new_session=True,
            )
