"""How is a whole class graded? One submission after the other, each with its own mark.

What happens to one submission never touches another. A submission counts as graded when its
notebook lies in `autograded`, and that is written last: so a run may be stopped at any moment
and started again.
"""

import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import rmtree
from sqlalchemy import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from autograder.course import Course, CourseError, database
from autograder.gradebook import record
from autograder.grading import Graded, grade_submission
from autograder.sandbox import SandboxError
from autograder.submission import KEPT, tidy


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
    return [s for s in chosen if force or not _is_graded(course, assignment, s)]


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
    with _gradebook(course, assignment) as gradebook:
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
            except SandboxError:
                raise
            except Exception as error:
                # Whatever it is, it is this trainee's alone: the others are still to be graded.
                gradebook.db.rollback()
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


def _gradebook(course: Course, assignment: str) -> Gradebook:
    """The open gradebook. Raises CourseError when it cannot be used or lacks the assignment."""
    url, course_id = database(course)
    try:
        gradebook = Gradebook(url, course_id)
        gradebook.find_assignment(assignment)
    except MissingEntry:
        gradebook.close()
        raise CourseError(
            f"The gradebook does not know {assignment}. Build it first: "
            f"nbgrader generate_assignment {assignment}"
        ) from None
    except SQLAlchemyError as error:
        place = make_url(url).render_as_string(hide_password=True)
        raise CourseError(
            f"The gradebook {place} cannot be used: {_in_a_sentence(error)}"
        ) from None
    return gradebook


def _submitted(course: Course, assignment: str, student: str) -> Path:
    """The folder of a submission, put in order."""
    folder = course.folder("submitted", student, assignment)
    tidy(folder, course.notebooks(assignment))
    return folder


def _is_graded(course: Course, assignment: str, student: str) -> bool:
    """Whether what was handed in last has been graded, as nbgrader decides it."""
    done = course.folder("autograded", student, assignment)
    if not all((done / f"{name}.ipynb").is_file() for name in course.notebooks(assignment)):
        return False
    submitted = course.folder("submitted", student, assignment)
    stamps = [_timestamp(folder) for folder in (submitted, done)]
    return stamps[0] == stamps[1]


def _timestamp(folder: Path) -> str | None:
    path = folder / "timestamp.txt"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def _write(
    course: Course, gradebook: Gradebook, assignment: str, student: str, graded: dict[str, Graded]
) -> int:
    """Write the marks, then the notebooks; how many questions a person has still to mark."""
    folder = course.folder("submitted", student, assignment)
    stamp = _timestamp(folder)
    gradebook.update_or_create_student(student)
    known = {"timestamp": stamp} if stamp else {}
    submission = gradebook.update_or_create_submission(assignment, student, **known)
    for name, one in graded.items():
        record(gradebook, assignment, name, student, one)
    by_hand = sum(
        grade.needs_manual_grade for notebook in submission.notebooks for grade in notebook.grades
    )
    late = submission.total_seconds_late > 0
    fined = [nb.name for nb in submission.notebooks if nb.late_submission_penalty is not None]
    gradebook.db.rollback()  # only read since the marks were committed: let go of the database
    for name in graded if late else fined:
        ids = {"notebook": name, "assignment": assignment, "student": student}
        resources = {"nbgrader": {**ids, "db_url": course.directory.db_url}}
        AssignLatePenalties(parent=course).preprocess(graded[name].notebook, resources)
    _write_notebooks(course, assignment, student, graded)
    return by_hand


def _write_notebooks(
    course: Course, assignment: str, student: str, graded: dict[str, Graded]
) -> None:
    """Write the autograded folder of one submission: beside it first, then all at once."""
    target = course.folder("autograded", student, assignment)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    if fresh.exists():
        rmtree(str(fresh))
    fresh.mkdir()
    for name, one in graded.items():
        (fresh / f"{name}.ipynb").write_text(nbformat.writes(one.notebook), encoding="utf-8")
    for name in KEPT:
        source = course.folder("submitted", student, assignment) / name
        if source.is_file():
            shutil.copyfile(source, fresh / name)
    shared = course.directory.groupshared
    for path in fresh.iterdir():
        path.chmod(0o664 if shared else 0o444)
    if shared:
        fresh.chmod(0o2770)
    if target.exists():
        rmtree(str(target))
    fresh.replace(target)


def _in_a_sentence(error: Exception) -> str:
    """Why something failed, on one line."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if not isinstance(error, OSError | SQLAlchemyError):
        reason = f"{type(error).__name__}: {reason}"
    place = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
    return f"{place}{' '.join(reason.split())[:300]}"
