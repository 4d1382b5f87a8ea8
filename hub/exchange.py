"""How do submissions and feedback travel where all servers run as one user of the machine?

nbgrader's exchange lets every trainee write into one `inbound` folder and read one `feedback` folder,
and trusts file owners and unguessable names. Here every trainee has these two folders alone, in
`exchange/of/TRAINEE`, and only `outbound` is common. So nobody sees a neighbour's work, and a submission
is from the trainee in whose folder it lies, whatever its name claims. nbgrader is told of these classes
by its own setting, `ExchangeFactory`; nothing else of its exchange changes.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.exchange.default.collect import ExchangeCollect
from nbgrader.exchange.default.release_feedback import ExchangeReleaseFeedback
from nbgrader.utils import ignore_patterns

OWN = "of"
"""The folder of the exchange in which every trainee has an exchange of their own."""


class CollectFromOwnFolders(ExchangeCollect):
    """Collect each trainee's submission out of that trainee's own exchange."""

    def start(self) -> None:
        """Collect trainee by trainee: the one asked for, or all."""
        self.check_owner = False  # the folder says whose work it is; all files have one owner here
        for trainee in _each_trainee(self):
            _warn_of_borrowed_names(self, trainee)
            super().start()

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy a submission, but follow no link and wait for no pipe in it.

        A link named `crypto-1.ipynb` would otherwise hand in whatever the *collector* may read: the
        solution, or a neighbour's work.
        """
        size = self.get_size(src)
        if size > 1000 * self.coursedir.max_dir_size:
            self.log.error("Not collected, %d bytes are too many: %s", size, src)
            return
        unwanted = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
            log=self.log,
        )
        for left_out in copy_plain_files(Path(src), Path(dest), unwanted):
            self.log.warning("Left out, not an ordinary file: %s", left_out)


class ReleaseFeedbackToOwnFolders(ExchangeReleaseFeedback):
    """Put each trainee's feedback into that trainee's own exchange."""

    def start(self) -> None:
        """Release trainee by trainee: the one asked for, or all."""
        for _ in _each_trainee(self):
            super().start()


def copy_plain_files(source: Path, target: Path, unwanted: Any) -> list[str]:
    """Copy folders and ordinary files, and return the paths of what is neither.

    Whoever owns `source` may change it meanwhile: every file is opened once, without following links,
    and looked at only then. `unwanted` is a function of a folder and its names, as `shutil.copytree`
    has it.
    """
    left_out: list[str] = []
    for folder, subfolders, names, at in os.fwalk(source, follow_symlinks=False):
        place = target / Path(folder).relative_to(source)
        place.mkdir(parents=True, exist_ok=True)
        ignored = unwanted(folder, [*subfolders, *names])
        subfolders[:] = [name for name in subfolders if name not in ignored]
        for name in names:
            if name in ignored:
                continue
            try:
                handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
            except OSError:
                left_out.append(str(Path(folder, name)))
                continue
            with os.fdopen(handle, "rb") as original:
                if stat.S_ISREG(os.fstat(handle).st_mode):
                    with (place / name).open("wb") as copy:
                        shutil.copyfileobj(original, copy)
                else:
                    left_out.append(str(Path(folder, name)))
    return left_out


def _each_trainee(exchange: Any) -> Iterator[str]:
    """Point an exchange at one trainee after another, and at the end back at the whole class."""
    whole, wanted = exchange.root, exchange.coursedir.student_id
    try:
        for folder in sorted(Path(whole, OWN).glob("*/")):
            if wanted in ("", "*", folder.name):
                exchange.root = str(folder)
                exchange.coursedir.student_id = folder.name
                yield folder.name
    finally:
        exchange.root, exchange.coursedir.student_id = whole, wanted


def _warn_of_borrowed_names(exchange: Any, trainee: str) -> None:
    inbound = Path(exchange.root, exchange.coursedir.course_id, "inbound")
    for entry in sorted(inbound.iterdir()):
        if entry.name.split("+")[0] != trainee:
            exchange.log.warning("Not collected, %s handed this in: %s", trainee, entry.name)
