"""How does a verdict reach nbgrader's gradebook? Through its own API, all of a submission at once.

nbgrader commits after every step: the trainee, the submission, each notebook, the fine for being
late. A run that is killed in between leaves half a submission behind. `WholeGradebook` is
nbgrader's gradebook with a session that can hold those commits back and make one of them.
"""

import contextlib
from collections.abc import Iterator, Mapping

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from autograder.course import Course, CourseError, database
from autograder.grading import Graded

NO_RESPONSE = "No response."
"""nbgrader's own words for an answer that was left as it was released."""

REMEDIES = {
    "locked": "Another program holds it: close that one.",
    "readonly": "Give yourself the right to write it.",
    "unable to open": "Give yourself the right to write its folder.",
    "full": "Make room on the disk.",
    "disk i/o": "Look whether its disk is full or broken.",
}


class GradebookError(CourseError):
    """The gradebook cannot be used at all. One sentence with the place, the reason, the remedy."""


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
        except (IntegrityError, DataError):
            raise
        except SQLAlchemyError as error:
            # Not as it is: nbgrader would log it at length and call it a wrong entry.
            raise _refused(self.get_bind().url, error) from None
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

        Raises GradebookError when the database refuses; what an entry of its own does wrong
        (IntegrityError, DataError, nbgrader's InvalidEntry) comes through as it is.
        """
        session = self.db()
        session.held = True
        try:
            yield
            session.held = False
            session.commit()
        except (IntegrityError, DataError):
            raise
        except SQLAlchemyError as error:
            raise _refused(self.engine.url, error) from None
        finally:
            session.held = False
            with contextlib.suppress(SQLAlchemyError):
                session.rollback()

    def check_writable(self) -> None:
        """Raises GradebookError when nothing can be written now, before any work is done."""
        if self.engine.dialect.name != "sqlite":
            return
        try:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.exec_driver_sql("ROLLBACK")
        except SQLAlchemyError as error:
            raise _refused(self.engine.url, error) from None


def open_gradebook(course: Course, assignment: str) -> WholeGradebook:
    """The gradebook of a class, ready to be written.

    Raises CourseError when it lacks the assignment, GradebookError when it cannot be used.
    """
    url, course_id = database(course)
    try:
        gradebook = WholeGradebook(url, course_id)
    except SQLAlchemyError as error:
        raise _refused(url, error) from None
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
        raise _refused(url, error) from None
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
    questions a person has still to mark. Raises GradebookError when the database refuses.
    """
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


def _refused(url: str | URL, error: SQLAlchemyError) -> GradebookError:
    place = make_url(url).render_as_string(hide_password=True)
    reason = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
    remedies = (remedy for word, remedy in REMEDIES.items() if word in reason.lower())
    remedy = next(remedies, "Look whether it is whole and reachable.")
    return GradebookError(f"The gradebook {place} cannot be used: {reason}. {remedy}")
