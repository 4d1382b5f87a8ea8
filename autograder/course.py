"""Where is everything of a class? The course folder, its world and truth, and what nbgrader is told.

One configuration, written by `nbgrader_config`, serves nbgrader's commands, formgrader's buttons
and `casework grade`, so that all three read the same files and take the same path.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions
from nbgrader.server_extensions.formgrader.handlers import template_path
from nbgrader.utils import compute_checksum
from traitlets import Bool, Dict, Unicode
from traitlets.config import LoggingConfigurable

from autograder.authoring import Question, course_config, questions
from autograder.authoring.source import BOOK_URL
from autograder.early import take
from autograder.grading import warm_sandbox
from autograder.limits import Limits
from autograder.mounts import PUBLIC_TRUTH, PUBLIC_WORLD
from autograder.normalise import anchor
from autograder.sandbox import Sandbox
from autograder.submission import SET_ASIDE
from autograder.unwalled import Unwalled
from casework import CaseworkError
from casework.cases import case_number

HOUSE = Path(__file__).parents[1]
GRADING = """
# Grading: trainee code runs in a sandbox, tests run in a judge, marks come from the judge alone.
c.Autograde.exporter_class = "autograder.nbgrader_plugins.SubmissionExporter"
c.Autograde.pre_convert_hook = "autograder.nbgrader_plugins.tidy_submission"
c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugins.JudgeSubmission",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.nbgrader_plugins.SaveVerdict",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.ExchangeFactory.collect = "autograder.collect.CarefulCollect"
# Feedback: a page of its own. Formgrader: no script of a trainee, nothing from another host.
c.GenerateFeedback.exporter_class = "autograder.feedback.FeedbackExporter"
c.GenerateFeedback.preprocessors = []
c.HTMLExporter.preprocessors = ["autograder.display.SafeForBrowser"]
# So that a gradebook may be on a PostgreSQL server.
import autograder.postgresql
"""


class CourseError(Exception):
    """Something of the class is missing or wrong. One sentence with the place and the remedy."""


class Course(LoggingConfigurable):
    """A class: the folder that nbgrader works in, and the world that its cases come from.

    Configured in `nbgrader_config.py` as `c.Course.world` and so on; an empty value means the
    public world of this checkout, its truth, its exercises, and no key (everybody has case 0).
    """

    world = Unicode(help="Folder of the world: what an investigator may see.").tag(config=True)
    truth = Unicode(help="Folder of the world's truth: for the judge alone.").tag(config=True)
    key_file = Unicode(help="File of the key that gives each trainee a case.").tag(config=True)
    exercises = Unicode(help="Folder with one folder per exercise.").tag(config=True)
    book_url = Unicode(BOOK_URL, help="Where the book is served.").tag(config=True)
    limits = Dict(help="What a submission may use, where not as in autograder.limits.Limits.").tag(
        config=True
    )

    without_sandbox = Bool(
        False,
        help="Grade without a sandbox: trainees' programs can do whatever you can on this machine. "
        "It stands in every feedback page. Only for a class that you trust.",
    ).tag(config=True)

    def __init__(self, directory: CourseDirectory, **settings: Any) -> None:
        """Take the nbgrader course directory; `parent` or `config` bring the configuration."""
        super().__init__(**settings)
        self.directory = directory

    def notebooks(self, assignment: str) -> list[str]:
        """The names of an assignment's notebooks. Raises CourseError when there is none."""
        folder = self._folder(self.directory.source_directory, assignment)
        names = sorted(path.stem for path in folder.glob("*.ipynb"))
        if not names:
            raise CourseError(
                f"There is no assignment '{assignment}' in {folder.parent}. "
                "Build it first, or check its name."
            )
        return names

    def master(self, assignment: str, notebook: str) -> NotebookNode:
        """The instructor's notebook: tests in full, answers as they were released."""
        source = self._read(self.directory.source_directory, assignment, notebook)
        release_file = self._folder(self.directory.release_directory, assignment)
        if (release_file / f"{notebook}.ipynb").is_file():
            released = self._read(self.directory.release_directory, assignment, notebook)
        else:
            released, _ = ClearSolutions(parent=self).preprocess(nbformat.from_dict(source), {})
        stubs = {_name(cell): cell.source for cell in released.cells}
        for cell in source.cells:
            nbgrader = cell.metadata.get("nbgrader", {})
            if nbgrader.get("solution") or anchor(cell) is None:
                cell.source = stubs.get(_name(cell), cell.source)
            if nbgrader.get("grade_id"):
                nbgrader["checksum"] = compute_checksum(cell)
        return source

    def environment(self, student: str, assignment: str) -> dict[str, str]:
        """What a trainee's notebook and its tests are told about the case: environment variables.

        Raises CourseError when the world or the key is not where the configuration says.
        """
        return {"CASEWORK_CASES": json.dumps({assignment: self.case(student, assignment)})}

    def case(self, student: str, assignment: str) -> int:
        """The number of a trainee's case: by the key of the class, 0 where there is no key."""
        cases = len(list((self.world_folder / "cases" / assignment).glob("[0-9]*.json")))
        if not self.key_file or cases == 0:
            return 0
        try:
            return case_number(Path(self.key_file).read_bytes().strip(), student, assignment, cases)
        except (OSError, CaseworkError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise CourseError(f"The key of the class in {self.key_file}: {why}") from None

    @property
    def world_folder(self) -> Path:
        """The folder of the world. Raises CourseError when it is not there."""
        return _existing(self.world or PUBLIC_WORLD, "world")

    @property
    def truth_folder(self) -> Path:
        """The folder of the truth. Raises CourseError when it is not there.

        The public truth is never taken for that of another world.
        """
        if self.world and not self.truth:
            raise CourseError(
                "nbgrader_config.py names a world and not its truth. Set c.Course.truth to it."
            )
        return _existing(self.truth or PUBLIC_TRUTH, "truth")

    def sandbox(self) -> Sandbox:
        """The warm sandbox of this process for the class: started when first asked for.

        Raises CourseError for a limit that does not exist, SandboxError where there can be none.
        """
        return warm_sandbox(*self._sandboxed(), self._kind())

    def new_sandbox(self) -> Sandbox:
        """A sandbox for the class that keeps its parents, started early or not yet. Raises as `sandbox`."""
        wanted = self._sandboxed()
        early = None if self.without_sandbox else take(*wanted)
        return early or self._kind()(*wanted, children_per_parent=sys.maxsize)

    def _kind(self) -> type[Sandbox]:
        return Unwalled if self.without_sandbox else Sandbox

    def _sandboxed(self) -> tuple[Path, Path, Limits]:
        try:
            limits = Limits(**self.limits)
        except TypeError as error:
            raise CourseError(f"c.Course.limits in nbgrader_config.py: {error}.") from None
        return self.world_folder, self.truth_folder, limits

    def questions(self, assignment: str) -> dict[str, Question]:
        """The questions of an assignment by id; none where it was not written as an exercise."""
        folder = (Path(self.exercises) if self.exercises else HOUSE / "exercises") / assignment
        if not (folder / "questions.yml").is_file():
            return {}
        return {question.id: question for question in questions(folder)}

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """A folder of nbgrader's: step is "submitted", "autograded" or "feedback"."""
        name = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(name, student, assignment))

    def _folder(self, step: str, assignment: str) -> Path:
        return Path(self.directory.format_path(step, ".", assignment))

    def _read(self, step: str, assignment: str, notebook: str) -> NotebookNode:
        path = self._folder(step, assignment) / f"{notebook}.ipynb"
        try:
            return nbformat.read(path, as_version=4)
        except (OSError, ValueError) as error:
            raise CourseError(f"{path} cannot be read ({error}). Build it again.") from None


def open_course(folder: Path) -> Course:
    """The class in a course folder, configured as nbgrader's own commands would be.

    Raises CourseError when the folder has no `nbgrader_config.py`.
    """
    folder = Path(folder).resolve()
    if not (folder / "nbgrader_config.py").is_file():
        raise CourseError(
            f"{folder} is not a course folder: it has no nbgrader_config.py. "
            "Go into the folder of the class or name it with --course."
        )
    app = NbGrader(log_level=logging.ERROR)
    app.load_cwd_config = False
    app.initialize([], root=str(folder))
    return Course(app.coursedir, config=app.config)


def nbgrader_config(
    course_dir: Path,
    exchange: Path,
    *,
    world: Path | None = None,
    truth: Path | None = None,
    key_file: Path | None = None,
    exercises: Path | None = None,
    book_url: str = BOOK_URL,
    **naming: str,
) -> str:
    """The text of the `nbgrader_config.py` of a class that is built, graded and told as here.

    Arguments: the course folder and the exchange; the folders of the world, the truth and the
    exercises and the file with the key of the class (each may be left out, see `Course`); where
    the book is served; `course_id`, the id of the class.
    """
    lines = [course_config(course_dir, exchange, **naming), GRADING]
    ignored = [*CourseDirectory.ignore.default(), SET_ASIDE]
    templates = [str(HOUSE / "autograder/templates/formgrader"), template_path]
    lines.append(f"c.HTMLExporter.extra_template_basedirs = {templates!r}\n")
    lines.append(f"c.CourseDirectory.ignore = {ignored!r}\n")
    places = {"world": world, "truth": truth, "key_file": key_file, "exercises": exercises}
    for name, place in places.items():
        if place is not None:
            lines.append(f"c.Course.{name} = {str(Path(place).resolve())!r}\n")
    lines.append(f"c.Course.book_url = {book_url!r}\n")
    return "".join(lines)


def database(course: Course) -> tuple[str, str]:
    """The address of the gradebook and the id of the class, as nbgrader's Gradebook takes them."""
    return course.directory.db_url, course.directory.course_id or "default_course"


def _existing(folder: str | Path, what: str) -> Path:
    if not Path(folder).is_dir():
        raise CourseError(
            f"The {what} of the class is not in {folder}. Build it with 'make world'."
        )
    return Path(folder)


def _name(cell: NotebookNode) -> str | None:
    """The name of a cell across source and release: its grade id, else its cell id."""
    return anchor(cell) or cell.get("id")
