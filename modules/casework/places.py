"""Where the world, its truth and the table of a trainee's case numbers are.

The hub and the grader say it in the environment. Without them it is the public world of this
checkout, and the public case, number 0.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from casework.errors import CaseworkError

_PUBLIC = Path(__file__).parents[2] / "data" / "public"
_NAME = re.compile(r"[a-z]+-[0-9]+")


def world_folder() -> Path:
    """Return the folder of the world (CASEWORK_WORLD, else the public one).

    Raises:
        CaseworkError: it is not there.
    """
    folder = Path(os.environ.get("CASEWORK_WORLD") or _PUBLIC / "world")
    if not folder.is_dir():
        raise CaseworkError(
            f"The world of the cases is not in {folder}: run `make world` in the course folder, or "
            "tell your instructor."
        )
    return folder


def truth_folder() -> Path:
    """Return the folder of the expected answers (CASEWORK_TRUTH, else the public one).

    The public truth is never taken for that of another world.

    Raises:
        CaseworkError: it is not there, as on every trainee's machine.
    """
    said = os.environ.get("CASEWORK_TRUTH")
    folder = Path(said or _PUBLIC / "truth")
    of_another_world = not said and world_folder().resolve() != _PUBLIC / "world"
    if of_another_world or not folder.is_dir():
        raise CaseworkError(
            "The expected answers are not here: only the instructor's grader has them."
        )
    return folder


def given_number(name: str) -> int:
    """Return the number of the case of that name that this trainee was given, 0 for the public one.

    Raises:
        CaseworkError: CASEWORK_CASES is not a JSON table of names and numbers.
    """
    text = os.environ.get("CASEWORK_CASES") or "{}"
    try:
        numbers = json.loads(text)
        number = numbers.get(name, 0)
    except (ValueError, AttributeError):
        number = None
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise CaseworkError(
            f"The table of your case numbers cannot be read ({text[:80]!r}): tell your instructor."
        )
    return number


def case_file(folder: Path, name: str, number: int) -> Path:
    """Return the file of case `number` of that name in a world's or a truth's folder.

    Raises:
        CaseworkError: there is no such case; the message lists those there are.
    """
    cases = folder / "cases"
    known = sorted(case.name for case in cases.glob("*-*") if case.is_dir())
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name not in known:
        offered = ", ".join(f'"{case}"' for case in known) or "none yet: run `make world`"
        raise CaseworkError(
            f"There is no case called {str(name)[:40]!r}: the cases here are {offered}."
        )
    file = cases / name / f"{number:02d}.json"
    if not file.is_file():
        many = len(list((cases / name).glob("[0-9]*.json")))
        raise CaseworkError(
            f"Case {name} has no number {number}, only 0 to {many - 1}: tell your instructor."
        )
    return file


def read_facts(file: Path) -> dict:
    """Return what a case file says.

    Raises:
        CaseworkError: the file is damaged.
    """
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        facts = None
    if not isinstance(facts, dict):
        raise CaseworkError(
            f"The file {file} is damaged: run `make world` again, or tell your instructor."
        )
    return facts
