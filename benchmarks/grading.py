"""How many submissions of crypto-1 are graded a minute, against stock `nbgrader autograde`?

    python benchmarks/grading.py [--quick] [--submissions 200] [--stock 20] [--json PATH]

Both commands are called as an instructor would call them, on the same course, in one run, with the same answers: right,
wrong and blank ones of `exercises/crypto-1/answers`, in turn; of twenty, one waits for three seconds and one computes for about
one more. Ours runs with isolation on. Stock nbgrader runs a sample, because it takes seconds for each. Processor time is that
of the whole machine while a command runs (/proc/stat), because processes in a sandbox are not counted as anybody's
children: keep the machine idle otherwise.

Then it says where our time goes: start-up, and for each submission its cells as they run in a warm process, what the
walls around a trainee's process and the judge's questions add, the judge, and the driver.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from autograder.authoring import answer_notebook, build_course, course_config
from autograder.course import nbgrader_config, open_course
from autograder.grading import grade_submission
from autograder.sandbox import Sandbox
from autograder.trial import _family

HOUSE = Path(__file__).parents[1]
EXERCISE = HOUSE / "exercises" / "crypto-1"
BIN = Path(sys.executable).parent
SLOW = {
    7: "import time\ntime.sleep(3)",
    13: "sum(number * number for number in range(12_000_000))",
}
"""What some submissions do besides, by their place among twenty."""
STAMP = "2026-11-20 10:00:00 UTC"


@dataclass(frozen=True)
class Measured:
    """What one command took; seconds for all submissions together."""

    submissions: int
    wall: float
    processor: float

    @property
    def a_minute(self) -> float:
        """Return how many submissions were graded a minute."""
        return 60 * self.submissions / self.wall


def make_course(folder: Path, grader: str, submissions: int, slow: bool = True) -> Path:
    """Build a course with so many submissions, some of them slow; `grader` is "ours" or "stock"."""
    course, exchange = folder / grader, folder / f"{grader}-exchange"
    build_course(course, [EXERCISE], exchange=exchange)
    text = nbgrader_config if grader == "ours" else course_config
    (course / "nbgrader_config.py").write_text(text(course, exchange))
    release = course / "release" / "crypto-1" / "crypto-1.ipynb"
    answers = sorted((EXERCISE / "answers").glob("*.py"))
    # Taken from across the alphabet, so that a small sample holds right and wrong ones of all kinds.
    chosen = [answers[(7 * n) % len(answers)] for n in range(submissions)]
    for n, answer in enumerate(chosen):
        notebook = answer_notebook(EXERCISE, release, answer)
        if slow and n % 20 in SLOW:
            notebook.cells.append(new_code_cell(SLOW[n % 20]))
        place = course / "submitted" / f"trainee-{n:04d}" / "crypto-1"
        place.mkdir(parents=True)
        (place / "crypto-1.ipynb").write_text(json.dumps(notebook))
        (place / "timestamp.txt").write_text(STAMP)
    return course


def measure(command: list[str], course: Path, submissions: int) -> Measured:
    """Run a command in the course folder and say what it took."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    before = processor_seconds()
    start = time.monotonic()
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    wall = time.monotonic() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return Measured(submissions, wall, processor_seconds() - before)


def processor_seconds() -> float:
    """Return how long all processors together have worked since the machine started (proc(5), "stat")."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def marks(course: Path) -> dict[str, dict[str, float | None]]:
    """Return what the gradebook holds: trainee to question to points."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "crossborder") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions("crypto-1")
        }


START = "start-up, once"
CELLS = "each: its cells, as they run in a process that is warm"
BEYOND = "processor seconds for each submission beyond its cells (peer: what was allowed)"


def where_the_time_goes(course_folder: Path, submissions: int) -> dict[str, float]:
    """Grade some submissions one after the other in this process, and ask each part what it used.

    Slow ones are left out. Returns processor seconds by what they went into, for each submission
    where nothing else is said.
    """
    course = open_course(course_folder)
    master = course.master("crypto-1", "crypto-1")
    students = [f"trainee-{n:04d}" for n in range(submissions * 2) if n % 20 not in SLOW]
    students = [name for name in students if course.folder("submitted", name, "crypto-1").is_dir()]
    files = {
        name: course.folder("submitted", name, "crypto-1") / "crypto-1.ipynb"
        for name in students[:submissions]
    }
    # A mixture of class-work: the database and the notebooks are written by a full run.
    before = processor_seconds()
    first = next(iter(files))
    subprocess.run(
        [str(BIN / "casework"), "grade", "crypto-1", "--force", "--student", first],
        cwd=course_folder, check=True, capture_output=True,
    )  # fmt: skip
    start = processor_seconds() - before
    with course.new_sandbox() as sandbox:

        def grade(name: str) -> None:
            environment = course.environment(name, "crypto-1")
            grade_submission(files[name], master, sandbox, environment)

        grade(first)
        ours, theirs = time.process_time(), _children_seconds(sandbox)
        for name in files:
            grade(name)
        time.sleep(0.5)  # until the last children are counted
        driver = (time.process_time() - ours) / len(files)
        trainees, judges = (
            (after - before) / len(files)
            for after, before in zip(_children_seconds(sandbox), theirs, strict=True)
        )
    cells = _cells_in_a_warm_process(course_folder, list(files))
    return {
        START: start,
        CELLS: cells,
        "each: the walls, memory of its own, answers to the judge": trainees - cells,
        "each: the judge, walls of its own included": judges,
        "each: reading, mending and telling, in the driver": driver,
    }


def _children_seconds(sandbox: Sandbox) -> tuple[float, float]:
    """How long the children of both parents have worked; parents themselves, to bear them, too."""
    used = []
    for nursery in (sandbox._trainees, sandbox._judges):
        # The parent is the innermost of bubblewrap's processes.
        times = [
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
            for pid in _family(nursery._process.pid, most=20)
        ]
        used.append(sum(int(ticks) for one in times for ticks in one) / os.sysconf("SC_CLK_TCK"))
    return used[0], used[1]


def _cells_in_a_warm_process(course_folder: Path, students: list[str]) -> float:
    """Run the cells of some submissions in one process, one after the other; seconds for each."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("warm_cells.py")), course_folder, *students],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def main() -> None:
    """Measure, compare the marks, print a table, write rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="20 submissions, 2 of them with stock")
    parser.add_argument("--submissions", type=int, default=200, help="how many we grade")
    parser.add_argument("--stock", type=int, default=20, help="how many stock nbgrader grades")
    parser.add_argument("--json", type=Path, help="write rows of name, ours, peer, ratio here")
    chosen = parser.parse_args()
    many, few = (20, 2) if chosen.quick else (chosen.submissions, chosen.stock)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours_course, stock_course = (
            make_course(folder, "ours", many),
            make_course(folder, "stock", few),
        )
        print(
            f"Grading {many} submissions here, {few} of them with stock nbgrader too …", flush=True
        )
        stock = measure([str(BIN / "nbgrader"), "autograde", "crypto-1"], stock_course, few)
        ours = measure([str(BIN / "casework"), "grade", "crypto-1"], ours_course, many)
        our_marks = marks(ours_course)
        parts = where_the_time_goes(ours_course, 10 if chosen.quick else 40)
        unequal = [who for who, what in marks(stock_course).items() if our_marks[who] != what]
    print(f"\n{'':<26}{'casework':>12}{'nbgrader':>12}{'ratio':>9}")
    rows = []
    for title, a, b, ratio in [
        ("submissions a minute", ours.a_minute, stock.a_minute, ours.a_minute / stock.a_minute),
        *(
            (f"{what}, s each", x / many, y / few, (y / few) / (x / many))
            for what, x, y in [
                ("wall clock", ours.wall, stock.wall),
                ("processor", ours.processor, stock.processor),
            ]
        ),
    ]:
        print(f"{title:<26}{a:>12.2f}{b:>12.2f}{ratio:>8.1f}x")
        rows.append({"name": title, "ours": a, "peer": b, "ratio": ratio})
    print("\nWhere our time goes, processor seconds:")
    for what, seconds in parts.items():
        print(f"{what:<66}{seconds:>8.3f}")
    beyond = sum(seconds for what, seconds in parts.items() if what not in (START, CELLS))
    print(f"{'for each submission beyond its cells':<66}{beyond:>8.3f}")
    most = 60 * (os.cpu_count() or 1) / parts[CELLS]
    print(
        f"If nothing took time but the cells, no isolation and no judge, {os.cpu_count()} processors could do "
        f"{most:,.0f} a minute: {most / stock.a_minute:.0f} times stock."
    )
    rows.append({"name": BEYOND, "ours": beyond, "peer": 0.15, "ratio": 0.15 / beyond})
    print(f"\nMarks: {few - len(unequal)} of {few} equal to the point.", *unequal)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n")
    if unequal:
        sys.exit(1)


if __name__ == "__main__":
    main()
