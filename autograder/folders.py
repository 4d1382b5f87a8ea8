"""How is the folder of a graded submission replaced? Beside the old one first, then in one step.

The new folder lies hidden beside the old one from before the gradebook is written until after the
two have changed places. So whenever it is there, something was cut short, and the submission
counts as not graded: marks and notebooks can never be of two different runs.
"""

import ctypes
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from autograder.course import Course

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


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


def prepare(course: Course, assignment: str, student: str, files: Mapping[str, bytes]) -> None:
    """Write the files of one graded submission, by name, beside the place they belong to.

    They are on the disk, and not only on their way to it, when this returns. Raises OSError when
    they cannot be written; nothing of them is left then.
    """
    target = course.folder("autograded", student, assignment)
    target.parent.mkdir(parents=True, exist_ok=True)
    discard(course, assignment, student)
    fresh = _fresh(target)
    try:
        fresh.mkdir()
        shared = course.directory.groupshared
        for name, content in files.items():
            with (fresh / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o664 if shared else 0o444)
                os.fsync(file.fileno())
        if shared:
            fresh.chmod(0o2770)
        _sync(fresh)
        _sync(fresh.parent)
    except OSError:
        discard(course, assignment, student)
        raise


def publish(course: Course, assignment: str, student: str) -> None:
    """Put what was prepared in its place, in one step where the file system can."""
    target = course.folder("autograded", student, assignment)
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
    _sync(target.parent)


def discard(course: Course, assignment: str, student: str) -> None:
    """Remove what was prepared and is not to be published, also by a run that was killed."""
    target = course.folder("autograded", student, assignment)
    for leftover in (_fresh(target), _old(target)):
        shutil.rmtree(leftover, ignore_errors=True)


def _sync(folder: Path) -> None:
    """See to it that what a folder holds is on the disk, and would be there after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
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
