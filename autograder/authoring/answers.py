"""What do people answer? Reads `answers/*.py` and fills a release in as a trainee would.

The first line says what an answer is: `# right`, `# blank`, or `# loses: fees=1 tip=2` (points by
question). Below it stands one cell `# %% answer="fees"` for each question that the answer
changes; every other question is answered by the exercise's own solution.
"""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.authoring.cells import Cell, exercise_cells, read_cells, without_markers
from autograder.authoring.errors import AuthoringError
from autograder.authoring.questions import questions
from autograder.authoring.source import grade_id

LOSES = re.compile(r"# loses:((?: +[a-z0-9-]+=\d+(?:\.\d+)?)+)")


def expected_loss(answer_file: Path) -> dict[str, float]:
    """How many points an answer loses, by question id.

    A right answer loses nothing: {}. The blank release loses all there is. Raises AuthoringError
    when the first line says neither, names an unknown question, or takes more than there is.
    """
    answer_file = Path(answer_file)
    first = _first_line(answer_file)
    points = {question.id: float(question.points) for question in questions(_exercise(answer_file))}
    if first == "# right":
        return {}
    if first == "# blank":
        return points
    match = LOSES.fullmatch(first)
    if match is None:
        raise AuthoringError(
            answer_file, "write '# right', '# blank' or '# loses: question=points' first.", 1
        )
    loss: dict[str, float] = {}
    for pair in match[1].split():
        name, lost = pair.split("=")
        _check_known(answer_file, name, list(points), 1)
        loss[name] = float(lost)
        if not 0 < loss[name] <= points[name]:
            raise AuthoringError(
                answer_file, f"'{name}' is worth {points[name]:g}, so it cannot lose {lost}.", 1
            )
    return loss


def answer_notebook(
    exercise_dir: Path, release_notebook: Path | NotebookNode, answer_file: Path
) -> NotebookNode:
    """A release, filled in: what a trainee who answers so would submit.

    Arguments: the folder of the exercise, the released notebook, the answer. Returns a new
    notebook. Raises AuthoringError when the answer is not one, or the release is of another
    exercise.
    """
    exercise_dir = Path(exercise_dir).resolve()
    if isinstance(release_notebook, NotebookNode):
        notebook = nbformat.from_dict(release_notebook)
    else:
        notebook = nbformat.read(release_notebook, as_version=4)
    expected_loss(answer_file)
    answers = _answers(exercise_dir, Path(answer_file))
    if _first_line(Path(answer_file)) == "# blank":
        return notebook
    by_id = {cell["id"]: cell for cell in notebook.cells}
    for cell in answers:
        name = grade_id(cell)
        if name not in by_id:
            raise AuthoringError(
                exercise_dir, f"the release has no cell '{name}'. Build the release again."
            )
        by_id[name].source = without_markers(cell.text)
    return notebook


def _answers(exercise_dir: Path, answer_file: Path) -> list[Cell]:
    """The answers to all questions: those of the file, else the exercise's own."""
    own = {cell.id: cell for cell in exercise_cells(exercise_dir) if cell.role == "answer"}
    changed: dict[str | None, Cell] = {}
    for cell in read_cells(answer_file) if _has_cells(answer_file) else []:
        if cell.role != "answer":
            raise AuthoringError(
                answer_file, "every cell here starts with '# %% answer=\"question\"'.", cell.line
            )
        _check_known(answer_file, cell.id, [str(name) for name in own], cell.line)
        if cell.id in changed:
            raise AuthoringError(answer_file, f"{cell.name} is there twice.", cell.line)
        if cell.kind != own[cell.id].kind:
            raise AuthoringError(
                answer_file, f"{cell.name} must be {own[cell.id].kind}.", cell.line
            )
        changed[cell.id] = cell
    if not changed and _first_line(answer_file).startswith("# loses"):
        raise AuthoringError(answer_file, "it loses points and answers nothing. Add a cell.")
    if changed and _first_line(answer_file) == "# blank":
        raise AuthoringError(answer_file, "the blank release answers nothing. Remove its cells.")
    return list({**own, **changed}.values())


def _exercise(answer_file: Path) -> Path:
    """The folder of the exercise that an answer belongs to."""
    return answer_file.resolve().parent.parent


def _first_line(answer_file: Path) -> str:
    if not answer_file.is_file():
        raise AuthoringError(answer_file, "there is no such file.")
    return answer_file.read_text(encoding="utf-8").partition("\n")[0].strip()


def _has_cells(answer_file: Path) -> bool:
    return re.search(r"^# %%", answer_file.read_text(encoding="utf-8"), re.MULTILINE) is not None


def _check_known(path: Path, name: str | None, known: list[str], line: int) -> None:
    if name not in known:
        raise AuthoringError(
            path, f"there is no question '{name}'. The questions are {', '.join(known)}.", line
        )
