"""How does an author's text become a notebook that nbgrader understands?

Roles become nbgrader's cell metadata (schema version 3). The points, the heading, the hint and
the link to the chapter come from `questions.yml`, so that each is written in one place.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring.cells import HIDDEN, SCHEME, SOLUTION, Cell, exercise_cells
from autograder.authoring.errors import AuthoringError
from autograder.authoring.questions import Question, questions

BOOK_URL = "/services/book"
"""Where the hub serves the book: the root of the links from a question to its chapter."""

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def build_source(exercise_dir: Path, out_dir: Path, book_url: str = BOOK_URL) -> Path:
    """Write the source notebook of an exercise, solutions and hidden tests included.

    Arguments: the folder of the exercise; the folder to write into; where the book is served.
    Returns the path of the notebook, `out_dir/NAME.ipynb`. The same text gives the same bytes,
    and a file that would not change is not touched. Raises AuthoringError for an author's mistake.
    """
    exercise_dir, out_dir = Path(exercise_dir), Path(out_dir)
    path = out_dir / f"{exercise_dir.resolve().name}.ipynb"
    text = nbformat.writes(source_notebook(exercise_dir, book_url), version=4) + "\n"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        out_dir.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def source_notebook(exercise_dir: Path, book_url: str = BOOK_URL) -> NotebookNode:
    """The source notebook of an exercise, in memory; see `build_source`."""
    exercise_dir = Path(exercise_dir).resolve()
    asked = {question.id: question for question in questions(exercise_dir)}
    cells = exercise_cells(exercise_dir)
    _check_together(exercise_dir / "questions.yml", cells, asked.values())
    numbers = {name: number for number, name in enumerate(asked, start=1)}
    notebook = new_notebook(metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})
    for position, cell in enumerate(cells):
        question = asked.get(cell.id) if cell.id else None
        made = _notebook_cell(cell, question, numbers, book_url)
        made["id"] = grade_id(cell) or f"cell-{position:02d}"
        notebook.cells.append(made)
    nbformat.validate(notebook)
    return notebook


def grade_id(cell: Cell) -> str | None:
    """The name under which nbgrader and the gradebook know a cell; None for plain text and code."""
    if cell.role in ("test", "question"):
        return f"{cell.id}-{cell.role}"
    if cell.role == "answer" and cell.kind == "markdown":
        return f"{cell.id}-text"
    return cell.id


def _notebook_cell(
    cell: Cell, question: Question | None, numbers: dict[str, int], book_url: str
) -> NotebookNode:
    """One cell, with what nbgrader wants to know about it."""
    if cell.role is None or question is None:
        if cell.role == "locked":
            return new_code_cell(cell.text, metadata=_nbgrader(cell, locked=True))
        make = new_code_cell if cell.kind == "code" else new_markdown_cell
        return make(cell.text, metadata=_fixed() if cell.kind == "markdown" else {})
    if cell.role == "question":
        text = _question_text(cell.text, question, numbers[question.id], book_url)
        return new_markdown_cell(text, metadata=_fixed())
    if cell.role == "test":
        metadata = _nbgrader(cell, grade=True, locked=True, points=question.points)
        # Folded: what a trainee needs from a check is its sentence, not its code.
        # Its first line is all that shows, so that line says what the cell is for.
        text = f"# The check of question {numbers[question.id]}. Run it.\n{cell.text}"
        return new_code_cell(text, metadata={**metadata, "jupyter": {"source_hidden": True}})
    if cell.role == "written":
        return new_markdown_cell(
            cell.text, metadata=_nbgrader(cell, task=True, locked=True, points=question.points)
        )
    if cell.kind == "markdown":
        # nbgrader marks a task by hand and lets the text stand in any cell below it.
        return new_markdown_cell(cell.text, metadata={"deletable": False})
    return new_code_cell(cell.text, metadata=_nbgrader(cell, solution=True))


def _fixed() -> dict[str, Any]:
    """Text that a trainee reads and cannot change by a slip of the mouse."""
    return {"deletable": False, "editable": False}


def _nbgrader(cell: Cell, **what: Any) -> dict[str, Any]:
    """nbgrader's metadata, schema version 3."""
    flags = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id(cell), **flags, **what}}


def _question_text(text: str, question: Question, number: int, book_url: str) -> str:
    """The text of a question between its heading and its folded hint."""
    unit = "point" if question.points == 1 else "points"
    return (
        f"## Question {number} · {question.title}\n\n"
        f"*{question.points:g} {unit}*\n\n"
        f"{text.strip()}\n\n"
        f"<details><summary>Hint for question {number}</summary>\n\n{question.hint}\n\n</details>\n\n"
        f"[Read the part of the book that teaches this]({question.chapter_link(book_url)})"
    )


def _check_together(path: Path, cells: list[Cell], asked: Iterable[Question]) -> None:
    """Check what can only be seen from all cells and all questions together."""
    ids = {question.id for question in asked}
    first: dict[str, Cell] = {}
    for cell in cells:
        if cell.role not in (None, "locked") and cell.id not in ids:
            raise AuthoringError(
                cell.path,
                f"{cell.name} belongs to no question of questions.yml. "
                f"The questions are {', '.join(sorted(ids))}.",
                cell.line,
            )
        name = grade_id(cell)
        if name in first:
            place = f"{first[name].path.name}, line {first[name].line}"
            raise AuthoringError(
                cell.path, f"{cell.name} is there twice, first in {place}.", cell.line
            )
        if name:
            first[name] = cell
    roles = {(cell.role, cell.id): cell for cell in cells}
    for name in [question.id for question in asked]:
        _check_question(path, name, roles)


def _check_question(
    path: Path, name: str, roles: dict[tuple[str | None, str | None], Cell]
) -> None:
    """A question asks, has a place for the answer, and is either tested or marked by hand."""
    graded = [role for role in ("test", "written") if (role, name) in roles]
    if len(graded) != 1:
        what = "both a test and a written cell" if graded else "neither a test nor a written cell"
        raise AuthoringError(path, f"question '{name}' has {what}. Give it one of them.")
    for role in ("question", "answer"):
        if (role, name) not in roles:
            raise AuthoringError(path, f"question '{name}' has no cell {role}=\"{name}\".")
    answer = roles["answer", name]
    if graded == ["test"]:
        if answer.kind != "code" or not answer.has(SOLUTION):
            raise AuthoringError(
                answer.path,
                f"{answer.name} needs code between '### BEGIN SOLUTION' and '### END SOLUTION'.",
                answer.line,
            )
    elif answer.kind != "markdown":
        raise AuthoringError(
            answer.path, f"{answer.name} must be [markdown]: a person reads it.", answer.line
        )
    region = HIDDEN if graded == ["test"] else SCHEME
    cell = roles[graded[0], name]
    if not cell.has(region):
        raise AuthoringError(
            cell.path, f"{cell.name} has no '### BEGIN {region}' region.", cell.line
        )
