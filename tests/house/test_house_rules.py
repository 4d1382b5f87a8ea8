"""The rules of the house that a machine can check."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FLOORS = {
    "hub": 4,
    "autograder": 3,
    "world": 2,
    "casework": 2,
    "cbrn": 1,
    "cointrace": 1,
    "osint": 1,
    "evidence": 1,
}
MAY_USE = {
    # On one floor rooms know nothing of each other.
    "hub": {"autograder", "world", "casework"},
    "autograder": {"casework", "cointrace", "cbrn", "osint", "evidence"},
    "world": {"cointrace", "cbrn", "osint", "evidence"},
    "casework": {"cointrace", "cbrn", "osint", "evidence"},
}


def tracked(house: Path, *patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=house,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [house / name for name in listed.split("\0") if name and (house / name).is_file()]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", FLOORS)
def test_an_import_never_goes_up_a_floor(house, room):
    folder = house / room if (house / room).is_dir() else house / "modules" / room
    files = list(folder.rglob("*.py"))
    assert files
    for path in files:
        used = imports(path) & set(FLOORS) - {room}
        assert used <= MAY_USE.get(room, set()), f"{path.relative_to(house)} imports {used}"


def test_exercises_and_chapters_import_only_what_a_trainee_has(house):
    for path in tracked(house, "exercises/*.py"):
        assert not imports(path) & {"world", "autograder", "hub"}, path
    for path in tracked(house, "book/*.md"):
        assert not re.search(r"(?m)^\s*(import|from) (world|autograder|hub)\b", path.read_text()), (
            path
        )


def test_every_room_says_what_it_is_for(house):
    for folder in [*(house / "modules").iterdir(), house / "autograder", house / "hub"]:
        if folder.name.startswith((".", "__")) or not folder.is_dir():
            continue
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder
    for name in ["book", "exercises", "data", "hub", "benchmarks"]:
        assert (house / name / "README.md").is_file(), f"{name}/README.md is missing"


def test_no_python_file_is_longer_than_four_hundred_lines(house):
    for path in tracked(house, "*.py"):
        assert len(path.read_text().splitlines()) <= 400, path


def test_no_machine_path_no_registry_address_and_no_generated_notebook_is_in_the_tree(house):
    registry = "/".join(["", "simple", ""])  # in parts, or this file would hold what it looks for
    hostile = re.compile(rf"(?<![A-Za-z0-9_.$}}])/(root|work)/|{registry}|index-url\s*[=:]")
    for path in tracked(house):
        assert path.suffix != ".ipynb", path
        if path.suffix in {".dat", ".png", ".gz", ".woff2"} or path == Path(__file__):
            continue
        found = hostile.search(path.read_text(errors="replace"))
        assert not found, f"{path.relative_to(house)}: {found[0]}"


def test_ruff_finds_nothing_to_mend(house):
    for command in (["check", "."], ["format", "--check", "."]):
        ruff = subprocess.run(
            [sys.executable, "-m", "ruff", *command], cwd=house, capture_output=True, text=True
        )
        assert ruff.returncode == 0, ruff.stdout[-2000:]


def test_make_alone_lists_each_target_in_one_line(house):
    # These tests may themselves be run by make, which would tell its child to say more.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(
        ["make"], cwd=house, env=alone, capture_output=True, text=True, check=True
    ).stdout
    for target in ("run", "test", "env", "book"):
        assert re.search(rf"(?m)^  make {target} +\S", shown)
    assert all(line.startswith("  make ") for line in shown.splitlines())


def test_ci_calls_the_readme_s_test_command(house):
    assert (house / ".ci" / "run").read_text().strip().endswith("exec make test")
    assert "make test" in (house / "README.md").read_text()
    assert "make run" in (house / "README.md").read_text()
