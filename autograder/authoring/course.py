"""How does an exercise reach a class? Builds the course folder that nbgrader works in.

    COURSE/source/NAME/NAME.ipynb    with solutions and hidden tests: the instructor's alone
    COURSE/release/NAME/NAME.ipynb   what trainees get
    COURSE/gradebook.db              nbgrader's own database
    EXCHANGE/CLASS/outbound/NAME     what trainees fetch

nbgrader copies whatever lies beside a notebook to the trainees and to the place where their code
runs, so nothing else is ever written there: no test module, no truth.
"""

import hashlib
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from traitlets.config import PyFileConfigLoader

from autograder.authoring.errors import AuthoringError
from autograder.authoring.source import BOOK_URL, build_source

COURSE_ID = "crossborder"
STUB = "# Write your code here."


def course_config(course_dir: Path, exchange: Path, course_id: str = COURSE_ID) -> str:
    """The text of an `nbgrader_config.py` for a course folder: paths, ids and how a release looks.

    Arguments: the course folder, the exchange folder, the id of the class. What grading needs
    (preprocessor lists, limits) is appended by those who grade.
    """
    return f"""c = get_config()  # noqa: F821
c.CourseDirectory.root = {str(Path(course_dir).resolve())!r}
c.CourseDirectory.course_id = {course_id!r}
c.Exchange.root = {str(Path(exchange).resolve())!r}
# An empty function returns None, and the check below it says in words what is missing. nbgrader's
# own stub would stop the notebook with a traceback that helps nobody who is new to Python.
c.ClearSolutions.code_stub = {{"python": {STUB!r}}}
"""


def build_course(
    course_dir: Path,
    exercises: Iterable[Path],
    *,
    exchange: Path | None = None,
    course_id: str = COURSE_ID,
    book_url: str = BOOK_URL,
    say: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Build and release exercises, those that changed alone.

    Arguments: the course folder; the folders of the exercises; the exchange folder (default:
    `exchange` in the course folder); the id of the class; where the book is served; what to do
    with a line of progress. An `nbgrader_config.py` in the course folder is used, and written
    when there is none. Returns the released notebooks. Raises AuthoringError when an exercise
    cannot be built, with nbgrader's own words where it was nbgrader that refused.
    """
    course_dir = Path(course_dir).resolve()
    exchange = Path(exchange).resolve() if exchange else course_dir / "exchange"
    exchange.mkdir(parents=True, exist_ok=True)
    config_file = course_dir / "nbgrader_config.py"
    if not config_file.is_file():
        course_dir.mkdir(parents=True, exist_ok=True)
        config_file.write_text(course_config(course_dir, exchange, course_id), encoding="utf-8")
    released = []
    for exercise in map(Path, exercises):
        name = exercise.resolve().name
        source = build_source(exercise, course_dir / "source" / name, book_url)
        release = course_dir / "release" / name / source.name
        outbound = exchange / course_id / "outbound" / name / source.name
        stamp = course_dir / ".built" / f"{name}.json"
        made = {
            "source": _digest(source),
            "config": _digest(config_file),
            "nbgrader": version("nbgrader"),
        }
        results = (release, outbound, course_dir / "gradebook.db")
        if all(path.is_file() for path in results) and _read(stamp) == made:
            say(f"{name}: unchanged")
        else:
            say(f"{name}: building and releasing")
            _generate_and_release(config_file, exchange, course_id, name)
            stamp.parent.mkdir(exist_ok=True)
            stamp.write_text(json.dumps(made), encoding="utf-8")
        released.append(release)
    return released


def _generate_and_release(config_file: Path, exchange: Path, course_id: str, name: str) -> None:
    """Let nbgrader make the trainees' version and put it on the exchange."""
    from nbgrader.apps.api import NbGraderAPI  # here, because graders never build and would wait

    config = PyFileConfigLoader(config_file.name, path=str(config_file.parent)).load_config()
    config.CourseDirectory.root = str(config_file.parent)
    config.CourseDirectory.course_id = course_id
    config.Exchange.root = str(exchange)
    config.ExchangeReleaseAssignment.force = True
    config.NbGraderAPI.log_level = logging.WARNING
    api = NbGraderAPI(config=config)
    for step in (api.generate_assignment, api.release_assignment):
        with _own_programs_on_path():
            result = step(name)
        if not result["success"]:
            words = _last_words(f"{result.get('log')}\n{result.get('error')}")
            raise AuthoringError(
                config_file.parent / "source" / name,
                f"nbgrader could not {step.__name__.replace('_', ' ')}: {words}",
            )


def _last_words(log: str) -> str:
    """What nbgrader complained of: the exception at the end of a traceback, else its log."""
    raised = re.findall(r"^\s*(?:[\w.]+(?:Error|Exception)): (.+)$", log, re.MULTILINE)
    return raised[0].strip() if raised else log.strip()


@contextmanager
def _own_programs_on_path() -> Iterator[None]:
    """Let nbgrader find the `alembic` of this environment, even where it is not activated."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(stamp: Path) -> dict[str, str] | None:
    """What a stamp says; None where there is none or it was cut off while being written."""
    try:
        return json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
