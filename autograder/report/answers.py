"""What did the judge say, and what had the trainee written? Reads the graded notebooks.

The judge's words stand in the metadata of the test cells. Of test cells nothing else is read: their
source, and with it the hidden tests, never comes near the report.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import reads_json

from autograder.course import Course
from autograder.normalise import anchor, is_answer

TEST_ENDING = "-test"
COLUMNS = ("student", "question", "outcome", "message", "code")


@dataclass(frozen=True)
class Sheet:
    """How a notebook is laid out.

    notebook  its name
    answers   each graded cell, in order, and the cells in which its answer is written
    by_hand   the graded cells that a person marks
    """

    notebook: str
    answers: Mapping[str, tuple[str, ...]]
    by_hand: frozenset[str]


@dataclass(frozen=True)
class Answers:
    """What the graded notebooks tell.

    told        a row for each trainee and question: student, question (its number), outcome (a
                word of the judge's, empty where there is none), message, code (what was written)
    unreadable  how many submissions could not be read when they were graded, and count as blank
    missing     how many graded notebooks are not in their place
    """

    told: pd.DataFrame
    unreadable: int
    missing: int


def sheet(course: Course, assignment: str, notebook: str) -> Sheet:
    """The layout of a notebook, from the instructor's copy. Raises CourseError without one.

    A test cell `fees-test` belongs to the answer cell `fees`; any other to the answer cells
    between it and the graded cell before it.
    """
    answers: dict[str, tuple[str, ...]] = {}
    by_hand = set()
    since: list[str] = []
    cells = course.master(assignment, notebook).cells
    written = {str(anchor(cell)) for cell in cells if is_answer(cell)}
    for cell in cells:
        about = cell.metadata.get("nbgrader", {})
        name = str(anchor(cell))
        if about.get("task") or (about.get("grade") and is_answer(cell)):
            by_hand.add(name)
            answers[name] = (name,)
            since = []
        elif about.get("grade"):
            own = name.removesuffix(TEST_ENDING)
            answers[name] = (own,) if own in written else tuple(since)
            since = []
        elif is_answer(cell):
            since.append(name)
    return Sheet(notebook, answers, frozenset(by_hand))


def read_answers(
    course: Course, assignment: str, students: Iterable[str], questions: pd.DataFrame
) -> Answers:
    """What the judge said about the answers of these trainees, and what they are.

    Arguments: the class; the assignment; the trainees; the questions as in `tables.Marks`. A
    notebook that is not there, or is none, is counted and passed over.
    """
    rows: list[tuple[str, int, str, str, str]] = []
    unreadable, missing = set(), 0
    asked: dict[str, list[tuple[int, str, tuple[str, ...]]]] = {}
    for row in questions.itertuples():
        asked.setdefault(row.notebook, []).append((row.Index, row.name, row.answers))
    for student in students:
        for notebook, graded_cells in asked.items():
            found = _read(course, assignment, student, notebook)
            if found is None:
                missing += 1
                continue
            if found.metadata.get("casework", {}).get("readable") is False:
                unreadable.add(student)
            cells = {str(anchor(cell)): cell for cell in found.cells}
            for number, name, written in graded_cells:
                told = cells[name].metadata.get("casework", {}) if name in cells else {}
                code = "\n".join(cells[part].source for part in written if part in cells)
                rows.append(
                    (student, number, told.get("outcome", ""), told.get("message", ""), code)
                )
    return Answers(pd.DataFrame(rows, columns=list(COLUMNS)), len(unreadable), missing)


def _read(course: Course, assignment: str, student: str, notebook: str) -> NotebookNode | None:
    if Path(student).name != student:  # no name of a folder: there can be nothing
        return None
    path = course.folder("autograded", student, assignment) / f"{notebook}.ipynb"
    try:
        # Not nbformat.read: that checks each notebook against its schema, and we wrote these.
        found = reads_json(path.read_text(encoding="utf-8"))
        return found if isinstance(found.cells, list) else None
    except (OSError, ValueError, AttributeError):
        return None
