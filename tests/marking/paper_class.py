"""A class on paper: two notebooks and the marks that a test writes down, without anything being run."""

import csv
import io
import os
import sys
from datetime import timedelta
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder import cli
from autograder.marks import NO_RESPONSE

DUE = "2026-11-20 10:00:00 UTC"
QUESTIONS = {"first": {"sums": 2, "names": 3}, "second": {"sums": 5, "essay": 4}}
"""Notebook to question to points; `essay` is marked by hand."""


def notebook(name, outcomes=None, codes=None):
    """A source notebook; with outcomes, one that was graded."""
    cells = [new_markdown_cell("What to do")]
    for question, most in QUESTIONS[name].items():
        about = {"schema_version": 3, "grade_id": question, "locked": False, "solution": True}
        if question == "essay":
            about |= {"grade": True, "points": most}
            cells.append(new_markdown_cell("Write here", metadata={"nbgrader": about}))
            continue
        code = (codes or {}).get(question, "x = None")
        cells.append(new_code_cell(code, metadata={"nbgrader": about | {"grade": False}}))
        test = {"schema_version": 3, "grade_id": f"{question}-test", "locked": True, "points": most}
        test |= {"grade": True, "solution": False}
        cell = new_code_cell("assert x == 'the hidden truth'", metadata={"nbgrader": test})
        if outcomes is not None:
            outcome, message = outcomes.get(question, ("passed", ""))
            cell.metadata["casework"] = {"outcome": outcome, "message": message}
        cells.append(cell)
    return new_notebook(cells=cells)


class Paper:
    """A class on paper: two notebooks, and marks that a test writes down."""

    def __init__(self, root: Path, gradebook: bytes) -> None:
        self.root = root
        self.url = f"sqlite:///{root}/gradebook.db"
        (root / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.CourseDirectory.root = {str(root)!r}\n"
            f"c.CourseDirectory.course_id = 'paper'\nc.CourseDirectory.db_url = {self.url!r}\n"
        )
        (root / "source/ps1").mkdir(parents=True)
        for name in QUESTIONS:
            nbformat.write(notebook(name), root / f"source/ps1/{name}.ipynb")
        (root / "gradebook.db").write_bytes(gradebook)

    def mark(self, student, points, *, blank=(), fine=0, late=0, outcomes=None, codes=None):
        """Write down the points of a trainee: [sums, names, sums of the second, essay or None]."""
        with Gradebook(self.url, "paper") as gradebook:
            gradebook.update_or_create_student(student)
            gradebook.add_submission("ps1", student)
            found = gradebook.find_submission("ps1", student)
            found.timestamp = found.assignment.duedate + timedelta(days=late)
            cells = [("first", "sums"), ("first", "names"), ("second", "sums"), ("second", "essay")]
            for (book, question), value in zip(cells, points, strict=True):
                name = question if question == "essay" else f"{question}-test"
                grade = gradebook.find_grade(name, book, "ps1", student)
                field = "manual_score" if question == "essay" else "auto_score"
                setattr(grade, field, value)
                grade.needs_manual_grade = value is None
                if (book, question) in blank:
                    comment = gradebook.find_comment(question, book, "ps1", student)
                    comment.auto_comment = NO_RESPONSE
            found.notebooks[0].late_submission_penalty = fine or None
            gradebook.db.commit()
        for name in QUESTIONS:
            folder = self.root / "autograded" / student / "ps1"
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook(name, outcomes or {}, codes), folder / f"{name}.ipynb")

    def report(self, *arguments):
        assert cli.main(["report", "ps1", "--course", str(self.root), *arguments]) == 0
        page = (self.root / "report/ps1/report.html").read_text(encoding="utf-8")
        return page, self.table("questions.csv")

    def table(self, name):
        content = (self.root / "report/ps1" / name).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(content)))


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory):
    """The bytes of a gradebook that knows the assignment and nobody."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader calls `alembic` by its bare name when it makes a gradebook.
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        with Gradebook(f"sqlite:///{path}", "paper") as gradebook:
            gradebook.add_assignment("ps1", duedate=DUE)
            for name, questions in QUESTIONS.items():
                gradebook.add_notebook(name, "ps1")
                for question, most in questions.items():
                    gradebook.add_solution_cell(question, name, "ps1")
                    by_hand = question == "essay"
                    gradebook.add_grade_cell(
                        question if by_hand else f"{question}-test",
                        name,
                        "ps1",
                        max_score=most,
                        cell_type="markdown" if by_hand else "code",
                    )
    return path.read_bytes()


@pytest.fixture
def paper(tmp_path, empty_gradebook):
    return Paper(tmp_path, empty_gradebook)


def multiply(gradebook, count):
    """Copy the one submission that there is, row by row, without nbgrader's 14 commits for each."""

    def columns(table):
        return [row[1] for row in gradebook.db.execute(text(f"PRAGMA table_info({table})"))]

    changes = {
        "student": {"id": "'s' || n"},
        "submitted_assignment": {"id": "id || n", "student_id": "'s' || n"},
        "submitted_notebook": {"id": "id || n", "assignment_id": "assignment_id || n"},
        "grade": {"id": "id || n", "notebook_id": "notebook_id || n"},
        "comment": {"id": "id || n", "notebook_id": "notebook_id || n"},
    }
    numbers = (
        f"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < {count - 1})"
    )
    for table, change in changes.items():
        values = ", ".join(change.get(name, name) for name in columns(table))
        gradebook.db.execute(text(f"INSERT INTO {table} {numbers} SELECT {values} FROM {table}, t"))
    gradebook.db.commit()
