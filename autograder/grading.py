"""How is one submission graded? From bytes to a verdict, with no gradebook and no folder in sight.

`grade_submission` is a function of the submitted file, the instructor's notebook, a sandbox and
the environment of the trainee's case. The driver may call it anywhere and in any order; the
nbgrader plug-ins take the same two steps, `normalise` and `judge_and_tell`, one after the other.
"""

import atexit
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from autograder.display import MAX_RICH, rich_size, safe_outputs
from autograder.judge import Check, Verdict
from autograder.limits import Limits
from autograder.normalise import Normalised, anchor, is_answer, normalise
from autograder.sandbox import Sandbox
from autograder.trial import judge_notebook

NOTES_CELL = "casework-notes"
"""Cell id of the text on top that tells instructors what was mended or stopped."""


@dataclass(frozen=True)
class Graded:
    """What became of one submission.

    notebook    as it was run: the trainee's outputs, and the judge's messages at the test cells
    checks      grade id to what the judge found
    unanswered  grade ids of answers that were left as they were released
    notes       what was mended about the file or stopped in the run, one sentence each
    readable    False when the file could not be read and counts as blank
    """

    notebook: NotebookNode
    checks: Mapping[str, Check]
    unanswered: frozenset[str]
    notes: tuple[str, ...]
    readable: bool

    @property
    def points(self) -> float:
        """The points that the judge gave."""
        return sum(check.points for check in self.checks.values())


def grade_submission(
    submitted: bytes | Path,
    master: NotebookNode,
    sandbox: Sandbox,
    environment: Mapping[str, str],
    when_idle: Callable[[], None] | None = None,
) -> Graded:
    """Grade one submission.

    Arguments: the submitted notebook; the instructor's; the warm sandbox; the environment
    variables that name the trainee's case (see `Course.environment`); what is called when it only
    waits. Raises SandboxError when nothing can be graded here at all, never for what a trainee
    handed in.
    """
    notebook = with_notes(normalise(submitted, master))
    return judge_and_tell(notebook, master, sandbox, environment, when_idle)


def judge_and_tell(
    notebook: NotebookNode,
    master: NotebookNode,
    sandbox: Sandbox,
    environment: Mapping[str, str],
    when_idle: Callable[[], None] | None = None,
) -> Graded:
    """Run a normalised notebook in the sandbox, judge it, and write into it what came of it."""
    about = notebook.metadata.setdefault("casework", NotebookNode(notes=[], readable=True))
    unanswered = _unanswered(notebook, master)
    verdict = judge_notebook(notebook, sandbox, env=environment, when_idle=when_idle)
    _tell(notebook, verdict)
    about.notes = [*about.notes, *verdict.notes]
    about.stamp = sandbox.stamp
    if about.notes or about.stamp:
        told = [f"**{about.stamp}**", *about.notes] if about.stamp else about.notes
        lines = "\n".join(f"- {note}" for note in told)
        shown = new_markdown_cell(f"**About this submission**\n\n{lines}")
        shown["id"] = NOTES_CELL
        notebook.cells.insert(0, shown)
    return Graded(notebook, verdict.checks, unanswered, tuple(about.notes), about.readable)


def with_notes(made: Normalised) -> NotebookNode:
    """A normalised notebook that carries what was mended, as nbgrader keeps it between two steps."""
    about = NotebookNode(notes=list(made.notes), readable=made.readable)
    made.notebook.metadata["casework"] = about
    return made.notebook


_warm: dict[tuple[type[Sandbox], Path, Path, Limits], Sandbox] = {}
_lock = threading.Lock()


def warm_sandbox(
    world: Path, truth: Path, limits: Limits, kind: type[Sandbox] = Sandbox
) -> Sandbox:
    """The sandbox of this process for that world: started when first asked for, closed at exit.

    Arguments: the folders of the world and of its truth; what a submission may use; `Sandbox`, or
    `Unwalled` where an instructor has asked for none.
    """
    wanted = (kind, world.resolve(), truth.resolve(), limits)
    with _lock:
        if wanted not in _warm:
            _warm[wanted] = kind(*wanted[1:])
            atexit.register(_warm[wanted].close)
        return _warm[wanted]


def _tell(notebook: NotebookNode, verdict: Verdict) -> None:
    """Write the trainee's outputs into their cells and the judge's messages into the test cells."""
    left = MAX_RICH
    for index, outputs in verdict.outputs.items():
        notebook.cells[index].outputs = safe_outputs(outputs, left)
        left = max(0, left - rich_size(outputs))
    for cell in notebook.cells:
        check = verdict.checks.get(anchor(cell) or "")
        if check is None or cell.cell_type != "code":
            continue
        line = f"{check.points:g} of {check.max_points:g} points. {check.message}".strip()
        cell.outputs = [new_output("stream", name="stdout", text=line + "\n")]
        cell.metadata["casework"] = {"outcome": str(check.outcome), "message": check.message}


def _unanswered(notebook: NotebookNode, master: NotebookNode) -> frozenset[str]:
    """The answers in which the trainee wrote nothing.

    A written question is marked by hand and may be answered in any text cell, so it counts as
    unanswered only where no text cell differs from what was released.
    """
    released = {anchor(cell): cell.source.strip() for cell in master.cells}
    texts = {cell.source.strip() for cell in master.cells if cell.cell_type == "markdown"}
    wrote = any(
        cell.cell_type == "markdown" and cell.source.strip() not in {"", *texts}
        for cell in notebook.cells
    )
    found = set()
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        untouched = cell.source.strip() in ("", released.get(anchor(cell)))
        if (is_answer(cell) and untouched) or (about.get("task") and not wrote):
            found.add(about["grade_id"])
    return frozenset(found)
