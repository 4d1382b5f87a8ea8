"""How does a verdict reach nbgrader's gradebook? In nbgrader's own tables, all of a submission at once.

nbgrader commits after every step: the trainee, the submission, each notebook, the fine for being
late. A run that is killed in between leaves half a submission behind. Here all that the gradebook
keeps of one submission is written in one transaction.

It may be a file (SQLite) or a server (PostgreSQL). A server can go away and come back, and more
than one grader may write to it at once: what was not written whole is then written once more.
"""

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping

from nbgrader.api import Base, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import false, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import autograder.postgresql  # noqa: F401 (imported for what it does)
from autograder.course import Course, CourseError, database
from autograder.grading import Graded
from autograder.marks import (
    AssignmentRows,
    enter_submission,
    notebooks_of,
    read_assignment,
    write_notebook,
)
from autograder.refused import EntryRefused, GradebookBusy, GradebookError, refused

__all__ = ["GradebookError", "WholeGradebook", "open_gradebook", "record", "write_marks"]

PAUSES = (0.1, 2.0)
"""Seconds before the second and the third try to write one submission."""

# The pool logs a lost connection with its whole traceback. We say it, in a sentence.
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)


class WholeGradebook(Gradebook):
    """nbgrader's gradebook, one connection for the whole run, one transaction per submission."""

    def __init__(self, url: str, course_id: str) -> None:
        """Open it. Arguments as nbgrader's."""
        super().__init__(url, course_id)
        self._rows: dict[str, AssignmentRows] = {}

    def assignment_rows(self, assignment: str) -> AssignmentRows:
        """What stays the same for all submissions of an assignment; read once.

        Raises CourseError when the gradebook lacks it.
        """
        if assignment not in self._rows:
            rows = read_assignment(self.db(), assignment)
            if rows is None:
                raise CourseError(
                    f"The gradebook does not know {assignment}. Build it first: "
                    f"nbgrader generate_assignment {assignment}"
                )
            self._rows[assignment] = rows
        return self._rows[assignment]

    @contextlib.contextmanager
    def one_transaction(self) -> Iterator[Session]:
        """What is done to the gradebook inside is written all together at the end, or not at all.

        Raises GradebookError when the database refuses, EntryRefused when only this entry is at
        fault.
        """
        session = self.db()
        try:
            yield session
            session.commit()
        except SQLAlchemyError as error:
            raise refused(self.engine.url, error) from None
        finally:
            with contextlib.suppress(SQLAlchemyError):
                session.rollback()

    def check_writable(self) -> None:
        """Raises GradebookError when nothing can be written now, before any work is done."""
        try:
            with self.engine.connect() as connection:
                if self.engine.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    connection.exec_driver_sql("ROLLBACK")
                    return
                # Nothing is written, but all rights are asked for.
                for table in Base.metadata.sorted_tables:
                    nothing = select(table).where(false())
                    connection.execute(table.insert().from_select(table.c.keys(), nothing))
                    same = {column: column for column in table.c}
                    connection.execute(table.update().where(false()).values(same))
                connection.rollback()
        except SQLAlchemyError as error:
            raise refused(self.engine.url, error) from None

    def reconnect(self) -> None:
        """Let go of all connections; the next step opens a new one."""
        self.db.remove()
        self.engine.dispose()


def open_gradebook(course: Course, assignment: str) -> WholeGradebook:
    """The gradebook of a class, ready to be written.

    Raises CourseError when it lacks the assignment, GradebookError when it cannot be used.
    """
    url, course_id = database(course)
    try:
        gradebook = WholeGradebook(url, course_id)
    except (SQLAlchemyError, ImportError, ValueError) as error:
        # ValueError: nonsense in the address, or nbgrader's word for a class that it cannot add.
        raise refused(url, error) from None
    try:
        gradebook.assignment_rows(assignment)
        gradebook.db.rollback()
        gradebook.check_writable()
    except SQLAlchemyError as error:
        gradebook.close()
        raise refused(url, error) from None
    except CourseError:
        gradebook.close()
        raise
    return gradebook


def write_marks(
    gradebook: WholeGradebook,
    course: Course,
    assignment: str,
    student: str,
    graded: Mapping[str, Graded],
    timestamp: str | None,
) -> int:
    """Write all that the gradebook keeps of one submission, in one transaction.

    Arguments: the open gradebook; the class; the ids of assignment and trainee; what became of
    each notebook, by name; when it was handed in, as nbgrader writes it. Returns how many
    questions a person has still to mark. Raises GradebookError when the database refuses for good,
    EntryRefused when it refuses this submission alone.
    """
    for pause in PAUSES:
        try:
            return _write_once(gradebook, course, assignment, student, graded, timestamp)
        except (GradebookBusy, EntryRefused):
            # The connection was lost, or another grader wrote the same. Where it was written all
            # the same, and only the answer was lost, it is written over with itself.
            gradebook.reconnect()
            time.sleep(pause)
    return _write_once(gradebook, course, assignment, student, graded, timestamp)


def _write_once(
    gradebook: WholeGradebook,
    course: Course,
    assignment: str,
    student: str,
    graded: Mapping[str, Graded],
    timestamp: str | None,
) -> int:
    """One try of `write_marks`."""
    with gradebook.one_transaction() as session:
        rows = gradebook.assignment_rows(assignment)
        submission, late = enter_submission(session, rows, student, timestamp)
        entries = notebooks_of(session, rows, submission)
        by_hand = sum(
            write_notebook(session, rows.notebook(name), entries[name], one)
            for name, one in graded.items()
        )
        session.execute(
            update(SubmittedNotebook)
            .where(SubmittedNotebook.assignment_id == submission)
            .values(late_submission_penalty=None)
        )
        if late:
            _fine(course, session.get(SubmittedAssignment, submission), student)
        return by_hand


def record(
    gradebook: Gradebook, assignment: str, notebook: str, student: str, graded: Graded
) -> None:
    """Write one verdict: points, what a person must still mark, and comments, in one transaction.

    Arguments: an open gradebook that knows the submission; the ids of assignment, notebook and
    trainee; what became of the submission. Raises MissingEntry when the gradebook has no such
    submission.
    """
    entry = gradebook.find_submission_notebook(notebook, assignment, student)
    rows = read_assignment(gradebook.db, assignment)
    write_notebook(gradebook.db, rows.notebook(notebook), entry.id, graded)
    gradebook.db.commit()


def _fine(course: Course, submission: SubmittedAssignment, student: str) -> None:
    """Set the fine of each notebook by the plug-in of the class, as AssignLatePenalties does.

    That preprocessor opens a gradebook of its own, so it cannot be part of a transaction; its
    plug-in and its bounds (never below nothing, never above the points) are used from here.
    """
    late = submission.total_seconds_late
    rules = AssignLatePenalties(parent=course)
    rules.init_plugin()
    for notebook in submission.notebooks:
        fine = rules.plugin_inst.late_submission_penalty(student, notebook.score, late)
        if fine is not None:
            fine = rules._check_late_penalty(notebook, fine)
        notebook.late_submission_penalty = fine
