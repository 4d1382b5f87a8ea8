"""`casework report`: from a class to a page and a table, in two files."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from autograder.authoring import AuthoringError
from autograder.course import Course, CourseError, open_course
from autograder.report.analysis import analyse
from autograder.report.answers import read_answers
from autograder.report.mistakes import commonest, without_names
from autograder.report.page import questions_csv, report_page, submissions_csv
from autograder.report.tables import read_marks

PAGE, QUESTIONS, SUBMISSIONS = "report.html", "questions.csv", "submissions-with-names.csv"


def run(chosen: argparse.Namespace) -> int:
    """Write the report that was asked for on the command line; 0, or 1 with a sentence why not."""
    try:
        course = open_course(chosen.course)
        out = chosen.out or Path(chosen.course) / "report" / chosen.assignment
        said = write_report(course, chosen.assignment, out, names=chosen.names)
    except (CourseError, AuthoringError) as error:
        return _say(f"casework: {error}", sys.stderr, 1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _say(
            f"casework: {place}{error.strerror or error}. Choose another folder with --out.",
            sys.stderr,
            1,
        )
    return _say(said, sys.stdout, 0)


def write_report(course: Course, assignment: str, out: Path, *, names: bool = False) -> str:
    """Write the report of an assignment into a folder; a sentence that says what is where.

    Arguments: the class; the assignment; the folder, which is made where there is none; whether
    trainees are named, on the page and in a table of their own. Raises CourseError where the
    assignment or the gradebook cannot be read, OSError where the files cannot be written.
    """
    marks = read_marks(course, assignment)
    answers = read_answers(course, assignment, marks.points.index, marks.questions)
    found = analyse(marks, answers)
    hide = (lambda text: text) if names else without_names(marks.people)
    by_machine = [item.number for item in found.items if not item.by_hand]
    wrong = commonest(answers.told, found.fates[by_machine], hide)
    files = {
        PAGE: report_page(marks, answers, found, wrong, datetime.now(UTC), names),
        # The mark in front tells spreadsheets that it is UTF-8.
        QUESTIONS: "\N{ZERO WIDTH NO-BREAK SPACE}" + questions_csv(found),
    }
    if names:
        files[SUBMISSIONS] = "\N{ZERO WIDTH NO-BREAK SPACE}" + submissions_csv(marks)
    out = Path(out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        _write(out / name, text)
    count = len(marks.points)
    graded = f"{count} graded submission{'' if count == 1 else 's'}"
    return f"{assignment}: {graded}. Written to {out}: {', '.join(files)}."


def _write(path: Path, text: str) -> None:
    """Write a file whole: who opens the page while it is written sees the old one."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        # Half a character, which a notebook may hold, cannot be written to a file.
        fresh.write_bytes(text.encode("utf-8", "replace"))
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _say(sentence: str, where: object, status: int) -> int:
    Console(file=where).print(sentence, markup=False, highlight=False, soft_wrap=True)
    return status
