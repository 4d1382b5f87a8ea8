"""A class as instructors have it: built with nbgrader once, copied for each test that grades."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader

from autograder.authoring import answer_notebook, build_course, course_config
from autograder.course import nbgrader_config

sys.path.insert(0, str(Path(__file__).parent))
from paper_class import empty_gradebook, paper  # noqa: F401 (found by the line above)

ASSIGNMENT = "crypto-1"
STAMP = "2026-11-20 10:00:00 UTC"
BIN = Path(sys.executable).parent
IMPATIENT = "c.Course.limits = {'cell_seconds': 3.0, 'check_seconds': 3.0}\n"


@dataclass(frozen=True)
class Class:
    """A course folder, and what tests do with it."""

    root: Path
    exercise: Path

    @property
    def release(self) -> Path:
        return self.root / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"

    def answers(self, name: str) -> NotebookNode:
        """A trainee's notebook, filled in as `answers/NAME.py` says."""
        return answer_notebook(
            self.exercise, self.release, self.exercise / "answers" / f"{name}.py"
        )

    def hand_in(self, student: str, notebook: NotebookNode | dict | bytes) -> Path:
        folder = self.root / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        (folder / f"{ASSIGNMENT}.ipynb").write_bytes(content)
        (folder / "timestamp.txt").write_text(STAMP)
        (folder / "submission_secret.txt").write_text(f"secret of {student}")
        return folder

    def book(self) -> dict[str, dict[str, tuple[float | None, bool]]]:
        """Student to question to (points of the grader, to be marked by hand)."""
        with Gradebook(f"sqlite:///{self.root}/gradebook.db", "crossborder") as gradebook:
            return {
                submission.student.id: {
                    grade.name: (grade.auto_score, grade.needs_manual_grade)
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
                for submission in gradebook.assignment_submissions(ASSIGNMENT)
            }

    def points(self, student: str) -> dict[str, float]:
        """Question to points of the grader, without those that a person marks."""
        marks = self.book()[student]
        return {n.removesuffix("-test"): p for n, (p, _) in marks.items() if n.endswith("-test")}

    def comments(self, student: str) -> dict[str, str]:
        with Gradebook(f"sqlite:///{self.root}/gradebook.db", "crossborder") as gradebook:
            submission = gradebook.find_submission(ASSIGNMENT, student)
            return {
                c.name: c.comment for n in submission.notebooks for c in n.comments if c.comment
            }

    def graded(self, student: str) -> NotebookNode:
        path = self.root / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        return nbformat.read(path, as_version=4)

    def casework(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `casework grade` as an instructor would."""
        return self._run("casework", "grade", ASSIGNMENT, *arguments)

    def nbgrader(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of nbgrader's own commands in the course folder."""
        return self._run("nbgrader", *arguments)

    def without_namespaces(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `casework grade` where the kernel gives no more user namespaces."""
        none_left = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" "$@"'
        program = str(BIN / "casework")
        return subprocess.run(
            ["unshare", "-Ur", "sh", "-c", none_left, program, "grade", ASSIGNMENT, *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / program, *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=600,
            env={**os.environ, "COLUMNS": "200", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        )

    def api(self) -> NbGraderAPI:
        """What formgrader's buttons call, configured as formgrader is."""
        app = NbGrader(log_level=logging.ERROR)
        app.load_cwd_config = False
        app.initialize([], root=str(self.root))
        return NbGraderAPI(app.coursedir, parent=app)

    def feedback(self, student: str) -> str:
        return (self.root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text(
            encoding="utf-8"
        )


@pytest.fixture(scope="session")
def built(tmp_path_factory, house) -> Class:
    """A class in which nothing has been handed in. Only to be copied."""
    made = Class(tmp_path_factory.mktemp("class"), house / "exercises" / ASSIGNMENT)
    (made.root / "nbgrader_config.py").write_text(
        nbgrader_config(made.root, made.root / "exchange")
    )
    build_course(made.root, [made.exercise])
    return made


@pytest.fixture(scope="session")
def new_class(built, tmp_path_factory) -> Callable[..., Class]:
    """Makes a fresh class: one that grades as this project does, or as nbgrader alone does."""

    def make(name: str = "class", stock: bool = False, patience: str = IMPATIENT) -> Class:
        root = tmp_path_factory.mktemp("copy") / name
        shutil.copytree(built.root, root)
        configure = course_config if stock else nbgrader_config
        text = configure(root, root / "exchange") + ("" if stock else patience)
        (root / "nbgrader_config.py").write_text(text)
        return Class(root, built.exercise)

    return make
