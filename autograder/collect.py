"""How do submissions come from the exchange into the class? Plain files alone, one by one."""

import datetime
import os
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect

from autograder.submission import KEPT, open_plain, printable

MAX_FILES = 100
"""Of a folder with more files, nbgrader's own and the notebooks come first."""


class CarefulCollect(ExchangeCollect):
    """Collects as nbgrader does, but copies nothing except plain files that lie in the submission.

    nbgrader's own copy follows links, so a trainee could hand in a link to the gradebook and be
    given its content; and one broken link ends the collection for the whole class.
    """

    def copy_files(self) -> None:
        """Collect what `init_src` found, without what is named as no submission is."""
        self.src_records = [record for record in self.src_records if record["username"]]
        super().copy_files()

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Who handed in when, from the name of a folder; nobody, where the name does not say it."""
        try:
            return super()._path_to_record(path)
        except (ExchangeError, ValueError, OverflowError):
            name = Path(path).name
            self.log.warning("'%s' is no submission and was not collected.", printable(name))
            return {"username": "", "filename": name, "timestamp": datetime.datetime.min}

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submitted folder: see the class. What is left out is said in the log."""
        name = Path(src).name
        try:
            folder = os.open(src, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            self.log.error("%s could not be collected: %s.", printable(name), error.strerror)
            return
        Path(dest).mkdir(parents=True)
        try:
            left = 1000 * self.coursedir.max_dir_size
            found = os.listdir(folder)  # noqa: PTH208 (an open folder, not a path)
            found.sort(key=lambda file: (file not in KEPT, not file.endswith(".ipynb"), file))
            for file in found[:MAX_FILES]:
                copied = self._copy_file(folder, file, Path(dest) / file, left)
                if copied is None:
                    self.log.warning("%s: '%s' was not collected.", name, printable(file))
                left -= copied or 0
        finally:
            os.close(folder)
        if self.coursedir.groupshared:
            for path in (Path(dest), *Path(dest).iterdir()):
                path.chmod(0o2770 if path.is_dir() else 0o660)

    def _copy_file(self, folder: int, name: str, target: Path, left: int) -> int | None:
        """Copy one file of an open folder; how many bytes it had, or None when it was left out."""
        file = open_plain(name, folder)
        if file is None:
            return None
        with file:
            most = min(left, 1000 * self.coursedir.max_file_size)
            if os.fstat(file.fileno()).st_size > most:
                return None
            content = file.read(most)
            target.write_bytes(content)
            return len(content)
