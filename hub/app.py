"""How does one run of the hub go? Take the class folder, start, say where to go, stop everything."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyterhub.app import JupyterHub

from hub.configure import hub_config
from hub.machine import MachineError
from hub.passwords import PasswordHash
from hub.settings import Settings


class ClassHub(JupyterHub):
    """JupyterHub that says when it is ready."""

    ready: Callable[[], None]

    async def start(self) -> None:
        """Start, then call `ready`."""
        await super().start()
        self.ready()


def run(settings: Settings, passwords: dict[str, str], ready: Callable[[], None]) -> None:
    """Run the hub until it is told to stop (SIGINT or SIGTERM); then nothing of it is left running.

    `passwords` are hashed at once and emptied after `ready` was called.
    """
    hashes = {user: PasswordHash.of(password) for user, password in passwords.items()}
    with class_folder(settings), short_folder() as doors:
        # Users, passwords and tokens are new at every start, so what the last run knew is of no use.
        shutil.rmtree(settings.class_folder / "hub", ignore_errors=True)
        (settings.class_folder / "hub").mkdir(mode=0o700)

        def announce() -> None:
            ready()
            passwords.clear()

        hub = ClassHub.instance(config=hub_config(settings, hashes, doors))
        hub.ready = announce
        ClassHub.launch_instance([])


@contextmanager
def class_folder(settings: Settings) -> Iterator[None]:
    """Hold the class folder for this run. Raises MachineError where another hub holds it."""
    with (settings.class_folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise MachineError(
                f"A hub is already running for {settings.class_folder} (process {lock.read()}). "
                "Stop it first: Ctrl-C in its window."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder for sockets, whose paths may not be longer than 107 bytes (unix(7))."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    usable = base if base and os.access(base, os.W_OK) and len(base) < 50 else None
    with tempfile.TemporaryDirectory(prefix="casework-", dir=usable) as folder:
        yield Path(folder)
