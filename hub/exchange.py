"""How do submissions and feedback travel where all servers run as one user of the machine?

nbgrader's exchange lets every trainee write into one `inbound` folder and read one `feedback` folder,
and trusts file owners and unguessable names. Here every trainee has these two folders alone, in
`exchange/of/TRAINEE`, and only `outbound` is common. So nobody sees a neighbour's work, and a submission
is from the trainee in whose folder it lies, whatever its name claims. nbgrader is told of these classes
by its own setting, `ExchangeFactory`; nothing else of its exchange changes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.exchange.default.release_feedback import ExchangeReleaseFeedback

from autograder.collect import CarefulCollect

OWN = "of"
"""The folder of the exchange in which every trainee has an exchange of their own."""


class CollectFromOwnFolders(CarefulCollect):
    """Collect each trainee's submission out of that trainee's own exchange."""

    def start(self) -> None:
        """Collect trainee by trainee: the one asked for, or all."""
        self.check_owner = False  # the folder says whose work it is; all files have one owner here
        for trainee in _each_trainee(self):
            _warn_of_borrowed_names(self, trainee)
            super().start()


class ReleaseFeedbackToOwnFolders(ExchangeReleaseFeedback):
    """Put each trainee's feedback into that trainee's own exchange."""

    def start(self) -> None:
        """Release trainee by trainee: the one asked for, or all."""
        for _ in _each_trainee(self):
            super().start()


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
