"""What marks did the class get? Reads nbgrader's gradebook into tables, and changes nothing in it.

nbgrader's own `Gradebook` makes tables and a class when it is opened. `ReadOnlyGradebook` is the
same API on a connection that cannot write: SQLite is opened for reading alone, any other database
in a read-only transaction. Everything is read in one go, as columns and not as objects: for 2,000
submissions that is seconds against minutes.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import pandas as pd
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import URL, Engine, Select, create_engine, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import scoped_session, sessionmaker

from autograder.course import Course, CourseError, database
from autograder.marks import NO_RESPONSE
from autograder.refused import refused
from autograder.report.answers import Sheet, sheet

PATIENCE = 5.0
"""Seconds to wait for another program that is writing into a SQLite gradebook."""


@dataclass(frozen=True)
class Marks:
    """The marks of one assignment.

    assignment   its name
    questions    a row for each question, by number from 1: notebook, name, title, most (points),
                 by_hand (a person marks it)
    points       a row for each trainee, a column for each question: points that count now, an
                 instructor's included, extra credit not; missing where nobody has marked it
    waiting      the same shape: whether a person has still to look
    blank        the same shape: whether the answer was left as it was released
    submissions  a row for each trainee: points (extra credit included), penalty for being late,
                 mark (points without the penalty, never below 0), late (days after the due date)
    ungraded     trainees whose submission is in the gradebook and has not been graded
    enrolled     how many trainees the gradebook knows
    people       their names, which must not be shown
    """

    assignment: str
    questions: pd.DataFrame
    points: pd.DataFrame
    waiting: pd.DataFrame
    blank: pd.DataFrame
    submissions: pd.DataFrame
    ungraded: tuple[str, ...]
    enrolled: int
    people: frozenset[str]


class ReadOnlyGradebook(Gradebook):
    """nbgrader's gradebook, for reading alone."""

    def __init__(self, url: str, course_id: str) -> None:
        """Connect. Arguments as nbgrader's. Raises CourseError where there is no gradebook."""
        self.engine = _reading(make_url(url))
        self.db = scoped_session(sessionmaker(bind=self.engine))
        self.course_id = course_id
        self.authenticator = None

    def table(self, query: Select) -> pd.DataFrame:
        """The rows of a query."""
        result = self.db.execute(query)
        return pd.DataFrame(result.all(), columns=list(result.keys()))


def read_marks(course: Course, assignment: str) -> Marks:
    """The marks of an assignment as the gradebook has them now.

    Raises CourseError for an assignment or a gradebook that is not there, GradebookError for one
    that cannot be read.
    """
    url, course_id = database(course)
    try:
        gradebook = ReadOnlyGradebook(url, course_id)
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise refused(url, error) from None
    try:
        if gradebook.engine.dialect.name == "sqlite":
            # Python's sqlite3 begins no transaction for reading; all tables must be of one moment.
            gradebook.db.connection().exec_driver_sql("BEGIN")
        return _marks(gradebook, course, assignment)
    except MissingEntry:
        known = ", ".join(found.name for found in gradebook.assignments) or "none"
        raise CourseError(
            f"The gradebook has no assignment '{assignment}'. It has: {known}."
        ) from None
    except SQLAlchemyError as error:
        raise refused(gradebook.engine.url, error) from None
    finally:
        gradebook.close()


def _marks(gradebook: ReadOnlyGradebook, course: Course, assignment: str) -> Marks:
    entry = gradebook.find_assignment(assignment)
    sheets = [sheet(course, assignment, name) for name in course.notebooks(assignment)]
    cells = _cells(gradebook, entry)
    questions = _questions(cells, sheets, course, assignment)
    numbers = dict(zip(questions["id"], questions.index, strict=True))

    grades = gradebook.table(
        _of(entry, select(SubmittedAssignment.student_id), Grade).add_columns(
            Grade.cell_id,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
    )
    grades = grades[grades["cell_id"].isin(numbers)]
    grades["question"] = grades["cell_id"].map(numbers)
    numeric = ["auto_score", "manual_score", "extra_credit"]
    grades[numeric] = grades[numeric].astype(float)
    grades["points"] = grades["manual_score"].fillna(grades["auto_score"])

    submissions = _submissions(gradebook, entry)
    submissions["points"] = (
        grades.groupby("student_id")[["points", "extra_credit"]].sum().sum(axis=1)
    )
    submissions["points"] = submissions["points"].fillna(0.0)
    submissions["mark"] = (submissions["points"] - submissions["penalty"]).clip(lower=0.0)

    people = gradebook.table(select(Student.id, Student.first_name, Student.last_name))
    machine = questions.index[~questions["by_hand"]]
    points = _wide(grades, "points", submissions.index, questions.index)
    waiting = _wide(grades, "needs_manual_grade", submissions.index, questions.index) == True  # noqa: E712
    # Nothing that the machine marks has been marked: it was collected and not graded.
    ungraded = points[machine].isna().all(axis=1) & bool(len(machine))
    graded = ungraded.index[~ungraded]
    return Marks(
        assignment,
        questions.drop(columns="id"),
        points.loc[graded],
        waiting.loc[graded],
        _blank(gradebook, entry, questions, cells).reindex(graded, fill_value=False),
        submissions.loc[graded],
        tuple(ungraded.index[ungraded]),
        len(people),
        frozenset(name for column in people for name in people[column] if name),
    )


def _cells(gradebook: ReadOnlyGradebook, entry: Assignment) -> pd.DataFrame:
    """Every graded and every answer cell of the assignment: id, name, notebook, kind, most."""
    found = []
    for kind in (GradeCell, TaskCell, SolutionCell):
        query = select(kind.id, kind.name, Notebook.name.label("notebook"))
        if kind is not SolutionCell:
            query = query.add_columns(kind.max_score.label("most"))
        query = query.join(Notebook, kind.notebook_id == Notebook.id)
        rows = gradebook.table(query.where(Notebook.assignment_id == entry.id))
        found.append(rows.assign(kind=kind.__name__))
    return pd.concat([rows for rows in found if len(rows)] or found[:1], ignore_index=True)


def _questions(
    cells: pd.DataFrame, sheets: list[Sheet], course: Course, assignment: str
) -> pd.DataFrame:
    """The questions in the order in which they are asked, numbered from 1."""
    asked = course.questions(assignment)
    order = {
        (page.notebook, name): place for page in sheets for place, name in enumerate(page.answers)
    }
    by_hand = {(page.notebook, name) for page in sheets for name in page.by_hand}
    rows = cells[cells["kind"] != "SolutionCell"].copy()
    keys = list(zip(rows["notebook"], rows["name"], strict=True))
    rows["place"] = [order.get(key, len(order)) for key in keys]
    rows["by_hand"] = [key in by_hand for key in keys]
    rows["short"] = rows["name"].str.removesuffix("-test")
    rows["title"] = [asked[name].title if name in asked else name for name in rows["short"]]
    rows["answers"] = [
        next((page.answers.get(name, ()) for page in sheets if page.notebook == notebook), ())
        for notebook, name in keys
    ]
    rows = rows.sort_values(["notebook", "place", "name"], ignore_index=True)
    rows.index += 1
    return rows[["id", "notebook", "name", "short", "title", "most", "by_hand", "answers"]]


def _of(entry: Assignment, query: Select, rows: type) -> Select:
    """A query for what belongs to the submissions of an assignment: grades or comments."""
    return (
        query.select_from(rows)
        .join(SubmittedNotebook, rows.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(SubmittedAssignment.assignment_id == entry.id)
    )


def _submissions(gradebook: ReadOnlyGradebook, entry: Assignment) -> pd.DataFrame:
    """A row for each submission, by trainee: penalty, and days after the due date."""
    handed_in = gradebook.table(
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
        )
        .where(SubmittedAssignment.assignment_id == entry.id)
        .order_by(SubmittedAssignment.student_id)
    ).set_index("student_id")
    fines = gradebook.table(
        select(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(SubmittedAssignment.assignment_id == entry.id)
    )
    made = pd.DataFrame(index=handed_in.index)
    penalty = fines["late_submission_penalty"].astype(float).groupby(fines["student_id"]).sum()
    made["penalty"] = penalty.reindex(made.index).fillna(0.0)
    made["late"] = [
        _days_late(row.timestamp, entry.duedate, row.extension) for row in handed_in.itertuples()
    ]
    return made


def _days_late(
    handed_in: datetime | None, due: datetime | None, extension: timedelta | None
) -> float:
    """As nbgrader counts it: nobody is late where a time is not known."""
    if pd.isna(handed_in) or due is None:
        return 0.0
    allowed = due if pd.isna(extension) else due + extension
    return max(0.0, (handed_in - allowed).total_seconds() / 86_400)


def _blank(
    gradebook: ReadOnlyGradebook, entry: Assignment, questions: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """Where an answer was left as it was released, by the comment that says so."""
    comments = gradebook.table(
        _of(entry, select(SubmittedAssignment.student_id), Comment)
        .add_columns(Comment.cell_id)
        .where(Comment.auto_comment == NO_RESPONSE)
    )
    said = comments.merge(cells, left_on="cell_id", right_on="id")
    students = sorted(set(said["student_id"]))
    made = pd.DataFrame(False, index=students, columns=questions.index)
    for number, question in questions.iterrows():
        own = said[
            (said["notebook"] == question["notebook"]) & said["name"].isin(question["answers"])
        ]
        # An answer in two cells is blank when both are.
        empty = own.groupby("student_id")["name"].nunique() == len(question["answers"])
        made.loc[empty.index[empty], number] = True
    return made


def _wide(grades: pd.DataFrame, column: str, students: pd.Index, numbers: pd.Index) -> pd.DataFrame:
    table = grades.pivot(index="student_id", columns="question", values=column)
    return table.reindex(index=students, columns=numbers)


def _reading(url: URL) -> Engine:
    """An engine that can read and not write."""
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
    path = Path(unquote((url.database or "").removeprefix("file:")))
    if not path.is_file():
        raise CourseError(
            f"There is no gradebook in {path.resolve()}. Build the assignment and grade it first."
        )
    patience = float(str(url.query.get("timeout", PATIENCE)))
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    return create_engine(
        URL.create("sqlite", database=str(path)),
        creator=lambda: sqlite3.connect(address, uri=True, timeout=patience),
    )
