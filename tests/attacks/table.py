"""What an attack is, and the names of the threats that attacks come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]

KNOWN_THREATS = frozenset(
    {
        "open the tests in the working folder",
        "write the gradebook",
        "read source and other submissions",
        "secrets in the environment",
        "network",
        "an object that equals everything",
        "drop asserts by an AST transformer",
        "blank cells by an input transformer",
        "fake partial credit by a formatter",
        "silence showtraceback",
        "delete a test cell",
        "duplicate a cell or spoil its metadata",
        "flip solution and grade flags",
        "leave with os._exit",
        "an endless loop",
        "a loop that ignores SIGINT",
        "an enormous output",
        "a warning on stderr",
        "fork and memory bombs",
        "a script in an output",
        "poison the result channel",
    }
)
"""The rows of the table of attacks that were tried on the graders there were before this one."""

MORE_THREATS = frozenset(
    {
        "reordered, split, merged, pasted cells",
        "a wrong kernel",
        "an old format",
        "a broken file",
        "an empty file",
        "an enormous file",
        "links, pipes and devices",
        "strange names",
        "files that shadow modules",
        "forged frames",
        "different answers at two looks",
        "functions that look at who asks",
        "callbacks that never return or recurse",
        "hostile exceptions",
        "floods of output",
        "monkeypatched libraries",
        "threads and daemons that outlive the run",
        "filling the disk",
        "signals",
        "/proc",
        "inherited descriptors",
        "kernel interfaces",
        "an answer that is slow to check",
        "values of clever types",
        "words that pass for the judge's",
    }
)
"""What else is tried, by kind."""


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    name     in a few words
    threat   the row of the tables above that it comes from
    answers  question to what stands in its answer cell instead of a wrong answer
    says     what the instructor is told about it, or a part of it; empty where nothing need be said
    honest   question to the same wrong answer honestly given, where it is not the usual wrong one
    base     "wrong" or "right": what stands in the other answer cells
    exactly  whether it must get exactly what the honest submission gets, not only no more
    change   what is done to the notebook before it is handed in; may return bytes instead
    folder   what is done to the folder that is handed in
    """

    name: str
    threat: str
    answers: Mapping[str, str] = field(default_factory=dict)
    says: str = ""
    honest: Mapping[str, str] = field(default_factory=dict)
    base: str = "wrong"
    exactly: bool = False
    change: Callable[[Notebook], Notebook | bytes] | None = None
    folder: Callable[[Path, Mapping[str, str]], None] | None = None


def cell_named(notebook: Notebook, name: str) -> dict[str, Any]:
    """The cell of a notebook with that id."""
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def tries(threat: str, says: str = "", **attacks: str) -> list[Attack]:
    """Attacks that are code in the answer cell of the question `number`, by name."""
    return [
        Attack(name.replace("_", " "), threat, {"number": code}, says)
        for name, code in attacks.items()
    ]
