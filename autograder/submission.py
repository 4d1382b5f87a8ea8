"""What lies in a submitted folder, and what of it is safe to touch?

A folder that a trainee handed in may hold links to the instructor's files, pipes, folders with
the name of a notebook, a notebook under another name, or files that nbgrader would copy on to
where code runs and where feedback is released. Only three files belong there; the rest is moved
into `.set-aside`, which nbgrader is told to ignore, so that nothing is lost and nothing follows.
"""

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from nbgrader.utils import parse_utc

MAX_BYTES = 32_000_000
"""A larger notebook is not read. The largest honest ones, full of pictures, have about 5 MB."""

SET_ASIDE = ".set-aside"
KEPT = ("timestamp.txt", "submission_secret.txt")
SMALL = 4096
"""The largest that a time stamp or a secret written by nbgrader can be, in bytes."""


class SubmissionError(Exception):
    """A submitted file cannot be read. The message is a sentence about it, fit for the trainee."""


def read_submission(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a submitted notebook.

    Raises SubmissionError for a link, for anything but a regular file, and above `limit` bytes.
    """
    file = open_plain(path)
    if file is None:
        if not os.path.lexists(path):
            raise SubmissionError("No notebook of this assignment was handed in.")
        what = "is a link to another file" if path.is_symlink() else "is not a file"
        raise SubmissionError(f"The submitted notebook {what}.")
    with file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise SubmissionError(
                f"The submitted notebook is too large: {size / 1e6:.0f} MB, and "
                f"{limit / 1e6:.0f} MB is the most. Clear its outputs and hand it in again."
            )
        return file.read(limit)


def open_plain(path: Path | str, folder: int | None = None) -> BinaryIO | None:
    """Open a regular file for reading; None for a link, a folder, a pipe and what is not there.

    Arguments: the path; where it is a bare name, the descriptor of the folder that it lies in.
    """
    # Not blocking: opening a pipe would otherwise wait for ever.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(path, flags, dir_fd=folder)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    return os.fdopen(handle, "rb")


def tidy(folder: Path, expected: Iterable[str]) -> list[str]:
    """Leave in a submitted folder only what belongs there; move the rest into `.set-aside`.

    Arguments: the folder of one submission; the names of the assignment's notebooks, without
    ending. A single notebook under another name is taken for the one that is missing. Returns
    sentences about what was moved. Running it again changes nothing.
    """
    names = [f"{name}.ipynb" for name in expected]
    notes = []
    _adopt(folder, names, notes)
    for path in sorted(folder.iterdir()):
        if path.name == SET_ASIDE or path.name in names:
            continue
        if path.name in KEPT and _is_sound(path):
            continue
        _set_aside(path)
        notes.append(f"'{printable(path.name)}' is no part of the assignment and was set aside.")
    return notes


def printable(name: str) -> str:
    """A file name that can be shown: no control characters, no half characters, not too long."""
    text = name.encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"[^\w .,()+-]", "?", text)[:80]


def _adopt(folder: Path, names: list[str], notes: list[str]) -> None:
    """Give a notebook that was renamed its name back, where there can be no doubt."""
    if len(names) != 1 or os.path.lexists(folder / names[0]):
        return
    others = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".ipynb" and path.is_file() and not path.is_symlink()
    ]
    if len(others) == 1:
        others[0].rename(folder / names[0])
        notes.append(f"The notebook was named '{printable(others[0].name)}'.")


def _is_sound(path: Path) -> bool:
    """Whether nbgrader can read its own small file: a regular one, and a time that is a time."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > SMALL:
        return False
    try:
        text = path.read_text(encoding="utf-8").strip()
        if path.name == "timestamp.txt" and text:
            parse_utc(text)
    except (ValueError, OverflowError):
        return False
    return True


def _set_aside(path: Path) -> None:
    """Move a file, a link (not what it points to) or a folder out of nbgrader's sight."""
    place = path.parent / SET_ASIDE
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        place.unlink()
    place.mkdir(exist_ok=True)
    target = place / path.name
    number = 1
    while os.path.lexists(target):
        number += 1
        target = place / f"{path.name[:200]}.{number}"
    path.rename(target)
