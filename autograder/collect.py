"""How do submissions come from the exchange into the class? Plain files alone, one by one."""

import os
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from autograder.submission import open_plain, printable


class CarefulCollect(ExchangeCollect):
    """Collects as nbgrader does, but copies nothing except plain files that lie in the submission.

    nbgrader's own copy follows links, so a trainee could hand in a link to the gradebook and be
    given its content; and one broken link ends the collection for the whole class.
    """

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submitted folder: see the class. What is left out is said in the log."""
        Path(dest).mkdir(parents=True)
        folder = os.open(src, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            left = 1000 * self.coursedir.max_dir_size
            for name in sorted(os.listdir(folder)):  # noqa: PTH208 (an open folder, not a path)
                copied = self._copy_file(folder, name, Path(dest) / name, left)
                if copied is None:
                    self.log.warning("%s: '%s' was not collected.", Path(src).name, printable(name))
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
