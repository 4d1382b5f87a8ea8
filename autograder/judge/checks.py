"""Run one test cell in the judge. Names that the tests did not define are asked of the witness.

A test cell is ordinary nbgrader: plain asserts, and its last expression, where it is a number, is partial credit
(nbgrader.utils.determine_grade). What it prints becomes part of the message.
"""

import ast
import builtins
import contextlib
import importlib
import io
import math
import signal
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from autograder.judge.explain import MissingName, explain, own_answers
from autograder.judge.outputs import readable
from autograder.judge.verdict import Check, Outcome
from autograder.judge.witness import Witness, WitnessGone, WitnessSilent

_LONGEST_MESSAGE = 2000
_NUMBER_MAKERS = {"abs", "float", "int", "max", "min", "round", "sum"}
_GRACE_SECONDS = 2.0


class TestTimeout(BaseException):
    """A test cell took too long. No `except Exception` of a test may swallow it."""


class Names(dict[str, Any]):
    """The names of the test cells. One that no test defined is asked of the witness, once per test cell.

    Built-in names are never asked for: what the trainee did to `len` is no concern of a test. Nor are the names that
    the instructor's own locked cells import: the judge imports those itself.

    Args:
        witness: the trainee's process.
        imports: for each of those names, the module, and the name in it ("" for the module itself).
    """

    def __init__(
        self, witness: Witness, imports: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        super().__init__(__builtins__=builtins, __name__="__main__")
        self._witness = witness
        self._imports = dict(imports or {})
        self._asked: dict[str, Any] = {}

    @property
    def asked(self) -> Mapping[str, Any]:
        """What was asked of the witness in this test cell, by name."""
        return self._asked

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        if name in self._imports:
            module, part = self._imports[name]
            found = importlib.import_module(module)
            return getattr(found, part) if part else found
        if name not in self._asked:
            try:
                self._asked[name] = self._witness.get(name)
            except KeyError:
                raise MissingName(name) from None
        return self._asked[name]

    def next_cell(self) -> None:
        """Forget what was asked: the trainee's next cells may have changed it."""
        self._asked.clear()


def imported(source: str) -> dict[str, tuple[str, str]]:
    """Return the names that a cell imports at its top level, each with its module and its name there.

    A cell that is no plain Python (a magic, say) imports nothing.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found = {}
    for line in tree.body:
        if isinstance(line, ast.Import):
            for name in line.names:
                # `import a.b` binds a, and makes sure of b.
                module = name.name if name.asname else name.name.split(".")[0]
                found[name.asname or module] = (module, "")
        elif isinstance(line, ast.ImportFrom) and line.module and not line.level:
            for name in line.names:
                if name.name != "*":
                    found[name.asname or name.name] = (line.module, name.name)
    return found


def run_check(source: str, grade_id: str, max_points: float, names: Names, seconds: float) -> Check:
    """Run a test cell and say what it found.

    Args:
        source: the test cell, hidden tests included.
        grade_id: its id.
        max_points: what it is worth.
        names: the namespace that all test cells share.
        seconds: how long it may take, answers of the witness included.
    """

    def check(outcome: Outcome, points: float, *sentences: str) -> Check:
        message = " ".join(sentence for sentence in sentences if sentence)
        return Check(grade_id, points, max_points, outcome, readable(message, _LONGEST_MESSAGE))

    names.next_cell()
    witness = names._witness
    witness.deadline = time.monotonic() + seconds
    witness.trouble = None
    witness.answers = []
    if witness.gone:
        return check(Outcome.NOT_CHECKED, 0.0, "This could not be checked.", witness.gone)
    printed = io.StringIO()
    try:
        with _alarm(seconds, witness), contextlib.redirect_stdout(printed):
            result, meant = _execute(source, grade_id, names)
        if witness.trouble is not None:  # and the cell caught it
            raise witness.trouble
    except (TestTimeout, WitnessSilent):
        witness.recover(_GRACE_SECONDS)
        return check(
            Outcome.FAILED,
            0.0,
            f"The check was stopped: an answer took more than {seconds:g} seconds.",
        )
    except WitnessGone:
        return check(Outcome.NOT_CHECKED, 0.0, "This could not be checked.", witness.gone)
    except BaseException as error:
        place = _place(grade_id)
        told = own_answers(error, source, place, names.asked, witness.answers)
        return check(Outcome.FAILED, 0.0, explain(error, place), told)
    said = " ".join(printed.getvalue().split())
    try:
        points = partial(result, max_points, meant)
    except (TypeError, ValueError, OverflowError) as error:
        return check(Outcome.FAILED, 0.0, explain(error, _place(grade_id)))
    if points is None or points == max_points:
        return check(Outcome.PASSED, max_points, said)
    return check(
        Outcome.PARTIAL if points else Outcome.FAILED,
        points,
        said or "Only a part of this is right.",
    )


def _place(grade_id: str) -> str:
    return f"<check {grade_id}>"


def _execute(source: str, grade_id: str, names: Names) -> tuple[Any, bool]:
    """Return the value of the last expression, and whether it is written as a number of points."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    place = _place(grade_id)
    exec(compile(tree, place, "exec"), names)  # noqa: S102 - the instructor's own test cell, in the judge
    if last is None:
        return None, False
    result = eval(compile(ast.Expression(last.value), place, "eval"), names)  # noqa: S307 - likewise
    return result, _is_arithmetic(last.value)


def _is_arithmetic(expression: ast.expr) -> bool:
    if isinstance(expression, ast.Call):
        return isinstance(expression.func, ast.Name) and expression.func.id in _NUMBER_MAKERS
    return isinstance(expression, (ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Name))


def partial(result: Any, max_points: float, meant: bool) -> float | None:
    """Return the partial credit, or None where the last expression is no number.

    Args:
        result: the value of the test cell's last expression.
        max_points: what the cell is worth.
        meant: it is written as arithmetic. Then what comes out as no number, because a trainee's answer in it was
            none, earns nothing; it must not earn all.

    Raises:
        TypeError: it was meant to be a number and is none.
        ValueError, OverflowError: it is a number that is no amount (a signalling NaN, one of 400 digits).
    """
    if result is None or type(result) is bool:
        return None
    if not isinstance(result, (int, float, Decimal, np.number)) or isinstance(result, complex):
        if meant:
            raise TypeError("no number")
        return None
    points = float(result)
    return min(max(points, 0.0), max_points) if math.isfinite(points) else 0.0


@contextlib.contextmanager
def _alarm(seconds: float, witness: Witness) -> Iterator[None]:
    def ring(number: int, frame: Any) -> None:
        witness.trouble = witness.trouble or TestTimeout()
        raise TestTimeout

    before = signal.signal(signal.SIGALRM, ring)
    # Again and again: a test that catches everything would go on for ever.
    signal.setitimer(signal.ITIMER_REAL, seconds + 0.5, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
