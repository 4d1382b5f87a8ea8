"""How does a verdict reach nbgrader's gradebook? Through its own API, all of a submission at once.

nbgrader commits after every step: the trainee, the submission, each notebook, the fine for being
late. A run that is killed in between leaves half a submission behind. `WholeGradebook` is
nbgrader's gradebook with a session that can hold those commits back and make one of them.

It may be a file (SQLite) or a server (PostgreSQL). A server can go away and come back, and more
than one grader may write to it at once: what was not written whole is then written once more.
"""

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

from nbgrader.api import Base, Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import Dialect, Engine, event, false, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from autograder.course import Course, CourseError, database
from autograder.grading import Graded
from autograder.refused import EntryRefused, GradebookBusy, GradebookError, refused

__all__ = ["GradebookError", "WholeGradebook", "open_gradebook", "record", "write_marks"]

NO_RESPONSE = "No response."
"""nbgrader's own words for an answer that was left as it was released."""

PAUSES = (0.1, 2.0)
"""Seconds before the second and the third try to write one submission."""

# The pool logs a lost connection with its whole traceback. We say it, in a sentence.
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)

CONNECT_SECONDS = 30.0
LOCK_SECONDS = 10


@event.listens_for(Engine, "do_connect")
def _ask_of_the_server(
    dialect: Dialect, record: Any, arguments: Any, settings: dict[str, Any]
) -> None:
    """Ask of each connection to PostgreSQL, nbgrader's too, what a gradebook needs.

    An end to waiting: by itself it has none. And that what the server calls written is on its
    disk: a server may be set up to say so up to a second too early, and a crash then takes marks
    of submissions that we count as graded.
    """
    if dialect.driver == "pg8000":
        settings.setdefault("timeout", CONNECT_SECONDS)
        wanted = {"lock_timeout": f"{LOCK_SECONDS}s", "synchronous_commit": "on"}
        settings.setdefault("startup_params", wanted)


class _Session(Session):
    """A session that can hold commits back."""

    held = False

    def commit(self) -> None:
        """Commit; while held, only send what is new, and forget what was computed before."""
        if not self.held:
            super().commit()
            return
        try:
            self.flush()
        except SQLAlchemyError as error:
            # Not as it is: nbgrader would log it at length and call it a wrong entry.
            raise refused(self.get_bind().url, error) from None
        # As after a commit: scores that the database adds up are read again when asked for.
        self.expire_all()


class WholeGradebook(Gradebook):
    """nbgrader's gradebook, one connection for the whole run, one transaction per submission."""

    def __init__(self, url: str, course_id: str) -> None:
        """Open it. Arguments as nbgrader's."""
        super().__init__(url, course_id)
        self.db.remove()
        self.db = scoped_session(sessionmaker(bind=self.engine, class_=_Session))

    @contextlib.contextmanager
    def one_transaction(self) -> Iterator[None]:
        """What is done to the gradebook inside is written all together at the end, or not at all.

        Raises GradebookError when the database refuses, EntryRefused when only this entry is at
        fault; nbgrader's InvalidEntry comes through as it is.
        """
        session = self.db()
        session.held = True
        try:
            yield
            session.held = False
            session.commit()
        except SQLAlchemyError as error:
            raise refused(self.engine.url, error) from None
        finally:
            session.held = False
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
        gradebook.find_assignment(assignment)
        gradebook.db.rollback()
        gradebook.check_writable()
    except MissingEntry:
        gradebook.close()
        raise CourseError(
            f"The gradebook does not know {assignment}. Build it first: "
            f"nbgrader generate_assignment {assignment}"
        ) from None
    except SQLAlchemyError as error:
        gradebook.close()
        raise refused(url, error) from None
    except GradebookError:
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
    with gradebook.one_transaction():
        gradebook.update_or_create_student(student)
        known = {"timestamp": timestamp} if timestamp else {}
        submission = gradebook.update_or_create_submission(assignment, student, **known)
        for name, one in graded.items():
            record(gradebook, assignment, name, student, one)
        _fine(course, submission, student)
        return sum(
            grade.needs_manual_grade
            for notebook in submission.notebooks
            for grade in notebook.grades
        )


def record(
    gradebook: Gradebook, assignment: str, notebook: str, student: str, graded: Graded
) -> None:
    """Write one verdict: points, what a person must still mark, and comments, in one transaction.

    Arguments: an open gradebook that knows the submission; the ids of assignment, notebook and
    trainee; what became of the submission. Marks and comments that an instructor gave by hand
    stay as they are, and are flagged for another look as nbgrader does. Raises MissingEntry when
    the gradebook has no such submission.
    """
    submitted = gradebook.find_submission_notebook(notebook, assignment, student)
    for grade in submitted.grades:
        check = graded.checks.get(grade.name)
        if check is not None:
            grade.auto_score = float(check.points)
        else:
            # Marked by hand. Nobody need look at a file that could not be read.
            grade.auto_score = None if graded.readable else 0.0
        unsure = check is not None and check.outcome == "not_checked"
        grade.needs_manual_grade = (
            unsure or grade.manual_score is not None or grade.auto_score is None
        )
    for comment in submitted.comments:
        comment.auto_comment = NO_RESPONSE if comment.name in graded.unanswered else None
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
        notebook.late_submission_penalty = None
        if late > 0:
            fine = rules.plugin_inst.late_submission_penalty(student, notebook.score, late)
            if fine is not None:
                fine = rules._check_late_penalty(notebook, fine)
            notebook.late_submission_penalty = fine
