"""What does an exercise ask? Reads `questions.yml`: the one place for ids, points and hints."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from autograder.authoring.errors import AuthoringError

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
FIELDS = ("id", "title", "points", "hint", "chapter", "asks")


@dataclass(frozen=True)
class Question:
    """One question of an exercise.

    id       its stable name, in lower case with hyphens
    title    what a trainee reads above it
    points   what it is worth
    hint     a sentence or two that help without giving the answer away
    chapter  the page of the book that teaches it: `path#anchor`, no ending
    asks     what was asked, in one sentence, for the feedback
    """

    id: str
    title: str
    points: float
    hint: str
    chapter: str
    asks: str

    def chapter_link(self, book_url: str) -> str:
        """Where the chapter is, for a book served under `book_url`."""
        page, anchor = self.chapter.split("#")
        return f"{book_url.rstrip('/')}/{page}.html#{anchor}"


def questions(exercise_dir: Path) -> list[Question]:
    """Read the questions of an exercise, in the order in which they are asked.

    Raises AuthoringError, naming the question, when a field is missing, unknown or empty, when
    points are not a positive number, and when two questions share an id.
    """
    path = Path(exercise_dir) / "questions.yml"
    if not path.is_file():
        raise AuthoringError(path, "there is no such file. Write the list of questions there.")
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise AuthoringError(path, f"this is not YAML: {problem}.", line) from None
    if not isinstance(rows, list) or not rows:
        raise AuthoringError(path, "write a list of questions, each starting with '- id:'.")
    found: dict[str, Question] = {}
    for number, row in enumerate(rows, start=1):
        question = _question(path, number, row)
        if question.id in found:
            raise AuthoringError(
                path, f"two questions have the id '{question.id}'. Give one of them another."
            )
        found[question.id] = question
    return list(found.values())


def _question(path: Path, number: int, row: Any) -> Question:
    """Check one entry of the list and make a Question of it."""
    if not isinstance(row, dict):
        raise AuthoringError(path, f"question {number} is not a list of 'field: value' lines.")
    name = f"question '{row['id']}'" if row.get("id") else f"question {number}"
    unknown = sorted(str(field) for field in set(row) - set(FIELDS))
    if unknown:
        raise AuthoringError(
            path,
            f"{name} has a field '{unknown[0]}' that nobody reads. "
            f"The fields are {', '.join(FIELDS)}.",
        )
    for field in FIELDS:
        if row.get(field) in (None, ""):
            raise AuthoringError(path, f"{name} has no {field}. Add a line '{field}: ...'.")
    points = row["points"]
    if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
        raise AuthoringError(path, f"{name} has points '{points}'. Write a number above 0.")
    texts = {field: row[field] for field in FIELDS if field != "points"}
    for field, text in texts.items():
        if not isinstance(text, str):
            raise AuthoringError(path, f"{name} has a {field} that is not text. Put it in quotes.")
    if not ID.fullmatch(row["id"]):
        raise AuthoringError(
            path, f"the id '{row['id']}' must be small letters, digits and single hyphens."
        )
    if not re.fullmatch(r"[\w/-]+#[\w-]+", row["chapter"]):
        raise AuthoringError(
            path,
            f"{name} has the chapter '{row['chapter']}'. Write the page and the heading, as in "
            "'crypto/reading-the-chain#fees'.",
        )
    return Question(points=points, **{field: text.strip() for field, text in texts.items()})
