"""What tests compare with: the expected answers of a case, which no trainee's machine has, and written answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casework.errors import CaseworkError
from casework.places import case_file, given_number, read_facts, truth_folder


def expected(name: str) -> dict[str, Any]:
    """Return the expected answers of the case that `open_case(name)` opens.

    The dictionary is the truth file of the case. Where a kind of case has it, the key "unseen" holds a
    block of another world: "block" (raw bytes) and the expected "block_time", "block_hash",
    "transaction_count".

    Raises:
        CaseworkError: the truth is not here, has no such case, or is damaged.
    """
    folder = truth_folder()
    file = case_file(folder, name, given_number(name))
    unseen = file.with_name("unseen.dat")
    described = file.with_name("unseen.json")
    if not unseen.exists() and not described.exists():
        return read_facts(file)
    if not unseen.is_file():
        raise CaseworkError(f"The file {unseen} is missing: run `make world` again.")
    facts = read_facts(described)
    return {**read_facts(file), "unseen": {"block": unseen.read_bytes(), **facts}}


_given: dict[str, str] | None = None


def prose(name: str) -> str:
    """Return what a trainee wrote in answer to a question, as it stands in the notebook.

    Arguments: the id of the question. The text comes from the notebook that is marked, never from
    a program in it. Where nbgrader itself marks, or a trainee runs the check, it is read from the
    notebook in the folder.

    Raises:
        CaseworkError: no question of that id is answered in words, or no notebook is here.
    """
    answers = _given if _given is not None else _answers_here()
    if name not in answers:
        known = ", ".join(sorted(answers)) or "none"
        raise CaseworkError(f"No question '{name}' is answered in words. Those that are: {known}.")
    return answers[name]


def given_answers(answers: dict[str, str] | None) -> None:
    """Tell `prose` the written answers of the notebook that is being marked; None to read them."""
    global _given
    _given = answers


def written_answers(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Return the written answers of a notebook: question to text.

    An answer stands in the text cell of that grade id; to a question that is marked by hand
    (nbgrader's task), it stands in the text cells that follow the question.

    Arguments: the notebook, as in nbformat 4.
    """
    answers: dict[str, list[str]] = {}
    task = None
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader") or {}
        name = about.get("grade_id")
        if name or cell["metadata"].get("editable") is False:
            task = name if about.get("task") else None
            if task:
                answers[task] = []
            elif about.get("solution") and cell["cell_type"] == "markdown":
                answers[name] = [_text(cell)]
        elif task and cell["cell_type"] == "markdown":
            answers[task].append(_text(cell))
    return {name: "\n\n".join(texts).strip() for name, texts in answers.items()}


def _text(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _answers_here() -> dict[str, str]:
    files = sorted(Path.cwd().glob("*.ipynb"))
    if len(files) != 1:
        what = "no notebook" if not files else f"{len(files)} notebooks"
        raise CaseworkError(
            f"There is {what} in this folder, so it is not clear whose answer is asked for. "
            "Run the check from the folder of the notebook."
        )
    return written_answers(json.loads(files[0].read_text(encoding="utf-8")))
