"""A full disk, a disk that cannot be written: one sentence says which and what to do, nothing is lost, the next run completes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from whole import ASSIGNMENT, folders, hidden, whole_book

from autograder.mounts import bubblewrap_command

KB = 1024
PEOPLE = {
    "ada": "def total(numbers):\n    return sum(numbers)\n",
    "bruno": "def total(numbers):\n    return 3\n",
    "chen": "print('x' * 30_000)\n\n\ndef total(numbers):\n    return sum(numbers)\n",
}
BWRAP = bubblewrap_command([], {})[0]
Told = list[dict[str, Any]]


@pytest.fixture
def on_small_disk(small_class, tmp_path) -> Callable[..., tuple[Told, Path]]:
    """Grades the class with one of its folders on a small disk; what was said, and what was kept."""
    for student, source in PEOPLE.items():
        small_class.hand_in(student, small_class.answer(source))

    def run(disk: Path, free: int, *kept: Path) -> tuple[Told, Path]:
        saved, out = tmp_path / "saved", tmp_path / "out"
        shutil.copytree(disk, saved, symlinks=True)
        out.mkdir()
        size = sum(path.stat().st_size for path in saved.rglob("*") if path.is_file()) + 2048 * KB
        subprocess.run(
            # Nothing but a small disk over one folder: grading makes its own sandbox inside.
            [BWRAP, "--dev-bind", "/", "/", "--size", str(size), "--tmpfs", disk, "--",
             sys.executable, Path(__file__).with_name("full_disk.py"), disk, saved, out, small_class.root, str(free), *kept],
            cwd="/", check=True, timeout=300, env={**os.environ, "COLUMNS": "200", "PWD": "/"},
        )  # fmt: skip
        return json.loads((out / "told.json").read_text()), out

    return run


def plainly(told: dict[str, Any]) -> str:
    """What was said to the instructor: one sentence or two, and no internals."""
    assert "Traceback" not in told["err"] + told["out"], told
    assert "Errno" not in told["err"], told
    return told["err"]


def undisturbed(small_class: Any) -> dict:
    """The gradebook as a run on a roomy disk leaves it."""
    done = small_class.casework()
    assert done.returncode == 0, done.stderr
    return whole_book(small_class.root)


def check_nothing_is_half_done(root: Path) -> None:
    """Who has a graded notebook has marks; what is hidden is complete or counts as not graded."""
    for student in PEOPLE:
        shown = root / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        if shown.exists():
            json.loads(shown.read_text())
            assert student in whole_book(root)


@pytest.mark.slow
@pytest.mark.parametrize("free", [0, 20 * KB, 48 * KB, 400 * KB])
def test_the_class_is_on_a_disk_that_fills_up(small_class, on_small_disk, free):
    root = small_class.root
    (first, second), out = on_small_disk(root, free, root)
    said = plainly(first)
    if free < 400 * KB:
        assert first["status"] == 1, first
        assert str(root) in said or "gradebook" in said, said
        assert "room" in said, said
    check_nothing_is_half_done(out / "full" / root.name)
    assert second["status"] == 0, second
    assert not hidden(out / "roomy" / root.name)
    wanted = undisturbed(small_class)
    assert whole_book(out / "roomy" / root.name) == wanted
    assert folders(out / "roomy" / root.name) == folders(root)


@pytest.mark.slow
@pytest.mark.parametrize("free", [0, 8 * KB, 40 * KB])
def test_only_the_gradebook_is_on_a_disk_that_fills_up(small_class, on_small_disk, tmp_path, free):
    root, other = small_class.root, tmp_path / "marks"
    other.mkdir()
    shutil.move(root / "gradebook.db", other / "gradebook.db")
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = 'sqlite:///{other}/gradebook.db'\n")
    (first, second), out = on_small_disk(other, free, other, root)
    said = plainly(first)
    if first["status"]:
        assert "gradebook" in said and "room" in said, said
    assert second["status"] == 0, second
    assert not hidden(out / "roomy" / root.name)
    shutil.rmtree(root / "autograded")  # the class itself lies on the roomy disk
    done = small_class.casework("--force")
    assert done.returncode == 0, done.stderr
    assert whole_book(out / "roomy" / other.name) == whole_book(other)


@pytest.mark.slow
def test_a_class_that_cannot_be_written_is_refused_and_stays_as_it_is(small_class):
    small_class.hand_in("ada", small_class.answer())
    root = small_class.root
    before = folders(root)
    done = subprocess.run(
        [BWRAP, "--dev-bind", "/", "/", "--ro-bind", root, root, "--",
         Path(sys.executable).with_name("casework"), "grade", ASSIGNMENT],
        cwd=root, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert str(root) in done.stderr and "make sure that you may" in done.stderr
    assert folders(root) == before


@pytest.mark.slow
def test_a_gradebook_that_cannot_be_written_is_named_and_nothing_is_shown_as_graded(small_class):
    small_class.hand_in("ada", small_class.answer())
    root = small_class.root
    book = root / "gradebook.db"
    done = subprocess.run(
        [BWRAP, "--dev-bind", "/", "/", "--ro-bind", book, book, "--",
         Path(sys.executable).with_name("casework"), "grade", ASSIGNMENT],
        cwd=root, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert "gradebook" in done.stderr
    assert not (root / "autograded" / "ada" / ASSIGNMENT).exists()
    assert small_class.casework().returncode == 0
    assert small_class.points("ada") == {"sum": 2}
