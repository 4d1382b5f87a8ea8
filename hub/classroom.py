"""What lies in the class folder, and who makes it?

CLASS/homes/USER                            everyone's files
CLASS/course                                the instructor's course: sources, gradebook, submissions
CLASS/exchange/crossborder/outbound         what trainees fetch
CLASS/exchange/of/TRAINEE/crossborder       one trainee's `inbound` and `feedback`
CLASS/secret.key                            draws everyone's case; read by hub and grader alone
CLASS/hub, CLASS/logs                       the hub's database; what hub and servers have to say
"""

import json
import secrets
import shutil
from pathlib import Path

from nbgrader.api import Gradebook

from casework.cases import case_number
from hub.course import config_text
from hub.exchange import OWN
from hub.settings import Settings

KEY_BYTES = 32
WELCOME = Path(__file__).with_name("welcome")


def furnish(settings: Settings) -> bool:
    """Make every folder and file of the class that is not there yet; return whether any was made."""
    before = _count(settings.class_folder)
    settings.class_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (settings.course_folder, settings.logs, settings.class_folder / "hub"):
        folder.mkdir(exist_ok=True)
    common = settings.exchange / settings.course
    (common / "outbound").mkdir(parents=True, exist_ok=True)
    (common / "inbound").mkdir(exist_ok=True)
    for trainee in settings.trainees:
        own = settings.exchange / OWN / trainee / settings.course
        (own / "inbound").mkdir(parents=True, exist_ok=True)
        (own / "feedback").mkdir(exist_ok=True)
        _welcome(settings.home(trainee), "trainee.md")
    _welcome(settings.home(settings.instructor), "instructor.md")
    if not settings.key_file.exists():
        settings.key_file.touch(mode=0o600)
        settings.key_file.write_text(secrets.token_hex(KEY_BYTES) + "\n")
    text = config_text(settings, settings.course_folder, settings.exchange, settings.key_file)
    config = settings.course_folder / "nbgrader_config.py"
    if not config.exists() or config.read_text() != text:
        config.write_text(text)
    return _count(settings.class_folder) != before


def cases_of(settings: Settings, trainee: str) -> str:
    """Return the JSON that says which case of each assignment of the world a trainee was given."""
    key = settings.key_file.read_bytes().strip()
    cases = {}
    for folder in sorted((settings.world / "cases").glob("*/")):
        many = len(list(folder.glob("[0-9]*.json")))
        cases[folder.name] = case_number(key, trainee, folder.name, many)
    return json.dumps(cases)


def enrol(settings: Settings) -> None:
    """Write the trainees into the gradebook, so that the instructor sees them before they submit."""
    database = f"sqlite:///{settings.course_folder}/gradebook.db"
    with Gradebook(database, settings.course) as gradebook:
        for trainee in settings.trainees:
            gradebook.update_or_create_student(
                trainee, first_name=trainee.capitalize(), last_name="Trainee"
            )


def _welcome(home: Path, page: str) -> None:
    if not home.exists():
        home.mkdir(parents=True)
        shutil.copy(WELCOME / page, home / "START-HERE.md")


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*"))
