"""A class as instructors have it: built with nbgrader once, copied for each test that grades."""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
from database_server import Server, programs
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
    server_url: str = ""

    @property
    def url(self) -> str:
        """The address of the gradebook: a file in the folder, or a database on a server."""
        return self.server_url or f"sqlite:///{self.root}/gradebook.db"

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
        with Gradebook(self.url, "crossborder") as gradebook:
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
        with Gradebook(self.url, "crossborder") as gradebook:
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

    def start_casework(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `casework grade` in a process group of its own, and do not wait for it."""
        return subprocess.Popen(
            [BIN / "casework", "grade", ASSIGNMENT, *arguments],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

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
        written = course_config if stock else nbgrader_config
        text = written(root, root / "exchange") + ("" if stock else patience)
        (root / "nbgrader_config.py").write_text(text)
        return Class(root, built.exercise)

    return make


SMALL = '''# %% [markdown]
# # A small exercise

# %% [markdown] question="sum"

# %% answer="sum"
def total(numbers):
    """Add numbers, such as [1, 2]."""
    ### BEGIN SOLUTION
    return sum(numbers)
    ### END SOLUTION

# %% test="sum"
assert total([1, 2]) == 3, "1 and 2 are 3"
### BEGIN HIDDEN TESTS
assert total([]) == 0, "of no numbers, it is 0"
### END HIDDEN TESTS

# %% [markdown] question="why"

# %% [markdown] written="why"
# *Write below.*
#
# ### BEGIN MARK SCHEME
# A reason.
# ### END MARK SCHEME

# %% [markdown] answer="why"
# **Because.**
'''
RIGHT = "def total(numbers):\n    return sum(numbers)\n"


@dataclass(frozen=True)
class SmallClass(Class):
    """A class whose exercise takes next to no time to grade."""

    def answer(self, source: str = RIGHT) -> NotebookNode:
        """A trainee's notebook with this in the one cell that is checked."""
        notebook = nbformat.read(self.release, as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "sum":
                cell.source = source
        return notebook


@pytest.fixture(scope="session")
def built_small(tmp_path_factory) -> SmallClass:
    """A small class in which nothing has been handed in. Only to be copied."""
    exercise = tmp_path_factory.mktemp("exercise") / ASSIGNMENT
    exercise.mkdir()
    (exercise / f"{ASSIGNMENT}.py").write_text(SMALL)
    (exercise / "questions.yml").write_text(
        "".join(
            f"- {{id: {name}, title: Title, points: 2, hint: A hint., asks: What is asked.,"
            " chapter: book/reading-the-chain#block-time}\n"
            for name in ("sum", "why")
        )
    )
    made = SmallClass(tmp_path_factory.mktemp("small"), exercise)
    (made.root / "nbgrader_config.py").write_text(
        nbgrader_config(made.root, made.root / "exchange")
    )
    build_course(made.root, [exercise])
    return made


@pytest.fixture
def small_class(built_small, tmp_path) -> SmallClass:
    """A fresh small class."""
    root = tmp_path / "class"
    shutil.copytree(built_small.root, root)
    text = nbgrader_config(root, root / "exchange", exercises=built_small.exercise.parent)
    (root / "nbgrader_config.py").write_text(text)
    return SmallClass(root, built_small.exercise)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A real PostgreSQL server, for this session only."""
    found = programs()
    if found is None:
        message = (
            "NO DATABASE SERVER: PostgreSQL's programs are not here, so no gradebook on a server was tried. "
            "Run: sudo apt install postgresql"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    # Not in pytest's own folder: that is closed to the user whom the server runs as.
    with tempfile.TemporaryDirectory(prefix="casework-server-") as folder:
        made = Server(Path(folder), found)
        made.start()
        yield made
        made.stop()


@pytest.fixture(scope="session")
def built_on_server(built, server) -> str:
    """The name of a database in which nbgrader has built the class. Only to be copied."""
    name = server.new_database()
    made = Class(built.root.with_name("on-server"), built.exercise, server.url(name))
    made.root.mkdir()
    configure(made)
    build_course(made.root, [made.exercise])
    return name


@pytest.fixture
def new_class_on_server(new_class, server, built_on_server) -> Callable[[], Class]:
    """Makes a fresh class whose gradebook is on the server; it runs afterwards, whatever a test did."""

    def make() -> Class:
        name = server.new_database(built_on_server)
        made = replace(new_class(), server_url=server.url(name))
        (made.root / "gradebook.db").unlink()
        configure(made)
        return made

    server.start()
    return make


def configure(course: Class) -> None:
    """Write the configuration of a class on a server."""
    text = nbgrader_config(course.root, course.root / "exchange") + IMPATIENT
    text += f"c.CourseDirectory.db_url = {course.url!r}\n"
    (course.root / "nbgrader_config.py").write_text(text)
