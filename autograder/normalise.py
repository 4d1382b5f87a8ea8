"""What did the trainee really hand in? Rebuilds a submission on the instructor's own notebook.

Whatever stands in a submitted file, the result has every locked cell and every test cell exactly
once, in the instructor's order, with the instructor's metadata. Of the trainee's file only two
things count: the text of answer cells, found by their grade id, and the cells that the trainee
added. What had to be mended is told in sentences that instructor and trainee both read.
"""

import copy
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.submission import SubmissionError, read_submission

MAX_OWN_CELLS = 500
"""More cells of one's own than this are left out: nobody works with so many."""

MAX_CELLS = 5_000
"""Of a file with more cells than this only the first are looked at."""

MAX_PARTS = 3_000_000
"""A file with more brackets and commas is not read: in memory it is fifty times as large as on disk."""

MAX_CELL_CHARS = 1_000_000
"""A longer cell is cut: no answer is a book."""

IMAGE_TYPES = ("image/png", "image/jpeg")
KINDS = ("code", "markdown", "raw")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


@dataclass(frozen=True)
class Normalised:
    """A submission made whole.

    notebook  the instructor's notebook with the trainee's answers and own cells in it
    notes     what was mended, one sentence each
    readable  False when nothing could be read from the file, so that it counts as blank
    """

    notebook: NotebookNode
    notes: tuple[str, ...]
    readable: bool


@dataclass(frozen=True)
class _Found:
    """One cell as it stood in the trainee's file."""

    kind: str
    text: str
    name: str | None
    attachments: dict[str, dict[str, str]]


def normalise(submitted: bytes | str | Path, master: NotebookNode) -> Normalised:
    """Rebuild a submission on the instructor's notebook.

    Arguments: the submitted file (its bytes or its path); the instructor's notebook, with full
    tests and with answer cells as they were released. Never raises for anything that a trainee
    can hand in: a file that cannot be read counts as blank and a note says so.
    """
    try:
        content = submitted if isinstance(submitted, bytes) else read_submission(Path(submitted))
        found, notes = _read_cells(content)
    except SubmissionError as problem:
        blank = _blank(master)
        return Normalised(blank, (f"{problem} It is graded as blank.",), readable=False)
    cells, more = _rebuild(found, master)
    return Normalised(_notebook(cells, master), (*notes, *more), readable=True)


def anchor(cell: NotebookNode) -> str | None:
    """The name by which a cell of the instructor is found again; None for a plain cell.

    Cells with a grade id have that name; a text that trainees cannot edit has its cell id.
    """
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    if grade_id:
        return str(grade_id)
    if cell.metadata.get("editable") is False:
        return cell.get("id")
    return None


def is_answer(cell: NotebookNode) -> bool:
    """Whether the trainee writes in this cell of the instructor."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _blank(master: NotebookNode) -> NotebookNode:
    """The instructor's notebook as a submission in which nothing was done."""
    return _notebook([copy.deepcopy(cell) for cell in master.cells], master)


def _notebook(cells: Iterable[NotebookNode], master: NotebookNode) -> NotebookNode:
    """A notebook with the instructor's metadata, no outputs, and ids that are all different."""
    metadata = {
        key: copy.deepcopy(master.metadata[key])
        for key in ("kernelspec", "language_info")
        if key in master.metadata
    }
    notebook = new_notebook(metadata=metadata)
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        if not cell.get("id") or cell["id"] in taken:
            cell["id"] = f"own-{number}"
        taken.add(cell["id"])
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        notebook.cells.append(cell)
    return notebook


# --- reading what was handed in -----------------------------------------------------------------


def _read_cells(content: bytes) -> tuple[list[_Found], list[str]]:
    """The cells of a submitted file. Raises SubmissionError when there are none to be had."""
    if not content.strip():
        raise SubmissionError("The submitted notebook is an empty file.")
    if sum(map(content.count, (b"[", b"{", b","))) > MAX_PARTS:
        raise SubmissionError("The submitted notebook holds more single values than can be read.")
    try:
        data = json.loads(content.decode(json.detect_encoding(content)))
    except (ValueError, RecursionError):
        raise SubmissionError(
            "The submitted notebook is damaged: it is not a notebook that Jupyter can open."
        ) from None
    if not isinstance(data, dict):
        raise SubmissionError("The submitted file is not a notebook.")
    notes = []
    if "cells" not in data and "worksheets" in data:
        if content.count(b"cell_type") > MAX_CELLS:
            raise SubmissionError(f"The submitted notebook has more than {MAX_CELLS:,} cells.")
        data = _upgraded(data)
        notes.append("The notebook was saved in an old format and has been converted.")
    rows = data.get("cells")
    if not isinstance(rows, list):
        raise SubmissionError("The submitted notebook has no cells.")
    if len(rows) > MAX_CELLS:
        notes.append(f"Of {len(rows):,} cells only the first {MAX_CELLS:,} were looked at.")
        rows = rows[:MAX_CELLS]
    cells = [cell for cell in map(_found, rows) if cell is not None]
    if len(cells) < len(rows):
        notes.append(f"{_count(len(rows) - len(cells), 'cell')} could not be read and left out.")
    return cells, notes


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """A notebook of format 3 or older, in the present format."""
    try:
        return nbformat.convert(nbformat.from_dict(data), 4)
    except Exception:
        # nbformat promises nothing about which exception a malformed old notebook raises.
        raise SubmissionError("The submitted notebook is in an old format and damaged.") from None


def _found(row: Any) -> _Found | None:
    """One cell of the file; None when it is not a cell."""
    if not isinstance(row, dict) or row.get("cell_type") not in KINDS:
        return None
    source = row.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    # A lone surrogate is legal in JSON and cannot be written to any file.
    text = source[:MAX_CELL_CHARS].encode("utf-8", "replace").decode("utf-8")
    metadata = row.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader = metadata.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    name = grade_id or row.get("id")
    return _Found(
        kind=row["cell_type"],
        text=text,
        name=name if isinstance(name, str) else None,
        attachments=_images(row.get("attachments")),
    )


def _images(attachments: Any) -> dict[str, dict[str, str]]:
    """The pictures pasted into a text cell, and nothing else that may be attached there."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        for kind, data in bundle.items() if isinstance(bundle, dict) else ():
            if kind in IMAGE_TYPES and isinstance(data, str) and BASE64.fullmatch(data):
                kept[str(name)] = {kind: data}
    return kept


# --- putting it on the instructor's notebook ----------------------------------------------------


def _rebuild(found: list[_Found], master: NotebookNode) -> tuple[list[NotebookNode], list[str]]:
    """The instructor's cells in their order, each followed by what the trainee put after it."""
    anchors = {name: cell for cell in master.cells if (name := anchor(cell)) is not None}
    chosen, notes = _choose(found, anchors)
    after: dict[str | None, list[NotebookNode]] = {None: []}
    seen: list[str] = []
    here: str | None = None
    own = 0
    for position, cell in enumerate(found):
        if cell.name in anchors and chosen[cell.name] == position:
            here = cell.name
            seen.append(here)
            continue
        if _is_copy(cell, anchors):
            continue
        own += 1
        if own <= MAX_OWN_CELLS:
            after.setdefault(here, []).append(_own_cell(cell, master))
    if own > MAX_OWN_CELLS:
        notes.append(f"Of {own} cells outside the answers only {MAX_OWN_CELLS} were kept.")
    if seen != [name for name in anchors if name in set(seen)]:
        notes.append("The cells were in another order. The order of the assignment was restored.")
    cells = list(after[None])
    for name, original in anchors.items():
        cell = copy.deepcopy(original)
        if name in chosen:
            notes.extend(_fill(cell, name, found[chosen[name]]))
        else:
            if is_answer(cell):
                # Not the released stub: after a merge the answer stands in another cell, and a
                # stub that runs later would undo it.
                cell.source = ""
            if "nbgrader" in cell.metadata:
                notes.append(f"The cell '{name}' was missing and has been put back.")
        cells.append(cell)
        cells.extend(after.get(name, ()))
    return cells, notes


def _choose(
    found: list[_Found], anchors: dict[str, NotebookNode]
) -> tuple[dict[str, int], list[str]]:
    """Which cell of the file stands for which cell of the instructor.

    Of several with one id the last counts, as in nbgrader; but an untouched copy never counts
    against one in which something was written. The others stay as cells of the trainee's own.
    """
    places: dict[str, list[int]] = {}
    for position, cell in enumerate(found):
        if cell.name in anchors:
            places.setdefault(cell.name, []).append(position)
    chosen, notes = {}, []
    for name, positions in places.items():
        original = anchors[name]
        changed = [n for n in positions if found[n].text.strip() != original.source.strip()]
        chosen[name] = (changed or positions)[-1] if is_answer(original) else positions[-1]
        if len(positions) > 1:
            what = "the last one counts" if is_answer(original) else "the original was restored"
            notes.append(f"The cell '{name}' was there {len(positions)} times; {what}.")
    return chosen, notes


def _is_copy(cell: _Found, anchors: dict[str, NotebookNode]) -> bool:
    """Whether this is only another copy of something that the instructor's notebook has anyway."""
    if cell.name in anchors and is_answer(anchors[cell.name]):
        return cell.text.strip() == anchors[cell.name].source.strip()
    fixed = (a for a in anchors.values() if not is_answer(a) and a.cell_type == cell.kind)
    return bool(cell.text.strip()) and any(cell.text.strip() == a.source.strip() for a in fixed)


def _fill(cell: NotebookNode, name: str, found: _Found) -> Iterator[str]:
    """Write an answer into the instructor's cell; tell what the trainee had changed about it."""
    if is_answer(cell):
        cell.source = found.text
        if found.kind != cell.cell_type:
            yield f"The cell '{name}' had been turned into {found.kind}; it is {cell.cell_type} again."
        if found.attachments and cell.cell_type == "markdown":
            cell.attachments = NotebookNode(found.attachments)


def _own_cell(cell: _Found, master: NotebookNode) -> NotebookNode:
    """A cell that the trainee added, or a plain cell of the instructor as the trainee left it."""
    if cell.kind == "code":
        made = new_code_cell(cell.text)
    else:
        made = new_markdown_cell(cell.text)
        if cell.attachments:
            made.attachments = NotebookNode(cell.attachments)
    plain = {c.id for c in master.cells if anchor(c) is None and c.get("id")}
    made["id"] = cell.name if cell.name in plain else ""
    return made


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
