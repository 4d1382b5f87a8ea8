"""How is a whole class graded? One submission after the other, each with its own mark.

What happens to one submission never touches another. Its notebooks are prepared hidden, its marks
reach the gradebook in one transaction, and then the notebooks are shown: a submission counts as
graded only after the last step. So a run may be stopped or killed at any moment and started again,
and goes on where it stopped.
"""

import errno
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SAWarning, SQLAlchemyError

from autograder.course import Course, CourseError
from autograder.folders import discard, is_graded, prepare, publish, timestamp
from autograder.gradebook import GradebookError, WholeGradebook, open_gradebook, write_marks
from autograder.grading import Graded, grade_submission
from autograder.sandbox import SandboxError
from autograder.submission import tidy

DISK_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What would go wrong for every other trainee as well: the disk is full, or only for reading."""


@dataclass(frozen=True)
class Result:
    """What a run says about one submission.

    student   whose it is
    points    points given by the judge; None when the submission could not be graded
    by_hand   how many questions a person has still to mark
    seconds   how long it took
    notes     what an instructor should know, one sentence each
    problem   why it could not be graded; empty when it was
    """

    student: str
    points: float | None
    by_hand: int
    seconds: float
    notes: tuple[str, ...] = ()
    problem: str = ""


def submissions(
    course: Course, assignment: str, students: Sequence[str] = (), force: bool = False
) -> list[str]:
    """The trainees whose submissions are to be graded, in order of name.

    Arguments: the class; the assignment; whom to grade (nobody named means all); whether those
    that are graded already are graded again. Raises CourseError for an assignment that does not
    exist and for a trainee who handed nothing in.
    """
    course.notebooks(assignment)
    folders = course.folder("submitted", "*", assignment)
    parent = folders.parents[1]
    found = sorted(path.parent.name for path in parent.glob(f"*/{assignment}") if path.is_dir())
    missing = sorted(set(students) - set(found))
    if missing:
        raise CourseError(
            f"There is no submission of {assignment} by {', '.join(missing)} in {parent}. "
            f"Collect first: nbgrader collect {assignment}"
        )
    chosen = [student for student in found if not students or student in students]
    return [s for s in chosen if force or not is_graded(course, assignment, s)]


def grade_class(
    course: Course,
    assignment: str,
    students: Sequence[str],
    begin: Callable[[str], None] = lambda student: None,
) -> Iterator[Result]:
    """Grade submissions one after the other and yield what became of each.

    Arguments: the class; the assignment; the trainees, from `submissions`; what to call with a
    trainee's name before each. Raises SandboxError when there can be no sandbox here, and
    CourseError when the class is not complete; anything else is the Result of one submission.
    """
    sandbox = course.sandbox()
    # About a session inside nbgrader's own Gradebook.add_submission; nothing for an instructor.
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    course.environment("", assignment)  # a missing key is one error, not one per trainee
    masters = {name: course.master(assignment, name) for name in course.notebooks(assignment)}
    with open_gradebook(course, assignment) as gradebook:
        for student in students:
            begin(student)
            started = time.monotonic()
            try:
                graded = {
                    name: grade_submission(
                        _submitted(course, assignment, student) / f"{name}.ipynb",
                        master,
                        sandbox,
                        course.environment(student, assignment),
                    )
                    for name, master in masters.items()
                }
                by_hand = _write(course, gradebook, assignment, student, graded)
            except (SandboxError, GradebookError):
                raise
            except Exception as error:
                if isinstance(error, OSError) and error.errno in DISK_TROUBLE:
                    raise CourseError(
                        f"{_in_a_sentence(error)}. What is graded stays graded. "
                        "Make room and run it again for the rest."
                    ) from None
                # Whatever else it is, it is this trainee's alone: the others are still to be graded.
                took = time.monotonic() - started
                yield Result(student, None, 0, took, problem=_in_a_sentence(error))
                continue
            yield Result(
                student,
                sum(one.points for one in graded.values()),
                by_hand,
                time.monotonic() - started,
                tuple(note for one in graded.values() for note in one.notes),
            )


def _submitted(course: Course, assignment: str, student: str) -> Path:
    """The folder of a submission, put in order."""
    folder = course.folder("submitted", student, assignment)
    tidy(folder, course.notebooks(assignment))
    return folder


def _write(
    course: Course,
    gradebook: WholeGradebook,
    assignment: str,
    student: str,
    graded: dict[str, Graded],
) -> int:
    """Write notebooks and marks; how many questions a person has still to mark."""
    stamp = timestamp(course.folder("submitted", student, assignment))
    prepare(course, assignment, student, {name: one.notebook for name, one in graded.items()})
    try:
        by_hand = write_marks(gradebook, course, assignment, student, graded, stamp)
    except Exception:
        discard(course, assignment, student)
        raise
    publish(course, assignment, student)
    return by_hand


def _in_a_sentence(error: Exception) -> str:
    """Why something failed, on one line."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if not isinstance(error, OSError | SQLAlchemyError):
        reason = f"{type(error).__name__}: {reason}"
    place = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
    return f"{place}{' '.join(reason.split())[:300]}"
