"""The `casework` command: what an instructor types.

casework grade ASSIGNMENT [--student NAME ...] [--course FOLDER] [--resume | --force] [--workers N] [--dask ADDRESS]
casework report ASSIGNMENT [--course FOLDER] [--out FOLDER] [--names]
"""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

LINUX_ONLY = (
    "Grading needs Linux: trainees' code runs in a sandbox made of Linux namespaces. "
    "On Windows use WSL; on macOS grade on a Linux machine or in a Linux virtual machine, or, if you "
    "trust everybody in the class with everything on this machine, with --without-sandbox."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns 0, or 1 when something could not be graded, 2 for bad usage, 130 after Ctrl-C.
    """
    parser = argparse.ArgumentParser(prog="casework", description="The instructor's room.")
    commands = parser.add_subparsers(title="commands", required=True)
    grade = commands.add_parser("grade", help="grade the submissions of an assignment")
    grade.add_argument("assignment", help="the name of the assignment, such as crypto-1")
    grade.add_argument(
        "--student", action="append", default=[], help="grade only this trainee (may be repeated)"
    )
    grade.add_argument(
        "--course", type=Path, default=Path(), help="the folder of the class (default: this one)"
    )
    which = grade.add_mutually_exclusive_group()
    which.add_argument(
        "--resume",
        action="store_true",
        help="go on where a run was stopped: skip what is graded already, unless it was handed in "
        "again since (this is what happens without the flag, too)",
    )
    which.add_argument(
        "--force", action="store_true", help="grade again what has been graded already"
    )
    grade.add_argument(
        "--workers",
        type=_positive,
        help="how many submissions to grade at a time (default: one for each processor "
        "that this program may use)",
    )
    grade.add_argument(
        "--without-sandbox",
        action="store_true",
        help="where there can be no sandbox, and you trust the whole class: let trainees' programs "
        "do whatever you can on this machine, and say so in every feedback page",
    )
    grade.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="have it done by the workers of a Dask cluster, by the address of its scheduler, such "
        "as tcp://10.0.0.5:8786",
    )
    grade.set_defaults(run=_grade)
    report = commands.add_parser("report", help="say what the class found hard: a page and a table")
    report.add_argument("assignment", help="the name of the assignment, such as crypto-1")
    report.add_argument(
        "--course", type=Path, default=Path(), help="the folder of the class (default: this one)"
    )
    report.add_argument(
        "--out",
        type=Path,
        help="the folder to write into (default: report/ASSIGNMENT in the class)",
    )
    report.add_argument(
        "--names", action="store_true", help="name trainees, and add a table of their marks"
    )
    report.set_defaults(run=_report)
    chosen = parser.parse_args(arguments)
    return chosen.run(chosen)


def _report(chosen: argparse.Namespace) -> int:
    """Write the report. Loaded only now, as for grading: nbgrader and pandas take seconds."""
    from autograder.report.command import run

    return run(chosen)


def _positive(text: str) -> int:
    """A whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 on")
    return int(text)


def _grade(chosen: argparse.Namespace) -> int:
    """Grade a class; stopped by Ctrl-C, say how far it came."""
    daring = chosen.without_sandbox and sys.platform == "darwin"
    if not (sys.platform.startswith("linux") or daring):
        return _refuse(LINUX_ONLY)
    results: list[Any] = []
    with _interrupted_once():
        try:
            return _grade_class(chosen, results)
        except KeyboardInterrupt:
            count = "1 submission is" if len(results) == 1 else f"{len(results)} submissions are"
            _refuse(f"Stopped. {count} done in this run; run it again for the rest.")
            return 130


def _grade_class(chosen: argparse.Namespace, results: list[Any]) -> int:
    """Grade a class, while a sandbox here warms up as early as can be; fills `results`."""
    if chosen.without_sandbox or chosen.dask is not None:
        return _grade_all(chosen, results)
    from autograder.early import started_early

    with started_early(chosen.course):
        return _grade_all(chosen, results)


def _grade_all(chosen: argparse.Namespace, results: list[Any]) -> int:
    """Grade a class, with progress, a line per problem and a summary; fills `results`."""
    console = Console()
    # A new gradebook is made with the `alembic` of this environment, activated or not.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # jsonschema would load a grammar of web addresses for two seconds. No notebook's schema asks for it.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    # Here and not above: loading nbgrader takes seconds, and the sandbox exists on Linux only.
    from autograder.authoring import AuthoringError
    from autograder.course import CourseError, open_course
    from autograder.driver import grade_class, submissions
    from autograder.sandbox import SandboxError
    from autograder.unwalled import STAMP, WARNING
    from casework import CaseworkError

    try:
        course = open_course(chosen.course)
        course.without_sandbox = course.without_sandbox or chosen.without_sandbox
        students = submissions(course, chosen.assignment, chosen.student, chosen.force)
        if not students:
            console.print("Nothing to grade: every submission is graded. --force grades it again.")
            return 0
        if course.without_sandbox:
            _refuse(WARNING)
        cluster = None if chosen.dask is None else _cluster(chosen.dask, console)
        running = grade_class(course, chosen.assignment, students, chosen.workers, cluster)
        with _progress(console) as progress, contextlib.closing(running):
            bar = progress.add_task("warming up", total=len(students))
            for result in running:
                results.append(result)
                progress.update(bar, advance=1, description="grading")
                for line in (*result.notes, result.problem):
                    if line:
                        progress.console.print(
                            f"{result.student}: {line}", markup=False, highlight=False
                        )
    except (CourseError, SandboxError, AuthoringError, CaseworkError) as error:
        return _refuse(str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _refuse(f"{place}{error.strerror or error}. What is graded stays graded.")
    results.sort(key=lambda result: result.student)
    console.print(_summary(chosen.assignment, results))
    if course.without_sandbox:
        console.print(STAMP, style="bold", highlight=False)
    failed = [result.student for result in results if result.problem]
    if failed:
        return _refuse(f"{len(failed)} could not be graded: {', '.join(failed)}.")
    return 0


def _cluster(address: str, console: Console) -> Any:
    """The cluster at an address; what becomes of its workers is said on the screen."""
    from autograder.cluster import Cluster

    return Cluster(
        address, lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True)
    )


@contextlib.contextmanager
def _interrupted_once() -> Iterator[None]:
    """Let Ctrl-C stop a run once; who presses it again does not stop the stopping."""

    def stop(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _progress(console: Console) -> Progress:
    """A progress bar that says who, how many, how long and how long still."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
        console=console,
        # Drawing costs processor time, and there is something new about twice a second.
        refresh_per_second=2,
        # The time left is told by what the last minute brought: some submissions take long.
        speed_estimate_period=60,
    )


def _summary(assignment: str, results: Sequence) -> Table:
    """A table of what became of each submission."""
    table = Table(title=assignment, title_justify="left")
    table.add_column("trainee")
    table.add_column("points", justify="right")
    table.add_column("to mark by hand", justify="right")
    table.add_column("seconds", justify="right")
    table.add_column("remarks", justify="right")
    for result in results:
        table.add_row(
            result.student,
            "not graded" if result.points is None else f"{result.points:g}",
            str(result.by_hand) if result.by_hand else "",
            f"{result.seconds:.2f}",
            str(len(result.notes)) if result.notes else "",
        )
    return table


def _refuse(sentence: str) -> int:
    """Say why it did not work, on stderr."""
    Console(stderr=True).print(
        f"casework: {sentence}", markup=False, highlight=False, soft_wrap=True
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
