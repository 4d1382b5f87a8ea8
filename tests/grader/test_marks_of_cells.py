"""How many points does a test cell give? As in stock nbgrader, but for what the page for authors lists."""

import json
from decimal import Decimal

import numpy as np
import pytest
from nbformat import v4
from nbgrader.utils import get_partial_grade

from casework import CaseworkError
from casework.marking import given_answers, prose, written_answers
from tests.grader.conftest import locked_cell

MOST = 2.0


def stock(value: object) -> float:
    """What nbgrader makes of the value of a test cell's last expression."""
    if value is None:
        return MOST
    output = v4.new_output("execute_result", data={"text/plain": repr(value)}, execution_count=1)
    return float(get_partial_grade(output, MOST))


HONEST = [
    "0",
    "0.0",
    "1",
    "0.5",
    "2",
    "2.0",
    "1 + 0.25",
    "True",
    "False",
    "None",
    "'1'",
    "'word'",
    "[1]",
    "int('1')",
]


def test_what_an_honest_test_cell_gives_is_what_nbgrader_gives(judge):
    cells = [(f"c{place}", source) for place, source in enumerate(HONEST)]
    points = {n: check.points for n, check in judge("x = 1", *cells).checks.items()}
    assert points == {name: stock(eval(source)) for name, source in cells}


DIFFERENT = {
    # source: (points here, points there; None where nbgrader stops with an error)
    "float('nan')": (0, 2),
    "float('inf')": (0, None),
    "-1": (0, 2),
    "5": (2, None),
    "__import__('numpy').float64(1)": (1, 2),
    "__import__('decimal').Decimal('0.5')": (0.5, 2),
    "x": (0, 2),
}


def test_where_it_gives_other_points_it_does_so_on_purpose(judge):
    names = {"x": "text of the trainee", "np": np, "Decimal": Decimal}
    cells = [(f"c{place}", source) for place, source in enumerate(DIFFERENT)]
    verdict = judge("x = 'text of the trainee'", *cells)
    for (name, source), (ours, theirs) in zip(cells, DIFFERENT.values(), strict=True):
        assert verdict.checks[name].points == ours, source
        if theirs is None:
            with pytest.raises(ValueError, match="greater than maximum"):
                stock(eval(source, names))
        else:
            assert stock(eval(source, names)) == theirs, source


@pytest.mark.parametrize(
    "answer",
    ["float('nan')", "float('inf')", "10**400", "'2'", "True", "[2]", "lambda: 2", "object()"],
)
def test_an_answer_that_is_no_amount_is_never_worth_more_than_none(judge, answer):
    verdict = judge(
        f"share = {answer}\ndef part(): return share",
        ("q", "0 * part() + 0.0"),
        ("w", "x = part()\n0.5 if x == 2 else 0"),
    )
    assert [check.points for check in verdict.checks.values()] == [0, 0]


def written(name: str, *texts: str, task: bool = False) -> list:
    """Return the cells of a question that is answered in words."""
    about = {"schema_version": 3, "grade_id": name, "grade": not task, "task": task}
    first = v4.new_markdown_cell("What did you find?" if task else texts[0])
    first.metadata["nbgrader"] = {**about, "solution": not task, "locked": task, "points": 4}
    return [first, *[v4.new_markdown_cell(text) for text in (texts if task else ())]]


def test_a_test_reads_what_was_written_from_the_notebook(sandbox):
    from autograder.trial import judge_notebook
    from tests.grader.conftest import answer, test_cell

    lie = "import casework.marking\ncasework.marking.prose = lambda name: 'I searched the whole ledger'"
    test = "from casework.marking import prose\nsaid = prose('{}')\nassert 'ledger' in said, said\n1 if 'sure' in said else 0"
    cells = [
        answer(lie),
        *written("finding", "I searched the ledger.", "I am fairly sure.", task=True),
        locked_cell("1"),
        v4.new_markdown_cell("Not a part of it: ledger, sure."),
        *written("note", "Nothing."),
        test_cell("a", test.format("finding")),
        test_cell("b", test.format("note")),
        test_cell("c", test.format("other")),
    ]
    checks = judge_notebook(v4.new_notebook(cells=cells), sandbox).checks
    assert (checks["a"].points, checks["b"].points, checks["c"].points) == (1, 0, 0)
    assert checks["b"].message == "Nothing."


def test_where_nbgrader_marks_it_is_read_from_the_notebook_in_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given_answers(None)
    with pytest.raises(CaseworkError, match="no notebook in this folder"):
        prose("finding")
    notebook = v4.new_notebook(cells=written("finding", "One.", "Two.", task=True))
    (tmp_path / "crypto-1.ipynb").write_text(json.dumps(notebook))
    assert prose("finding") == "One.\n\nTwo."
    with pytest.raises(CaseworkError, match=r"No question 'other' .* Those that are: finding\."):
        prose("other")
    (tmp_path / "second.ipynb").write_text(json.dumps(notebook))
    with pytest.raises(CaseworkError, match="2 notebooks"):
        prose("finding")


def test_an_answer_given_in_several_cells_is_read_whole_and_code_is_left_out():
    cells = written("finding", "One.", "Two.", task=True)
    cells.insert(2, v4.new_code_cell("print('not words')"))
    assert written_answers(v4.new_notebook(cells=cells)) == {"finding": "One.\n\nTwo."}
