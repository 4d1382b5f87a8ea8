"""How many submissions of crypto-1 are graded a minute, against stock `nbgrader autograde`?

    python benchmarks/grading.py [--quick] [--submissions 200] [--stock 10] [--json PATH]

Both commands are called as an instructor would call them, on the same course, in one run, with the same answers: right,
wrong and blank ones of `exercises/crypto-1/answers`, in turn. Ours runs with isolation on. Stock nbgrader runs a sample, because
it takes seconds for each. Processor time is that of the whole machine while a command runs (/proc/stat), because processes in a
sandbox are not counted as anybody's children: keep the machine idle otherwise.
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

from nbgrader.api import Gradebook

from autograder.authoring import answer_notebook, build_course, course_config
from autograder.course import nbgrader_config

HOUSE = Path(__file__).parents[1]
EXERCISE = HOUSE / "exercises" / "crypto-1"
BIN = Path(sys.executable).parent
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


def make_course(folder: Path, grader: str, submissions: int) -> Path:
    """Build a course with so many submissions; `grader` is "ours" or "stock"."""
    course, exchange = folder / grader, folder / f"{grader}-exchange"
    build_course(course, [EXERCISE], exchange=exchange)
    text = nbgrader_config if grader == "ours" else course_config
    (course / "nbgrader_config.py").write_text(text(course, exchange))
    release = course / "release" / "crypto-1" / "crypto-1.ipynb"
    answers = sorted((EXERCISE / "answers").glob("*.py"))
    # Taken from across the alphabet, so that a small sample holds right and wrong ones of all kinds.
    chosen = [answers[(7 * n) % len(answers)] for n in range(submissions)]
    for n, answer in enumerate(chosen):
        place = course / "submitted" / f"trainee-{n:04d}" / "crypto-1"
        place.mkdir(parents=True)
        (place / "crypto-1.ipynb").write_text(
            json.dumps(answer_notebook(EXERCISE, release, answer))
        )
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


def main() -> None:
    """Measure, compare the marks, print a table, write rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10 submissions, 1 of them with stock")
    parser.add_argument("--submissions", type=int, default=200, help="how many we grade")
    parser.add_argument("--stock", type=int, default=10, help="how many stock nbgrader grades")
    parser.add_argument("--json", type=Path, help="write rows of name, ours, peer, ratio here")
    chosen = parser.parse_args()
    many, few = (10, 1) if chosen.quick else (chosen.submissions, chosen.stock)
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
    print(f"\nMarks: {few - len(unequal)} of {few} equal to the point.", *unequal)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n")
    if unequal:
        sys.exit(1)


if __name__ == "__main__":
    main()
