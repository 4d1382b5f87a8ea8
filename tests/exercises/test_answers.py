"""Is every exercise solvable and fair? Right answers get all, the blank nothing, each mistake its price."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import PyFileConfigLoader

from autograder.authoring import answer_notebook, build_course, expected_loss, questions
from autograder.authoring.cells import exercise_cells, read_cells
from autograder.authoring.source import source_notebook
from casework import open_case
from casework.marking import expected
from tests.exercises.conftest import EXERCISES, REPO
from tests.exercises.plain import marks

ANSWERS = [answer for folder in EXERCISES for answer in sorted((folder / "answers").glob("*.py"))]
RIGHT = [answer for answer in ANSWERS if expected_loss(answer) == {}]
CASES = 12


def automatic(exercise: Path) -> dict[str, float]:
    """The points of the questions that a machine marks."""
    tested = {cell.id for cell in exercise_cells(exercise) if cell.role == "test"}
    return {each.id: each.points for each in questions(exercise) if each.id in tested}


def named(answer: Path) -> str:
    return f"{answer.parents[1].name}-{answer.stem}"


def grade(course: Path, answer: Path, env: dict[str, str] | None = None) -> dict[str, float]:
    """The points of each question that a machine marks, as stock nbgrader gives them."""
    exercise = answer.parents[1]
    release = course / "release" / exercise.name / f"{exercise.name}.ipynb"
    points, messages = marks(
        answer_notebook(exercise, release, answer), source_notebook(exercise), env
    )
    most = automatic(exercise)
    for question, lost in {q: most[q] - points[q] for q in most if points[q] < most[q]}.items():
        assert messages[question].strip(), f"{question} loses {lost:g} and nobody says why"
    return points


@pytest.mark.parametrize("answer", ANSWERS, ids=named)
def test_an_answer_loses_exactly_what_it_says(course: Path, answer: Path) -> None:
    most = automatic(answer.parents[1])
    loss = expected_loss(answer)
    assert grade(course, answer) == {q: most[q] - loss.get(q, 0.0) for q in most}


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT, ids=named)
def test_a_right_answer_is_right_in_every_case(course: Path, answer: Path) -> None:
    exercise = answer.parents[1]
    for number in range(CASES):
        env = {"CASEWORK_CASES": json.dumps({exercise.name: number})}
        assert grade(course, answer, env) == automatic(exercise), f"case {number}"


@pytest.mark.slow
def test_a_right_answer_is_right_in_the_world_of_a_class(course: Path, tmp_path: Path) -> None:
    world = [sys.executable, "-m", "world", "build", "--seed", "a class of ours", "--out"]
    subprocess.run([*world, str(tmp_path)], check=True, capture_output=True, cwd=REPO)
    env = {"CASEWORK_WORLD": str(tmp_path / "world"), "CASEWORK_TRUTH": str(tmp_path / "truth")}
    for answer in RIGHT:
        assert grade(course, answer, env) == automatic(answer.parents[1]), answer.stem


# Which questions of an exercise ask about the case itself; the others ask for functions.
PERSONAL = {
    "crypto-1": {"fees", "balance", "plot", "tip"},
    "crypto-2": {"purse", "joint", "strangers", "change", "named"},
}


def test_answers_that_fit_another_case_are_not_taken(course: Path, exercise: Path) -> None:
    """A neighbour's numbers are worthless: the notebook opens case 3, the tests ask about case 0."""
    right = next(answer for answer in RIGHT if answer.parents[1] == exercise)
    release = course / "release" / exercise.name / f"{exercise.name}.ipynb"
    source = source_notebook(exercise)
    setup = next(cell for cell in source.cells if cell["id"] == "setup")
    cases = json.dumps({exercise.name: 3})
    setup.source = (
        f"import os\nos.environ['CASEWORK_CASES'] = {cases!r}\n"
        f"{setup.source}\ndel os.environ['CASEWORK_CASES']"
    )
    points, _ = marks(answer_notebook(exercise, release, right), source)
    full = automatic(exercise)
    assert {q for q in full if points[q] < full[q]} == PERSONAL[exercise.name]


def test_the_finding_of_a_right_answer_says_what_the_chain_says() -> None:
    exercise = REPO / "exercises" / "crypto-1"
    cells = read_cells(exercise / "answers" / "right_plain_python.py")
    finding = " ".join(next(cell.text for cell in cells if cell.id == "finding").split())
    case, truth = open_case("crypto-1"), expected("crypto-1")
    for satoshi in (truth["received"], truth["spent"], truth["balance"]):
        assert f"{satoshi / 100_000_000:.8f} BTC" in finding
    for fact in (
        case.address,
        case.tip_address,
        f"0 to {case.until_height}",
        f"block {case.height}",
    ):
        assert fact in finding
    days = [datetime.fromtimestamp(each["time"], UTC) for each in truth["payments"]]
    assert f"{min(days):%d %B} and about {max(days):%d %B %Y}" in finding
    assert f"in {len(truth['payments'])} transactions" in finding
    assert not truth["tip_supported"]
    assert "the tip is not supported" in finding


def test_each_exercise_has_its_answers(exercise: Path) -> None:
    answers = sorted((exercise / "answers").glob("*.py"))
    losses = {answer: expected_loss(answer) for answer in answers}
    blank = [answer for answer in answers if answer.read_text().startswith("# blank")]
    assert len(blank) == 1
    assert len([answer for answer in answers if losses[answer] == {}]) >= 2
    for question in automatic(exercise):
        wrong = [
            answer
            for answer, loss in losses.items()
            if question in loss and answer.stem.startswith(f"{question.replace('-', '_')}_")
        ]
        assert len(wrong) >= 3, f"{question} needs three wrong answers, named after it"
    names = [answer.stem for answer in answers]
    questions_of = [question.replace("-", "_") for question in automatic(exercise)]
    for name in names:
        known = name == "blank" or name.startswith("right_")
        assert known or any(name.startswith(f"{q}_") for q in questions_of), name


@pytest.mark.slow
def test_stock_nbgrader_gives_the_same_points(tmp_path: Path) -> None:
    """The real `nbgrader autograde`, in a kernel of its own, agrees with the way tests run here."""
    exercise = next(folder for folder in EXERCISES if folder.name == "crypto-1")
    [release] = build_course(tmp_path, [exercise])
    students = ["right_pandas", "right_plain_python", "fees_counts_the_coinbase", "blank"]
    for student in students:
        handed_in = tmp_path / "submitted" / student / exercise.name / release.name
        handed_in.parent.mkdir(parents=True)
        shutil.copy(release, handed_in)
        answer = exercise / "answers" / f"{student}.py"
        nbformat.write(answer_notebook(exercise, release, answer), handed_in)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    config = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path)).load_config()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", path)
        api = NbGraderAPI(config=config)
        for student in students:
            result = api.autograde(exercise.name, student)
            assert result["success"], result.get("log")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        for student in students:
            notebook = book.find_submission_notebook(exercise.name, exercise.name, student)
            given = {
                each.name.removesuffix("-test"): each.auto_score
                for each in notebook.grades
                if each.auto_score is not None
            }
            assert given == grade(tmp_path, exercise / "answers" / f"{student}.py"), student
