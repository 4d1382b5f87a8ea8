"""What stands in an author's file? Reads py:percent text into cells that know their role and line.

The role is written on the marker line of a cell: `# %% answer="fees"`. At most one of:

question  a markdown cell that asks                 test     a code cell that checks
answer    the cell that a trainee fills in          written  a markdown cell marked by hand
locked    a code cell that a trainee cannot change

A cell without a role is plain text or plain code.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.errors import AuthoringError
from autograder.authoring.questions import ID

ROLES = ("question", "answer", "test", "written", "locked")
JUPYTEXT = ("lines_to_next_cell",)  # how jupytext remembers blank lines
MARKER = re.compile(r"^# %%(?!%)")
SOLUTION, HIDDEN, SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
PLACES = {SOLUTION: "answer", HIDDEN: "test", SCHEME: "written"}
UNDESCRIBED_IMAGE = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")[^>]*>")


@dataclass(frozen=True)
class Cell:
    """One cell of an author's file: where it stands, kind ("code" or "markdown"), role, id, text.

    Role and id are None for plain text and plain code.
    """

    path: Path
    line: int
    kind: str
    role: str | None
    id: str | None
    text: str

    @property
    def name(self) -> str:
        """How a message speaks of the cell."""
        return f"the {self.role} cell '{self.id}'" if self.role else f"this {self.kind} cell"

    def has(self, region: str) -> bool:
        """Whether the cell has the region, such as HIDDEN."""
        return f"### BEGIN {region}" in self.text


def exercise_cells(exercise_dir: Path) -> list[Cell]:
    """Read the text of an exercise: NAME.py, and after it its further parts NAME_2*.py, NAME_3*.py.

    Raises AuthoringError as `read_cells` does.
    """
    folder = Path(exercise_dir).resolve()
    parts = [folder / f"{folder.name}.py", *sorted(folder.glob(f"{folder.name}_[2-9]*.py"))]
    return [cell for part in parts for cell in read_cells(part)]


def read_cells(path: Path) -> list[Cell]:
    """Read a py:percent file.

    Raises AuthoringError, naming file and line, for a role that does not exist, for two roles on
    one cell, for an id that is no id, for a region that is not closed or stands in the wrong
    kind of cell, for Python that does not parse, and for an image without a description.
    """
    import jupytext  # here, because graders never read exercises and would wait for it

    if not path.is_file():
        raise AuthoringError(path, "there is no such file.")
    text = path.read_text(encoding="utf-8")
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if MARKER.match(line)]
    if not lines:
        raise AuthoringError(path, "no cell found. A cell starts with a line '# %%'.")
    notebook = jupytext.reads(text, fmt="py:percent")
    # What stands above the first marker (a comment, a licence) is a cell to jupytext, not to us.
    found = notebook.cells[len(notebook.cells) - len(lines) :]
    cells = [
        _cell(path, line, cell.cell_type, cell.metadata, cell.source)
        for line, cell in zip(lines, found, strict=True)
    ]
    for cell in cells:
        _check(cell)
    return cells


def without_markers(text: str) -> str:
    """The text of a cell without its `### BEGIN` and `### END` lines."""
    kept = (line for line in text.splitlines() if not re.match(r"\s*### (BEGIN|END) ", line))
    return "\n".join(kept)


def _cell(path: Path, line: int, kind: str, metadata: dict[str, object], text: str) -> Cell:
    """Make a Cell of what jupytext read."""
    if kind not in ("code", "markdown"):
        raise AuthoringError(path, f"a {kind} cell has no place here. Use [markdown].", line)
    metadata = {name: value for name, value in metadata.items() if name not in JUPYTEXT}
    unknown = sorted(set(metadata) - set(ROLES))
    if unknown:
        raise AuthoringError(
            path, f"'{unknown[0]}' is not a role. The roles are {', '.join(ROLES)}.", line
        )
    if len(metadata) > 1:
        raise AuthoringError(
            path, f"a cell has one role, not {len(metadata)} ({', '.join(sorted(metadata))}).", line
        )
    role, name = next(iter(metadata.items()), (None, None))
    if role is not None and not (isinstance(name, str) and ID.fullmatch(name)):
        raise AuthoringError(
            path, f'write the id as {role}="small-letters", with digits and single hyphens.', line
        )
    return Cell(path, line, kind, role, name, text)


def _check(cell: Cell) -> None:
    """Check what can be seen from one cell alone."""
    for region, role in PLACES.items():
        _check_region(cell, region, role)
    if cell.role in ("test", "locked") and cell.kind != "code":
        raise AuthoringError(cell.path, f"{cell.name} must be code, not [markdown].", cell.line)
    if cell.role in ("question", "written") and cell.kind != "markdown":
        raise AuthoringError(cell.path, f"{cell.name} must be [markdown].", cell.line)
    if cell.kind == "markdown" and UNDESCRIBED_IMAGE.search(cell.text):
        raise AuthoringError(
            cell.path,
            f"{cell.name} has an image without a description. Say what is to be seen.",
            cell.line,
        )
    if cell.kind == "code" and not re.search(r"^\s*[%!]", cell.text, re.MULTILINE):
        try:
            ast.parse(cell.text)
        except SyntaxError as error:
            line = cell.line + (error.lineno or 0)
            raise AuthoringError(
                cell.path, f"{cell.name} is not Python: {error.msg}.", line
            ) from None


def _check_region(cell: Cell, region: str, role: str) -> None:
    """A region is opened, closed, not nested, and stands where nbgrader looks for it."""
    inside = False
    for line, mark in _marks(cell, region):
        if mark == inside:
            what = "opened twice" if inside else "closed before it is opened"
            raise AuthoringError(cell.path, f"{cell.name}: {region} is {what}.", line)
        inside = mark
    if inside:
        raise AuthoringError(
            cell.path, f"{cell.name} has no line '### END {region}'. Add it.", cell.line
        )
    if cell.has(region) and cell.role != role:
        raise AuthoringError(
            cell.path,
            f"{cell.name} has a {region} region, which belongs in a cell {role}=...",
            cell.line,
        )


def _marks(cell: Cell, region: str) -> Iterator[tuple[int, bool]]:
    """The lines that open (True) and close (False) a region."""
    for number, line in enumerate(cell.text.splitlines(), start=1):
        if line.strip() == f"### BEGIN {region}":
            yield cell.line + number, True
        elif line.strip() == f"### END {region}":
            yield cell.line + number, False
