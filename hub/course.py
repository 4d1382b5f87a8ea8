"""What does nbgrader need to know of this class? One text, for this machine and for the instructor's room."""

from pathlib import Path

from autograder.course import nbgrader_config
from hub.settings import Settings

EXCHANGE = """
# Everyone has an exchange of their own: see hub/exchange.py.
c.ExchangeFactory.collect = "hub.exchange.CollectFromOwnFolders"
c.ExchangeFactory.release_feedback = "hub.exchange.ReleaseFeedbackToOwnFolders"
"""


def config_text(settings: Settings, course: Path, exchange: Path, key_file: Path) -> str:
    """Return the `nbgrader_config.py` of the class.

    The course folder, the exchange and the key are named as those see them who will read the text;
    world, truth and exercises lie in the same place for all of them.
    """
    grading = nbgrader_config(
        course,
        exchange,
        world=settings.world,
        truth=settings.truth,
        key_file=key_file,
        course_id=settings.course,
    )
    return grading + EXCHANGE
