"""How is a whole class graded? Several submissions at a time, each with its own mark.

Threads have submissions judged in the sandbox; one thread alone, the caller's, writes. What happens to one submission never touches another. Its notebooks are prepared hidden, its marks
reach the gradebook in one transaction, and then the notebooks are shown: a submission counts as
graded only after the last step. So a run may be stopped or killed at any moment and started again,
and goes on where it stopped.
"""

import contextlib
import errno
import itertools
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nbformat import NotebookNode, v4
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from autograder.course import Course, CourseError
from autograder.folders import discard, is_graded, only_run, prepare, publish, stamp, sync
from autograder.gradebook import GradebookError, WholeGradebook, open_gradebook, write_marks
from autograder.grading import Graded, grade_submission
from autograder.judge.verdict import Outcome
from autograder.places import Places
from autograder.pool import ParentsLost, SandboxPool, Stopped
from autograder.sandbox import SandboxError
from autograder.submission import KEPT, tidy

if TYPE_CHECKING:
    from autograder.cluster import Cluster  # at work only where somebody asks for it

DISK_TROUBLE = {
    errno.ENOSPC: "Make room",
    errno.EDQUOT: "Make room",
    errno.EROFS: "Make the disk one that can be written",
    errno.EIO: "Look whether the disk is broken",
}
"""What would go wrong for every other trainee as well, and what to do about it."""

LENT = 8
"""So many more submissions than places may be under way for each place: those that only wait."""

_STOP_SECONDS = 0.05


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
    workers: int | None = None,
    cluster: "Cluster | None" = None,
) -> Iterator[Result]:
    """Grade submissions, several at a time, and yield what became of each as it is done.

    Arguments: the class; the assignment; the trainees, from `submissions`; how many at a time
    (default: `default_workers`, or what the cluster can do); the cluster that judges them, if not
    this machine. To stop, close the iterator: what was yielded is written, the
    rest is not, and nothing goes on running. Raises SandboxError when there can be no sandbox
    here, and CourseError when the class is not complete; anything else is the Result of one.
    """
    # About a session inside nbgrader's own Gradebook.add_submission; nothing for an instructor.
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    with contextlib.ExitStack() as stack:
        stack.enter_context(only_run(course))
        pool: SandboxPool | Cluster
        if cluster is None:
            pool = stack.enter_context(SandboxPool(course.new_sandbox))
            at_once, lent = workers or default_workers(), LENT
        else:
            # A place on a worker is not ours to lend.
            pool = stack.enter_context(cluster.opened(course))
            at_once, lent = workers or cluster.at_once, 0
        course.environment("", assignment)  # a missing key is one error, not one per trainee
        masters = {name: course.master(assignment, name) for name in course.notebooks(assignment)}
        gradebook = stack.enter_context(open_gradebook(course, assignment))
        crew = stack.enter_context(_Crew(at_once, lent, pool))
        for done in crew.work(_jobs(course, assignment, students, masters)):
            yield _settle(course, gradebook, assignment, done)
        sync(Path(course.directory.root))


def default_workers() -> int:
    """How many submissions are graded at a time: see book/for-instructors.md."""
    # Only Linux says which processors are ours.
    ours = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return len(ours(0))


@dataclass(frozen=True)
class _Job:
    """One submission to be graded, from a folder to a target; problem: why it cannot be."""

    student: str
    folder: Path
    target: Path
    shared: bool
    masters: Mapping[str, NotebookNode]
    environment: Mapping[str, str]
    problem: Exception | None = None


@dataclass(frozen=True)
class _Done:
    """One submission that was judged and prepared, to be written; problem: why it was not."""

    job: _Job
    seconds: float
    graded: Mapping[str, Graded] = field(default_factory=dict)
    handed_in: str | None = None
    problem: Exception | None = None


class _Crew:
    """Threads that judge submissions. The work is done by processes in the sandbox."""

    def __init__(self, workers: int, lent: int, pool: "SandboxPool | Cluster") -> None:
        self._pool = pool
        self._places = Places(workers, lent * workers)
        self._most = (2 + lent) * workers
        self._threads = ThreadPoolExecutor((1 + lent) * workers, thread_name_prefix="grader")
        self._busy: set[Future[_Done]] = set()

    def __enter__(self) -> "_Crew":
        return self

    def __exit__(self, *error: object) -> None:
        """Stop whatever is still being done. The threads end when their sandboxes do."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        while left := [future for future in self._busy if not future.done()]:
            self._pool.stop()
            wait(left, timeout=_STOP_SECONDS)
        self._threads.shutdown()
        for future in self._busy:
            if not future.cancelled() and not future.exception():
                discard(future.result().job.target)

    def work(self, jobs: Iterable[_Job]) -> Iterator[_Done]:
        """Do the jobs and yield each when it is done; only a few wait, done or to be done."""
        jobs = iter(jobs)
        while True:
            for job in itertools.islice(jobs, self._most - len(self._busy)):
                self._busy.add(self._threads.submit(self._judge_in_place, job))
            if not self._busy:
                return
            for future in wait(self._busy, return_when=FIRST_COMPLETED).done:
                # What is yielded is about to be written, and then no longer ours to discard.
                self._busy.remove(future)
                yield future.result()

    def _judge_in_place(self, job: _Job) -> _Done:
        with self._places.one() as lend:
            return _judge(job, self._pool, lend)


def _jobs(
    course: Course,
    assignment: str,
    students: Iterable[str],
    masters: Mapping[str, NotebookNode],
) -> Iterator[_Job]:
    """What is to be done; whatever asks the configuration is asked here, in the main thread."""
    for student in students:
        places = [course.folder(step, student, assignment) for step in ("submitted", "autograded")]
        shared = course.directory.groupshared
        try:
            environment = course.environment(student, assignment)
        except CourseError as error:
            yield _Job(student, *places, shared, masters, {}, error)
        else:
            yield _Job(student, *places, shared, masters, environment)


def _judge(job: _Job, pool: "SandboxPool | Cluster", when_idle: Callable[[], None]) -> _Done:
    """Grade one submission and write its notebooks, still hidden. Runs in a thread.

    Arguments: what is to be done; where; what is called when it only waits. Raises SandboxError and Stopped, which concern all.
    """
    started = time.monotonic()
    try:
        if job.problem is not None:
            raise job.problem
        tidy(job.folder, job.masters)
        # Before the notebooks: of what is collected anew meanwhile, the old time is kept, and so
        # the submission counts as not graded.
        files = {name: path.read_bytes() for name in KEPT if (path := job.folder / name).is_file()}
        graded = {
            name: pool.use(
                lambda sandbox, name=name, master=master: grade_submission(
                    job.folder / f"{name}.ipynb", master, sandbox, job.environment, when_idle
                ),
                _could_be_cut_short,
            )
            for name, master in job.masters.items()
        }
        for name, one in graded.items():
            files[f"{name}.ipynb"] = v4.writes(one.notebook).encode()
        prepare(job.target, files, job.shared)
    except (SandboxError, Stopped):
        raise
    except Exception as error:
        return _Done(job, time.monotonic() - started, problem=error)
    handed_in = stamp(files["timestamp.txt"]) if "timestamp.txt" in files else None
    return _Done(job, time.monotonic() - started, graded, handed_in)


def _could_be_cut_short(graded: Graded) -> bool:
    """Whether a submission may look as it does because its sandbox ended."""
    return any(check.outcome is Outcome.NOT_CHECKED for check in graded.checks.values())


def _settle(course: Course, gradebook: WholeGradebook, assignment: str, done: _Done) -> Result:
    """Write what became of one submission. Raises CourseError for what would stop all others too."""
    error = done.problem
    if error is None:
        try:
            by_hand = _write(course, gradebook, assignment, done)
        except GradebookError:
            raise
        except Exception as trouble:
            error = trouble
    if isinstance(error, OSError) and error.errno in DISK_TROUBLE:
        raise CourseError(
            f"{_in_a_sentence(error)}. What is graded stays graded. "
            f"{DISK_TROUBLE[error.errno]}, and run it again for the rest."
        ) from None
    if error is not None:
        # Whatever else it is, it is this trainee's alone: the others are still to be graded.
        return Result(done.job.student, None, 0, done.seconds, problem=_in_a_sentence(error))
    return Result(
        done.job.student,
        sum(one.points for one in done.graded.values()),
        by_hand,
        done.seconds,
        tuple(note for one in done.graded.values() for note in one.notes),
    )


def _write(course: Course, gradebook: WholeGradebook, assignment: str, done: _Done) -> int:
    """Write marks and show notebooks; how many questions a person has still to mark."""
    job = done.job
    try:
        by_hand = write_marks(
            gradebook, course, assignment, job.student, done.graded, done.handed_in
        )
    except GradebookError:
        # Nobody knows whether the marks arrived. What lies hidden says: not graded.
        raise
    except Exception:
        discard(job.target)
        raise
    publish(job.target)
    return by_hand


def _in_a_sentence(error: Exception) -> str:
    """Why something failed, on one line."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if not isinstance(error, OSError | SQLAlchemyError | CourseError | ParentsLost):
        reason = f"{type(error).__name__}: {reason}"
    place = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
    return f"{place}{' '.join(reason.split())[:300]}"
