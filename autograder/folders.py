"""How is the folder of a graded submission replaced? Beside the old one first, then in one step.

The new folder lies hidden beside the old one from before the gradebook is written until after the
two have changed places. So whenever it is there, something was cut short, and the submission
counts as not graded: marks and notebooks can never be of two different runs.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.course import Course, CourseError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


LOCK = ".casework-grade.lock"
"""Held by the one run that may grade a class; the file itself stays and says nothing."""

_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP)


@contextlib.contextmanager
def only_run(course: Course) -> Iterator[None]:
    """Make sure that nobody else grades the class meanwhile; the kernel lets go when we die.

    Raises CourseError when somebody does, and when the folder of the class cannot be written.
    """
    path = Path(course.directory.root) / LOCK
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o660)
    except OSError as error:
        raise CourseError(
            f"{path}: {error.strerror}. Grading writes into the folder of the class: "
            "make sure that you may, and that its disk has room."
        ) from None
    with os.fdopen(handle, "r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = file.read(200).decode("utf-8", "replace").strip() or "an unknown program"
            raise CourseError(
                f"This class is being graded already, by {who}. Wait until that is done, or stop it."
            ) from None
        except OSError as error:
            # Some network disks know no locks. Then nobody is kept from grading at all.
            if error.errno not in _NO_LOCKS:
                raise
        # For whoever comes meanwhile. A full disk shall not be noticed here, but where it matters.
        with contextlib.suppress(OSError):
            file.truncate(0)
            now = time.strftime("%H:%M")
            file.write(f"process {os.getpid()} on {socket.gethostname()} since {now}".encode())
        yield


def is_graded(course: Course, assignment: str, student: str) -> bool:
    """Whether what was handed in last has been graded to the end, as nbgrader decides it."""
    done = course.folder("autograded", student, assignment)
    if _fresh(done).exists():
        return False
    if not all((done / f"{name}.ipynb").is_file() for name in course.notebooks(assignment)):
        return False
    submitted = course.folder("submitted", student, assignment)
    return timestamp(submitted) == timestamp(done)


def timestamp(folder: Path) -> str | None:
    """When a submission was handed in, as nbgrader writes it; None where it does not say."""
    path = folder / "timestamp.txt"
    return stamp(path.read_bytes()) if path.is_file() else None


def stamp(content: bytes) -> str:
    """The time that stands in a file of nbgrader's."""
    return content.decode("utf-8", "replace").strip()


def prepare(target: Path, files: Mapping[str, bytes], shared: bool = False) -> None:
    """Write the files of one graded submission, by name, beside the place they belong to.

    They are on the disk, and not only on their way to it, when this returns. Arguments: the
    folder that they are for; the files; whether a group of instructors works with them. Raises
    OSError when they cannot be written; nothing of them is left then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    discard(target)
    fresh = _fresh(target)
    try:
        fresh.mkdir()
        for name, content in files.items():
            path = fresh / name
            path.write_bytes(content)
            path.chmod(0o664 if shared else 0o444)
        if shared:
            fresh.chmod(0o2770)
        sync(fresh)
    except OSError as error:
        discard(target)
        if error.filename is None:  # a write that fails names no file
            raise OSError(error.errno, error.strerror, str(target.parent)) from None
        raise


def publish(target: Path) -> None:
    """Put what was prepared in its place, in one step where the file system can."""
    fresh, old = _fresh(target), _old(target)
    if not os.path.lexists(target):
        fresh.rename(target)
    elif _exchange(fresh, target):
        shutil.rmtree(fresh)
    else:
        # Some network file systems cannot. Killed in between, it is graded again.
        target.rename(old)
        fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def discard(target: Path) -> None:
    """Remove what was prepared and is not to be published, also by a run that was killed."""
    for leftover in (_fresh(target), _old(target)):
        shutil.rmtree(leftover, ignore_errors=True)


def sync(folder: Path) -> None:
    """See to it that what was written is on the disk, and would be there after a power cut.

    The whole file system at once, by syncfs(2): several times quicker than file by file. Raises
    OSError when something of it could not be written.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(handle) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(handle)


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _fresh(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change names at once, by renameat2(2); False where that does not exist."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0
