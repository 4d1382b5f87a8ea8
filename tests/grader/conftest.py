"""A warm sandbox for the grader's tests, and notebooks in one line."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode, v4

from autograder.judge import Verdict
from autograder.limits import MB, Limits
from autograder.sandbox import Sandbox
from autograder.trial import judge_notebook

TIGHT = Limits(
    cell_seconds=3,
    grace_seconds=1,
    notebook_seconds=8,
    check_seconds=3,
    memory_bytes=300 * MB,
    disk_bytes=16 * MB,
    file_bytes=8 * MB,
    processes=24,
    output_bytes=60_000,
    answer_bytes=4 * MB,
)
"""Limits small enough that a test which runs into one does not take long."""


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a world's folder and a truth's folder with one file each."""
    world, truth = tmp_path_factory.mktemp("world"), tmp_path_factory.mktemp("truth")
    (world / "seen.txt").write_text("everybody may see this")
    (truth / "secret.txt").write_text("only the judge may see this")
    return world, truth


@pytest.fixture(scope="session")
def sandbox(places: tuple[Path, Path]) -> Iterator[Sandbox]:
    """Start one warm sandbox for all tests."""
    with Sandbox(*places, limits=TIGHT) as warm:
        yield warm


def answer(source: str) -> NotebookNode:
    """Return a trainee's cell."""
    return v4.new_code_cell(source)


def test_cell(grade_id: str, source: str, points: float = 2) -> NotebookNode:
    """Return an instructor's test cell."""
    about = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False}
    cell = v4.new_code_cell(source)
    cell.metadata["nbgrader"] = {**about, "grade_id": grade_id, "points": points}
    return cell


def locked_cell(source: str) -> NotebookNode:
    """Return a cell of the instructor that only runs."""
    about = {"schema_version": 3, "grade": False, "solution": False, "locked": True, "task": False}
    cell = v4.new_code_cell(source)
    cell.metadata["nbgrader"] = {**about, "grade_id": f"locked-{len(source)}"}
    return cell


@pytest.fixture
def judge(sandbox: Sandbox) -> Callable[..., Verdict]:
    """Judge cells: a plain text is a trainee's cell, a pair (id, text) a test cell, (text, True) a locked one."""

    def judge_cells(*cells: str | tuple[str, str | bool], **more: object) -> Verdict:
        made = [
            answer(cell)
            if isinstance(cell, str)
            else locked_cell(cell[0])
            if cell[1] is True
            else test_cell(*cell)
            for cell in cells
        ]
        return judge_notebook(v4.new_notebook(cells=made), sandbox, **more)

    return judge_cells
