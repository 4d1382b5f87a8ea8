"""Run a filled-in notebook as stock nbgrader would: tests and answers together in one interpreter.

nbgrader runs every cell and reads the points off the outputs (`nbgrader.utils.determine_grade`). So do
we, in this process instead of a kernel of its own, so that dozens of answers take seconds.
"""

import ast
import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from typing import Any

import IPython.display
import matplotlib.pyplot as plt
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task


def with_hidden_tests(submission: NotebookNode, source: NotebookNode) -> list[NotebookNode]:
    """The cells as autograding runs them: the trainee's own, and the instructor's locked ones."""
    masters = {cell["id"]: cell for cell in source.cells}
    return [
        cell if is_solution(cell) or cell["id"] not in masters else masters[cell["id"]]
        for cell in submission.cells
    ]


def marks(
    submission: NotebookNode, source: NotebookNode, env: Mapping[str, str] | None = None
) -> tuple[dict[str, float], dict[str, str]]:
    """Points and messages of each test cell, by question id."""
    points: dict[str, float] = {}
    messages: dict[str, str] = {}
    names: dict[str, Any] = {"__name__": "__main__", "display": IPython.display.display}
    with _environment(env or {}):
        for cell in with_hidden_tests(submission, source):
            if cell.cell_type != "code" or is_task(cell):
                continue
            result, said = _run(cell.source, names)
            if not is_grade(cell):
                continue
            question = cell.metadata.nbgrader.grade_id.removesuffix("-test")
            most = float(cell.metadata.nbgrader.points)
            failed = isinstance(result, BaseException)
            if failed:
                points[question] = 0.0
            else:
                points[question] = most if result is None else float(result)
            messages[question] = f"{type(result).__name__}: {result}" if failed else said
    plt.close("all")
    return points, messages


def without_magics(source: str) -> str:
    """The Python of a cell, without the lines that are IPython's own."""
    return "\n".join(line for line in source.splitlines() if not line.startswith("%"))


def _run(source: str, names: dict[str, Any]) -> tuple[Any, str]:
    """Run one cell. Returns the value of its last expression or what it raised, and its prints."""
    tree = ast.parse(without_magics(source))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            exec(compile(tree, "<cell>", "exec"), names)
            result = (
                eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None
            )
        except Exception as error:
            result = error
    return result, printed.getvalue()


@contextlib.contextmanager
def _environment(env: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
