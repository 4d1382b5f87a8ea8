"""What of a verdict stands in nbgrader's tables, and how is it written there quickly?

The tables are nbgrader's own (`nbgrader.api`), rows are the same as its Gradebook would make, in a
tenth of the time: one statement for all questions of a notebook, and nothing is read again.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import parse_utc
from sqlalchemy import Table, Update, bindparam, insert, select, update
from sqlalchemy.orm import Session

from autograder.course import CourseError
from autograder.grading import Graded

NO_RESPONSE = "No response."
"""nbgrader's own words for an answer that was left as it was released."""

_STUDENTS, _SUBMISSIONS, _NOTEBOOKS, _GRADES, _COMMENTS = (
    kind.__table__ for kind in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
)
# What each kind of cell has a row for, as in Gradebook.add_submission.
_GRADED = ("GradeCell", "TaskCell")
_COMMENTED = ("SolutionCell", "TaskCell")
_NEW_GRADES = update(_GRADES).where(_GRADES.c.id == bindparam("row"))
_NEW_COMMENTS = update(_COMMENTS).where(_COMMENTS.c.id == bindparam("row"))


@dataclass(frozen=True)
class NotebookRows:
    """One notebook of an assignment: its id, and id to name of the cells with marks and comments."""

    id: str
    graded: Mapping[str, str]
    commented: Mapping[str, str]


@dataclass(frozen=True)
class AssignmentRows:
    """An assignment in the gradebook: its id, when it is due (UTC), its notebooks by name."""

    id: str
    due: dt.datetime | None
    notebooks: Mapping[str, NotebookRows]

    def notebook(self, name: str) -> NotebookRows:
        """The rows of one notebook. Raises CourseError when the gradebook does not know it."""
        if name not in self.notebooks:
            raise CourseError(
                f"The gradebook does not know the notebook {name}. Build the assignment again: "
                "nbgrader generate_assignment"
            )
        return self.notebooks[name]


def read_assignment(session: Session, name: str) -> AssignmentRows | None:
    """Read what stays the same for all submissions of an assignment; None where there is none."""
    found = session.execute(
        select(Assignment.id, Assignment.duedate).where(Assignment.name == name)
    ).one_or_none()
    if found is None:
        return None
    cells = session.execute(
        select(Notebook.name, Notebook.id, BaseCell.type, BaseCell.id, BaseCell.name)
        .outerjoin(BaseCell, BaseCell.notebook_id == Notebook.id)
        .where(Notebook.assignment_id == found.id)
        .order_by(BaseCell.name)
    ).all()
    notebooks = {
        title: NotebookRows(
            number,
            {cell: name for t, _, kind, cell, name in cells if t == title and kind in _GRADED},
            {cell: name for t, _, kind, cell, name in cells if t == title and kind in _COMMENTED},
        )
        for title, number in {(row[0], row[1]) for row in cells}
    }
    return AssignmentRows(found.id, found.duedate, notebooks)


def enter_submission(
    session: Session, rows: AssignmentRows, student: str, timestamp: str | None
) -> tuple[str, bool]:
    """Enter that a trainee handed in, and when; a trainee whom nobody entered yet, too.

    Arguments: an open session; the assignment; the id of the trainee; when it was handed in, as
    nbgrader writes it, None to leave what is there. Returns the id of the submission, and whether it
    is late.
    """
    known = session.execute(select(_STUDENTS.c.id).where(_STUDENTS.c.id == student)).first()
    if known is None:
        session.execute(insert(_STUDENTS).values(id=student))
    handed_in = parse_utc(timestamp) if timestamp else None
    mine = (_SUBMISSIONS.c.assignment_id == rows.id) & (_SUBMISSIONS.c.student_id == student)
    found = session.execute(
        select(_SUBMISSIONS.c.id, _SUBMISSIONS.c.timestamp, _SUBMISSIONS.c.extension).where(mine)
    ).one_or_none()
    if found is None:
        entry = {"assignment_id": rows.id, "student_id": student, "timestamp": handed_in}
        made = session.execute(insert(_SUBMISSIONS).values(entry))
        return made.inserted_primary_key[0], _is_late(handed_in, rows.due, None)
    if handed_in is not None and handed_in != found.timestamp:
        session.execute(update(_SUBMISSIONS).where(mine).values(timestamp=handed_in))
    return found.id, _is_late(handed_in or found.timestamp, rows.due, found.extension)


def notebooks_of(session: Session, rows: AssignmentRows, submission: str) -> dict[str, str]:
    """The ids of a submission's notebooks by name; those that it lacks are made."""
    entries = _NOTEBOOKS.c.assignment_id == submission
    found = session.execute(select(_NOTEBOOKS.c.notebook_id, _NOTEBOOKS.c.id).where(entries)).all()
    ids = dict(map(tuple, found))
    for notebook in rows.notebooks.values():
        if notebook.id not in ids:
            entry = {"assignment_id": submission, "notebook_id": notebook.id}
            made = session.execute(insert(_NOTEBOOKS).values(entry))
            ids[notebook.id] = made.inserted_primary_key[0]
    return {name: ids[notebook.id] for name, notebook in rows.notebooks.items()}


def write_notebook(session: Session, rows: NotebookRows, entry: str, graded: Graded) -> int:
    """Write points and comments of one notebook of a submission.

    Arguments: an open session; the notebook of the assignment; the id of the submitted one; what
    became of it. Marks and comments that an instructor gave by hand stay as they are, and are
    flagged for another look as nbgrader does. Returns how many questions a person has to mark.
    """
    grades = {
        row.cell_id: row
        for row in session.execute(
            select(_GRADES.c.id, _GRADES.c.cell_id, _GRADES.c.manual_score).where(
                _GRADES.c.notebook_id == entry
            )
        )
    }
    marks = []
    for cell, name in rows.graded.items():
        by_hand = cell in grades and grades[cell].manual_score is not None
        points, unsure = _mark(graded, name, by_hand)
        marks.append({"cell_id": cell, "auto_score": points, "needs_manual_grade": unsure})
    _put(session, _GRADES, _NEW_GRADES, entry, {c: row.id for c, row in grades.items()}, marks)
    comments = session.execute(
        select(_COMMENTS.c.cell_id, _COMMENTS.c.id).where(_COMMENTS.c.notebook_id == entry)
    )
    said = [
        {"cell_id": cell, "auto_comment": NO_RESPONSE if name in graded.unanswered else None}
        for cell, name in rows.commented.items()
    ]
    _put(session, _COMMENTS, _NEW_COMMENTS, entry, dict(map(tuple, comments)), said)
    return sum(mark["needs_manual_grade"] for mark in marks)


def _mark(graded: Graded, name: str, by_hand: bool) -> tuple[float | None, bool]:
    """The points that a question gets here, and whether a person has still to look at it."""
    check = graded.checks.get(name)
    if check is not None:
        return float(check.points), by_hand or check.outcome == "not_checked"
    # Marked by hand. Nobody need look at a file that could not be read.
    points = None if graded.readable else 0.0
    return points, by_hand or points is None


def _put(
    session: Session,
    table: Table,
    change: Update,
    entry: str,
    there: Mapping[str, str],
    values: list[dict[str, Any]],
) -> None:
    """Change the rows of a notebook that are there and add the others, in two statements at most."""
    old = [
        {"row": there[value["cell_id"]], **{k: v for k, v in value.items() if k != "cell_id"}}
        for value in values
        if value["cell_id"] in there
    ]
    new = [{"notebook_id": entry, **value} for value in values if value["cell_id"] not in there]
    if old:
        session.execute(change.values({k: bindparam(k) for k in old[0] if k != "row"}), old)
    if new:
        session.execute(insert(table), new)


def _is_late(
    handed_in: dt.datetime | None, due: dt.datetime | None, extension: dt.timedelta | None
) -> bool:
    if handed_in is None or due is None:
        return False
    return handed_in > due + (extension or dt.timedelta())
