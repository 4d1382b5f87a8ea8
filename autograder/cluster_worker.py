"""What a worker of a cluster does: judge notebooks in a warm sandbox of its own, and send verdicts back.

A worker never sees the key of the class, the gradebook or a name. It keeps one sandbox from task to
task. The sandbox ends with the worker, with a run that was stopped, and when nobody has used it
for a while.
"""

import atexit
import contextlib
import hashlib
import os
import platform
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import nbformat
from distributed import Worker, get_worker
from nbformat.v4 import new_notebook

from autograder.cluster_messages import Rules, read_order, refusal_reply, verdict_reply
from autograder.judge.verdict import Outcome, Verdict
from autograder.limits import Limits
from autograder.mounts import STUDENT_PACKAGES, packages_folder
from autograder.pool import ParentsLost, SandboxPool, Stopped
from autograder.sandbox import Sandbox, SandboxError
from autograder.trial import judge_notebook
from autograder.unwalled import Unwalled

IDLE_SECONDS = 300.0
"""So long a sandbox stays warm for the next run."""

LIBRARIES = ("ipython", "matplotlib", "nbformat", "numba", "numpy", "pandas", "pyarrow", "scipy")
"""Libraries whose version may change what an answer is worth."""

_HERE = Path(__file__).parent
_PUBLIC = _HERE.parent / "data" / "public"
_LOOK_SECONDS = 0.2


def files_of(world: Path, truth: Path) -> dict[str, str]:
    """Return what must be the same wherever submissions of a class are graded: name to digest or version.

    Arguments: the folders of the world and of its truth. Raises OSError when they cannot be read.
    """
    packages = [_digest(packages_folder() / name) for name in STUDENT_PACKAGES]
    found = {
        "world": _digest(world),
        "truth": _digest(truth),
        "version of the grader": _digest(_HERE, "*.py"),
        "version of the course packages": hashlib.sha256("".join(packages).encode()).hexdigest(),
        "Python": ".".join(platform.python_version_tuple()[:2]),
    }
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Say what differs between two tables of `files_of`; nothing where they are the same."""
    said = []
    for name in here.keys() | there.keys():
        ours, theirs = here.get(name, "missing"), there.get(name, "missing")
        if ours != theirs:
            versions = name in LIBRARIES or name == "Python"
            said.append(f"{name} {theirs} instead of {ours}" if versions else f"another {name}")
    return ", ".join(sorted(said))


def get_ready(data: bytes) -> bytes:
    """Compare this worker's files with the driver's, and try its sandbox on a notebook with no cells.

    Runs as a task. Takes and returns bytes of JSON, see `autograder.cluster_messages`.
    """
    try:
        rules, _, _ = read_order(data)
        with _lock:
            for room in _rooms:
                # The files may have changed since it was opened.
                room.ended |= room.rules == rules and bool(_unlike(rules))
        with _room(rules) as pool:
            pool.use(partial(judge_notebook, new_notebook()), _could_be_cut_short)
            return refusal_reply("ready")
    except Exception as error:
        return _refused(error)


def judge(data: bytes) -> bytes:
    """Judge one notebook. Runs as a task; takes and returns bytes of JSON."""
    try:
        rules, notebook, env = read_order(data)
        work = partial(judge_notebook, nbformat.from_dict(notebook), env=env)
        with _room(rules) as pool:
            return verdict_reply(pool.use(work, _could_be_cut_short))
    except Exception as error:
        return _refused(error)


def _refused(error: Exception) -> bytes:
    match error:
        case ParentsLost():
            return refusal_reply("lost", error)
        case Stopped():
            return refusal_reply("stopped")
        case SandboxError():
            return refusal_reply("unfit", error)
        case _:
            return refusal_reply(
                "failed", f"{type(error).__name__}: {' '.join(str(error).split())}"
            )


def _could_be_cut_short(verdict: Verdict) -> bool:
    """Whether a submission may look as it does because its sandbox ended."""
    return any(check.outcome is Outcome.NOT_CHECKED for check in verdict.checks.values())


def _digest(folder: Path, pattern: str = "*") -> str:
    """The names and the contents of all files in a folder, as one SHA-256."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(folder).as_posix()}\n{content}\n".encode())
    return whole.hexdigest()


# --- the sandbox of this process ------------------------------------------------------------------


@dataclass
class _Room:
    """A pool of sandboxes for one set of rules, and the tasks that are in it."""

    rules: Rules
    pool: SandboxPool
    worker: Worker
    inside: list[Any] = field(default_factory=list)
    last: float = field(default_factory=time.monotonic)
    ended: bool = False


_rooms: list[_Room] = []
_lock = threading.Lock()
_keepers: set[threading.Thread] = set()


@contextlib.contextmanager
def _room(rules: Rules) -> Iterator[SandboxPool]:
    """The pool for these rules: the one that is warm, or a new one. Raises SandboxError where none can be."""
    worker = get_worker()
    task = worker.get_current_task()
    with _lock:
        room = next((one for one in _rooms if one.rules == rules and not one.ended), None)
        if room is None:
            room = _open(rules, worker)
            _rooms.append(room)
        room.inside.append(task)
        if not _keepers:
            _keepers.add(threading.Thread(target=_keep_order, name="keeper", daemon=True))
            next(iter(_keepers)).start()
    try:
        yield room.pool
    finally:
        with _lock:
            room.inside.remove(task)
            room.last = time.monotonic()


def _open(rules: Rules, worker: Worker) -> _Room:
    if unlike := _unlike(rules):
        raise SandboxError(f"it has {unlike}")
    kind = Unwalled if rules.without_sandbox else Sandbox
    limits = Limits(**rules.limits)
    pool = SandboxPool(partial(kind, *_places(rules), limits, children_per_parent=sys.maxsize))
    # By a task's thread, never by the keeper's: the kernel ends a sandbox with the thread that started it.
    pool.warm()
    return _Room(rules, pool, worker)


def _unlike(rules: Rules) -> str:
    """What this worker has other than the driver."""
    try:
        return differences(rules.files, files_of(*_places(rules)))
    except OSError as error:
        return f"files that cannot be read ({error.filename}: {error.strerror})"


def _places(rules: Rules) -> tuple[Path, Path]:
    """The world and its truth: where this machine says, else where the driver says, else the public ones."""
    world = os.environ.get("CASEWORK_WORLD") or rules.world or _PUBLIC / "world"
    truth = os.environ.get("CASEWORK_TRUTH") or rules.truth or _PUBLIC / "truth"
    return Path(world), Path(truth)


def _keep_order() -> None:
    """End the sandboxes whose tasks nobody wants any more, and those that nobody uses. Runs in a thread."""
    while True:
        time.sleep(_LOOK_SECONDS)
        with _lock:
            for room in list(_rooms):
                room.ended |= _is_over(room)
                if not room.ended:
                    continue
                # Whoever is still in there comes back at once, and is told to try again.
                room.pool.stop()
                if not room.inside:
                    room.pool.close()
                    _rooms.remove(room)
            if not _rooms:
                _keepers.clear()
                return


def _is_over(room: _Room) -> bool:
    """Whether a sandbox has no use any more: nobody comes, its run was stopped, its worker closes."""
    idle = not room.inside and time.monotonic() - room.last > IDLE_SECONDS
    closing = room.worker.status.name in ("closing", "closed", "failed")
    return idle or closing or any(_is_cancelled(room.worker, task) for task in room.inside)


def _is_cancelled(worker: Worker, task: Any) -> bool:
    """Whether the driver has let go of a task: it was stopped, or is gone altogether."""
    known = worker.state.tasks.get(task)
    return known is None or known.state == "cancelled"


@atexit.register
def _leave() -> None:
    """End all sandboxes with the process."""
    for room in _rooms:
        room.pool.stop()
        room.pool.close()
