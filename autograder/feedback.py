"""What does a trainee learn from being graded? One page per notebook, without script or secrets.

For each question: the points, what was asked, what happened, the hint and the chapter where
points are missing, the trainee's own answer and what a person wrote about it. The source of a
test cell, its hidden part and the mark scheme are never in the page: they are not among the
things that it is made from.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from nbconvert.exporters import Exporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SubmittedNotebook

from autograder.authoring import Question
from autograder.course import Course, database
from autograder.display import output_html, safe_markdown
from autograder.grading import NOTES_CELL
from autograder.normalise import anchor, is_answer

TEST_ENDING = "-test"
OUTCOMES = {
    "passed": "Right",
    "partial": "Partly right",
    "failed": "Not right yet",
    "not_checked": "Could not be checked",
}
BY_HAND = "Marked by your instructor"
PENDING = "Your instructor has still to mark this"


def sentence(text: str) -> Markup:
    """A sentence as HTML: everything escaped, and what stands in backticks shown as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


_pages = Environment(
    loader=PackageLoader("autograder"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters["sentence"] = sentence
PAGE = _pages.get_template("feedback.html.j2")


@dataclass(frozen=True)
class Shown:
    """One cell as the page shows it: text as safe HTML, or code with its safe outputs."""

    code: str | None
    html: Markup
    outputs: tuple[Markup, ...] = ()


@dataclass(frozen=True)
class Answered:
    """One question as the page tells it. Points are what counts now, an instructor's included."""

    name: str
    title: str
    points: float
    most: float
    outcome: str
    asked: str
    message: str
    hint: str
    chapter: str
    cells: tuple[Shown, ...]
    comments: tuple[Markup, ...] = field(default=())

    @property
    def full(self) -> bool:
        """Whether no point is missing."""
        return self.points >= self.most


class FeedbackExporter(Exporter):
    """Makes the feedback page of an autograded notebook; set as `GenerateFeedback.exporter_class`."""

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: ResourcesDict | None = None, **options: Any
    ) -> tuple[str, ResourcesDict]:
        """Convert an autograded notebook, with the marks that the gradebook has now."""
        notebook, resources = super().from_notebook_node(nb, resources, **options)
        ids = resources["nbgrader"]
        course = Course(self.parent.coursedir, parent=self)
        with Gradebook(*database(course)) as gradebook:
            submitted = gradebook.find_submission_notebook(
                ids["notebook"], ids["assignment"], ids["student"]
            )
            asked = course.questions(ids["assignment"])
            page = feedback_page(notebook, submitted, asked, course.book_url)
        return page, resources


def feedback_page(
    notebook: NotebookNode,
    submitted: SubmittedNotebook,
    asked: Mapping[str, Question],
    book_url: str,
) -> str:
    """The feedback page as HTML.

    Arguments: the autograded notebook; the gradebook's entry for it; the questions by id; where
    the book is served.
    """
    told = [
        _answered(notebook, submitted, position, asked, book_url)
        for position, cell in enumerate(notebook.cells)
        if _is_graded(cell)
    ]
    penalty = submitted.late_submission_penalty or 0.0
    return PAGE.render(
        assignment=submitted.assignment.name,
        student=submitted.student.id,
        questions=told,
        points=max(0.0, submitted.score - penalty),
        most=submitted.max_score,
        penalty=penalty,
        pending=[question.title for question in told if question.outcome == PENDING],
        notes=notebook.metadata.get("casework", {}).get("notes", ()),
        stamp=notebook.metadata.get("casework", {}).get("stamp", ""),
        cells=[_shown(cell) for cell in notebook.cells if _is_own(cell)],
    )


def _answered(
    notebook: NotebookNode,
    submitted: SubmittedNotebook,
    position: int,
    asked: Mapping[str, Question],
    book_url: str,
) -> Answered:
    """Put together what is known about the question of one graded cell."""
    cell = notebook.cells[position]
    name = str(anchor(cell))
    question = asked.get(name.removesuffix(TEST_ENDING))
    grade = next(grade for grade in submitted.grades if grade.name == name)
    told = cell.metadata.get("casework", {})
    by_hand = grade.auto_score is None or grade.manual_score is not None
    if grade.needs_manual_grade and grade.auto_score is None:
        outcome = PENDING
    else:
        won = "passed" if grade.score >= grade.max_score else "partial" if grade.score else "failed"
        outcome = BY_HAND if by_hand else OUTCOMES[told.get("outcome", won)]
    own = {name, name.removesuffix(TEST_ENDING)}
    return Answered(
        name=name,
        title=question.title if question else name,
        points=grade.score,
        most=grade.max_score,
        outcome=outcome,
        asked=question.asks if question else "",
        message=told.get("message", ""),
        hint=question.hint if question else "",
        chapter=question.chapter_link(book_url) if question else "",
        cells=tuple(_shown(found) for found in _answer_cells(notebook, position)),
        comments=tuple(
            Markup(safe_markdown(comment.comment))  # noqa: S704 (cleaned by nh3)
            for comment in submitted.comments
            if comment.name in own and comment.comment
        ),
    )


def _answer_cells(notebook: NotebookNode, position: int) -> Iterable[NotebookNode]:
    """The cells in which a trainee answered the question of a graded cell."""
    cell = notebook.cells[position]
    if is_answer(cell):
        return [cell]
    if cell.metadata["nbgrader"].get("task"):
        found = []
        for following in notebook.cells[position + 1 :]:
            if anchor(following) is not None:
                break
            found.append(following)
        return found
    name = str(anchor(cell)).removesuffix(TEST_ENDING)
    return [found for found in notebook.cells if anchor(found) == name and is_answer(found)]


def _is_graded(cell: NotebookNode) -> bool:
    about = cell.metadata.get("nbgrader", {})
    return bool(about.get("grade") or about.get("task"))


def _is_own(cell: NotebookNode) -> bool:
    """Whether a cell may be shown whole: the trainee's, or text that was released as it is."""
    return cell.get("id") != NOTES_CELL and (is_answer(cell) or not _is_graded(cell))


def _shown(cell: NotebookNode) -> Shown:
    """One cell for the page. Everything marked safe here went through nh3 or was escaped."""
    if cell.cell_type != "code":
        return Shown(None, Markup(safe_markdown(cell.source)))  # noqa: S704
    outputs = tuple(Markup(output_html(output)) for output in cell.outputs)  # noqa: S704
    return Shown(cell.source, Markup(), outputs)
