"""Which wrong answers were the commonest? Groups them by what the judge said and what was written.

Everybody has another case, so the same mistake is told with other numbers. Messages are compared
without numbers, quotations and long names; code is compared without comments and layout.
"""

import ast
import builtins
import keyword
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

MOST_MESSAGES = 5
MAX_LINES, MAX_CHARS, MAX_WIDTH = 30, 2_000, 400
MAX_PARSED = 5_000
"""Longer code is compared as text: Python's own parser is not made for hostile input."""

NO_MESSAGE = "The check left no message."
SOMEBODY = "[name]"


@dataclass(frozen=True)
class Mistake:
    """One kind of wrong answer.

    count     how many answers were told this
    message   what they were told, as the most of them were
    variants  how many different wordings of it there are (other numbers, other names)
    code      the answer that the most of them gave, without comments
    same      how many of them gave exactly this code
    answers   how many different codes they gave
    students  who they are
    """

    count: int
    message: str
    variants: int
    code: str
    same: int
    answers: int
    students: tuple[str, ...]


@dataclass(frozen=True)
class Mistakes:
    """The commonest wrong answers of a question, and how many answers are in no group that is shown."""

    shown: tuple[Mistake, ...]
    others: int


def commonest(
    told: pd.DataFrame, fates: pd.DataFrame, hide: Callable[[str], str] = lambda text: text
) -> dict[int, Mistakes]:
    """The commonest wrong answers of each question that has any, by its number.

    Arguments: what the judge said and what was written, as in `answers.Answers`; what became of
    each answer, as in `analysis.Analysis`, for the questions that the machine marks; what to do
    with text before it is shown, for example to take names out. Blank and unchecked answers are
    no mistakes.
    """
    long = fates.rename_axis(index="student", columns="question").stack().rename("fate")
    rows = told.merge(long.reset_index(), on=["student", "question"])
    wrong = rows[rows["fate"].isin(["none", "part"])]
    return {int(n): _of_question(group, hide) for n, group in wrong.groupby("question")}


def without_names(people: Iterable[str]) -> Callable[[str], str]:
    """A function that takes the names of people out of a text, whatever their case.

    A name that is a word of Python ("max") stays: in code it is nobody. So does one of two
    letters or less, which would be found everywhere.
    """
    words = {word for name in people for word in (name, *name.split())}
    common = {*keyword.kwlist, *dir(builtins)}
    hidden = sorted(
        (word for word in words if len(word) > 2 and word not in common), key=len, reverse=True
    )
    if not hidden:
        return lambda text: text
    # An underscore ends a name here: ada_answer is Ada's.
    pattern = re.compile(
        rf"(?<![^\W_])(?:{'|'.join(map(re.escape, hidden))})(?![^\W_])", re.IGNORECASE
    )
    return lambda text: pattern.sub(SOMEBODY, text)


def wording(message: str) -> str:
    """A message without what differs from case to case: two of one kind come out the same."""
    text = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "'…'", message)
    text = re.sub(r"\b(?=\w*\d)\w{12,}\b", "…", text)  # addresses, names of blocks and transactions
    text = re.sub(r"[-+]?\d[\d,._:]*", "#", text)
    return " ".join(text.split())


@lru_cache(maxsize=50_000)
def bare(code: str) -> str:
    """Code without comments, docstrings and layout; what is no Python without lines of comment."""
    try:
        if len(code) > MAX_PARSED:
            raise ValueError
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the trainee's code, to nobody here
            tree = ast.parse(code)
            for node in ast.walk(tree):
                _drop_docstring(node)
            return ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        lines = (line.rstrip() for line in code.splitlines())
        return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def visible(text: str) -> str:
    """Text in which nothing hides: control characters and those that turn the reading direction
    are written out.
    """
    return "".join(
        sign
        if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        else f"\\u{ord(sign):04x}"
        for sign in text
    )


def _of_question(rows: pd.DataFrame, hide: Callable[[str], str]) -> Mistakes:
    rows = rows.assign(kind=rows["message"].map(wording), bare=rows["code"].map(bare))
    sizes = rows["kind"].value_counts().rename_axis("kind").reset_index(name="size")
    # Of two groups of one size the order is that of their words, on every run.
    sizes = sizes.sort_values(["size", "kind"], ascending=[False, True])
    shown = sizes["kind"].head(MOST_MESSAGES)
    found = tuple(_mistake(rows[rows["kind"] == kind], hide) for kind in shown)
    return Mistakes(found, len(rows) - sum(mistake.count for mistake in found))


def _mistake(rows: pd.DataFrame, hide: Callable[[str], str]) -> Mistake:
    code, same = _most_frequent(rows["bare"])
    message, _ = _most_frequent(rows.loc[rows["bare"] == code, "message"])
    return Mistake(
        count=len(rows),
        message=visible(hide(message)) or NO_MESSAGE,
        variants=rows["message"].nunique(),
        code=_cut(visible(hide(code))),
        same=same,
        answers=rows["bare"].nunique(),
        students=tuple(sorted(rows["student"])),
    )


def _most_frequent(texts: pd.Series) -> tuple[str, int]:
    """The text that is there most often, and how often; of several the first by its letters."""
    counts = texts.value_counts()
    best = min(counts[counts == counts.max()].index)
    return best, int(counts.max())


def _cut(code: str) -> str:
    """As much of an answer as belongs on a page."""
    lines = [
        line if len(line) <= MAX_WIDTH else line[:MAX_WIDTH] + " …" for line in code.split("\n")
    ]
    text = "\n".join(lines[:MAX_LINES])
    if len(lines) > MAX_LINES or len(text) > MAX_CHARS:
        return text[:MAX_CHARS] + "\n… cut here …"
    return text


def _drop_docstring(node: ast.AST) -> None:
    kinds = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    if isinstance(node, kinds) and node.body and ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:] or [ast.Pass()]
