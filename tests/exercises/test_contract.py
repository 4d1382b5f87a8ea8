"""Does every exercise keep the promises that each of them makes?"""

import ast
import builtins
import doctest
import re
from pathlib import Path

import nbformat
import pytest
from IPython.display import display
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from autograder.authoring import questions
from autograder.authoring.cells import HIDDEN, SCHEME, SOLUTION, Cell, exercise_cells
from autograder.authoring.course import STUB
from autograder.authoring.source import BOOK_URL, source_notebook
from tests.exercises.conftest import REPO
from tests.exercises.plain import marks, without_magics


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def region(text: str, name: str) -> list[str]:
    """The lines inside a region, stripped, those that say something alone."""
    inside = re.findall(rf"### BEGIN {name}\n(.*?)### END {name}", text, re.DOTALL)
    lines = [line.strip() for part in inside for line in part.splitlines()]
    return [line for line in lines if len(line) > 12]


def test_the_questions_of_crypto_1_and_their_points_are_stable() -> None:
    asked = questions(REPO / "exercises" / "crypto-1")
    assert {each.id: each.points for each in asked} == {
        "block-time": 2,
        "block-hash": 2,
        "transaction-count": 2,
        "fees": 3,
        "balance": 3,
        "plot": 2,
        "tip": 2,
        "finding": 4,
    }
    assert sum(each.points for each in asked) == 20


def test_the_release_holds_no_solution_no_hidden_test_no_rubric_and_no_truth(
    exercise: Path, release: Path
) -> None:
    text = "\n".join(cell.source for cell in read(release).cells)
    shown = {line.strip() for line in text.splitlines()}
    for cell in exercise_cells(exercise):
        visible = re.sub(
            r"### BEGIN (HIDDEN TESTS|SOLUTION).*?### END \1", "", cell.text, flags=re.DOTALL
        )
        for name in (SOLUTION, HIDDEN, SCHEME):
            for line in region(cell.text, name):
                # A line that the trainee also sees elsewhere gives nothing away.
                assert line not in shown or line in {v.strip() for v in visible.splitlines()}, line
    assert "### BEGIN" not in text
    assert "marking" not in text
    assert "expected(" not in text
    assert all(not cell.get("outputs") for cell in read(release).cells)


def test_nothing_but_the_notebook_is_released(course: Path, exercise: Path) -> None:
    for folder in (
        course / "source" / exercise.name,
        course / "release" / exercise.name,
        course / "exchange" / "crossborder" / "outbound" / exercise.name,
    ):
        assert [path.name for path in folder.iterdir()] == [f"{exercise.name}.ipynb"]


def test_every_question_shows_its_points_a_hint_and_its_chapter(
    exercise: Path, release: Path
) -> None:
    by_id = {cell["id"]: cell for cell in read(release).cells}
    for number, question in enumerate(questions(exercise), start=1):
        text = by_id[f"{question.id}-question"].source
        assert text.startswith(f"## Question {number} · {question.title}\n")
        assert f"*{question.points:g} point" in text
        assert f"<details><summary>Hint for question {number}</summary>" in text
        assert question.hint in text
        assert f"]({question.chapter_link(BOOK_URL)})" in text


def test_the_chapter_of_every_question_has_the_heading_it_is_linked_to(exercise: Path) -> None:
    for question in questions(exercise):
        page, anchor = question.chapter.split("#")
        chapter = REPO / f"{page}.md"
        assert chapter.is_file(), f"{question.id}: there is no chapter {chapter}"
        assert f"({anchor})=" in chapter.read_text(encoding="utf-8"), (
            f"{chapter.name} has no label ({anchor})= for question {question.id}"
        )


def test_the_examples_in_the_stubs_are_true(exercise: Path) -> None:
    names: dict[str, object] = {"display": display}
    cells = [
        cell for cell in exercise_cells(exercise) if cell.kind == "code" and cell.role != "test"
    ]
    for cell in cells:
        exec(without_magics(cell.text), names)
    tried = 0
    for function in [node for cell in cells for node in functions(cell)]:
        examples = doctest.DocTestParser().get_examples(ast.get_docstring(function) or "")
        assert examples, f"{function.name} shows no example"
        test = doctest.DocTest(examples, names, function.name, None, None, None)
        assert doctest.DocTestRunner().run(test).failed == 0, (
            f"{function.name}: {examples[0].source}"
        )
        tried += 1
    assert tried


def test_the_blank_release_stops_nowhere_but_in_its_checks(exercise: Path, release: Path) -> None:
    """A trainee who runs everything at once meets sentences, not tracebacks of our own cells."""
    names: dict[str, object] = {"display": display}
    for cell in read(release).cells:
        if cell.cell_type == "code" and not is_grade(cell):
            exec(without_magics(cell.source), names)
    for cell in read(release).cells:
        if is_solution(cell):
            assert STUB in cell.source
    _, messages = marks(read(release), read(release))
    for question, message in messages.items():
        assert message.startswith("AssertionError: "), f"{question}: {message}"


def test_a_test_cell_uses_only_what_it_imports_and_what_the_trainee_defines(
    exercise: Path,
) -> None:
    """The judge runs test cells apart: a module imported in the notebook is not there."""
    cells = exercise_cells(exercise)
    given = set[str]()
    for cell in cells:
        if cell.role in ("answer", "locked") and cell.kind == "code":
            given |= defined(cell.text)
        if cell.role == "test":
            tree = ast.parse(cell.text)
            used = {
                node.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            }
            unknown = used - known_inside(tree) - given - set(dir(builtins))
            assert not unknown, f"the test of {cell.id} uses {sorted(unknown)}"


def test_a_test_cell_overwrites_nothing_of_the_trainee(exercise: Path) -> None:
    cells = exercise_cells(exercise)
    theirs = set[str]()
    for cell in cells:
        if cell.role in ("answer", "locked") and cell.kind == "code":
            theirs |= defined(cell.text)
    for cell in cells:
        if cell.role == "test":
            clash = theirs & defined(cell.text)
            assert not clash, f"the test of {cell.id} overwrites {sorted(clash)}"


def test_a_test_cell_asks_again_on_unseen_data(exercise: Path) -> None:
    for cell in exercise_cells(exercise):
        if cell.role == "test":
            hidden = "\n".join(region(cell.text, HIDDEN))
            assert "expected(" in hidden, f"the hidden test of {cell.id} compares with no truth"
            assert "expected(" not in cell.text.split(f"### BEGIN {HIDDEN}")[0]


def test_graded_and_locked_cells_cannot_be_edited_or_deleted(exercise: Path, release: Path) -> None:
    for cell in read(release).cells:
        if is_grade(cell) or is_locked(cell):
            assert cell.metadata.deletable is False
            assert cell.metadata.editable is False
        if is_solution(cell):
            assert cell.metadata.deletable is False
            assert cell.metadata.get("editable", True) is True


def test_headings_go_down_one_level_at_a_time(exercise: Path) -> None:
    level = 0
    for cell in source_notebook(exercise).cells:
        if cell.cell_type == "markdown":
            for heading in re.findall(r"^(#+) ", cell.source, re.MULTILINE):
                assert len(heading) <= level + 1, cell.source[:60]
                level = len(heading)
    assert level


def functions(cell: Cell) -> list[ast.FunctionDef]:
    """The functions that a trainee is asked to write in a cell."""
    if cell.role != "answer":
        return []
    tree = ast.parse(without_magics(cell.text))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def defined(source: str) -> set[str]:
    """The names that a cell gives a value for all later cells: no imports, no local names."""
    names = set[str]()
    for node in ast.parse(without_magics(source)).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            names |= {
                each.id
                for each in ast.walk(node)
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            }
    return names


def known_inside(tree: ast.AST) -> set[str]:
    """The names that code itself gives a value at any depth: imports and arguments included."""
    names = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names


def test_the_exercises_import_nothing_of_the_graders(exercise: Path) -> None:
    for cell in exercise_cells(exercise):
        assert not re.search(r"^\s*(from|import) (autograder|world|hub)\b", cell.text, re.MULTILINE)


@pytest.mark.parametrize("word", ["sorry", "simply", "obviously", "just "])
def test_no_word_makes_a_beginner_feel_slow(exercise: Path, word: str) -> None:
    texts = [cell.text for cell in exercise_cells(exercise)] + [q.hint for q in questions(exercise)]
    assert not any(word in text.lower() for text in texts)
