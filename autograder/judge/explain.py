"""Say in a sentence why a check failed: what the trainee's own answer gave. Never a traceback, the truth, or a test."""

import ast
import reprlib
from collections.abc import Iterator, Mapping
from types import FrameType, TracebackType
from typing import Any

import numpy as np
import pandas as pd

from autograder.judge.outputs import readable
from autograder.judge.raised import RaisedByTrainee
from autograder.judge.standins import NotPlainData, Stream
from autograder.wire.figures import Axes, Figure

_LONGEST_ANSWER = 160
_MOST_ANSWERS = 3
_SHORT = reprlib.Repr()
_SHORT.maxstring, _SHORT.maxother, _SHORT.maxlong = 100, 100, 60


class MissingName(NameError):
    """A test asked for a name that the trainee's notebook does not define."""


def explain(error: BaseException, place: str) -> str:
    """Return what is to be said of whatever ended a test cell.

    Args:
        error: what ended it.
        place: the file name under which the test cell was compiled.
    """
    if isinstance(error, RaisedByTrainee):
        text = f": {_text_of(error)}" if _text_of(error) else ""
        kind = type(error).__name__
        if kind == "NotImplementedError":
            return f"`{error._function}` has no answer yet: it still raises NotImplementedError."
        return f"Your function `{error._function}` stopped with {kind}{text}. It was tried on data of the check."
    if isinstance(error, AssertionError):
        return _own_words(error, place) or "A check of this question does not hold."
    if isinstance(error, MissingName):
        return f"`{error}` is not defined. Was its cell changed, or did it stop with an error?"
    if isinstance(error, NotPlainData):
        return str(error)
    return f"The answer is of another kind than the check expects ({type(error).__name__})."


def _own_words(error: AssertionError, place: str) -> str:
    """Return the author's message. One that a library made (pandas.testing, unittest) tells what was expected."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    module = str(trace.tb_frame.f_globals.get("__name__"))
    is_own = trace.tb_frame.f_code.co_filename == place or module.split(".")[0] == "casework"
    return _text_of(error) if is_own else ""


def _text_of(error: BaseException) -> str:
    """Return what an exception says. A number of thousands of digits, put where a text belongs, is no text."""
    try:
        return str(error)
    except Exception:
        return ""


def own_answers(
    error: BaseException,
    source: str,
    place: str,
    asked: Mapping[str, Any],
    answers: list[tuple[str, Any]],
) -> str:
    """Say what the trainee's own answers were, where a bare assert fails that looks at them.

    Args:
        error: what ended the test cell.
        source: the test cell.
        place: the file name under which it was compiled.
        asked: names asked of the trainee's notebook, with their values.
        answers: what the trainee's functions gave last: pairs of a name and a value.

    Returns:
        Some sentences, or nothing. Only values that came from the trainee's process are told.
    """
    if isinstance(error, RaisedByTrainee) or not isinstance(error, AssertionError):
        return ""
    if _own_words(error, place):
        return ""
    frame, line = _where(error.__traceback__, place)
    if frame is None:
        return ""
    names = list(dict.fromkeys(_names_at(source, line)))
    known = {**frame.f_globals, **frame.f_locals}
    told: dict[str, str] = {}
    for name in names:
        if name in asked and name not in known and not callable(asked[name]):
            told.setdefault(name, f"`{name}` is {shown(asked[name])}.")
    for function, value in reversed(answers):
        called = function in names and callable(asked.get(function))
        if called or any(_is_that(known.get(name), value) for name in names):
            told.setdefault(function, f"`{function}` gave {shown(value)}.")
    return " ".join(list(told.values())[:_MOST_ANSWERS])


def _is_that(value: Any, answer: Any) -> bool:
    # Small numbers are one and the same object everywhere; None and the like say nothing of where they are from.
    return value is answer and value is not None


def _where(trace: TracebackType | None, place: str) -> tuple[FrameType | None, int]:
    """Return the innermost frame that runs the test cell, and the line in it."""
    frame, line = None, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == place:
            frame, line = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    return frame, line


def _names_at(source: str, line: int) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Assert | ast.Expr):
            continue
        if node.lineno <= line <= (node.end_lineno or 0):
            for part in ast.walk(node.test if isinstance(node, ast.Assert) else node.value):
                if isinstance(part, ast.Name):
                    yield part.id


def shown(value: Any) -> str:
    """Return a trainee's answer as it may stand in a sentence: short, in words where it is large."""
    if isinstance(value, pd.DataFrame):
        return f"a table of {len(value):,} rows and {value.shape[1]:,} columns"
    if isinstance(value, pd.Series):
        return f"a Series of {len(value):,} values"
    if isinstance(value, pd.Index):
        return f"an Index of {len(value):,} values"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, Figure | Axes):
        return "a figure"
    if isinstance(value, Stream):
        return "a generator"
    if callable(value):
        return "a function"
    if value is None:
        return "nothing (None)"
    try:
        text = _SHORT.repr(value)
    # Whatever is too large or too deep to be written.
    except Exception:
        return f"a {type(value).__name__}"
    return f"`{readable(text, _LONGEST_ANSWER).replace('`', chr(39))}`"
