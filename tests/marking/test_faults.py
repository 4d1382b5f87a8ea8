"""Whatever ends a run of `casework grade`, it can be run again, and the marks are as if nothing had been."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from whole import ASSIGNMENT, folders, hidden, whole_book

from autograder.course import nbgrader_config

ANSWERS = {
    "ada": "def total(numbers):\n    return sum(numbers)\n",
    "bruno": "def total(numbers):\n    return 3\n",
    "chen": "import os\n\nos._exit(0)\n",
    "dora": "print('x' * 5000)\n\n\ndef total(numbers):\n    return sum(numbers)\n",
    "emil": "def total(numbers):\n",
}
KILLS = 50


@pytest.fixture
def school(small_class, tmp_path):
    """A small class in which five have handed in; its world has a name that no other process has."""
    for place in ("world", "truth"):
        (tmp_path / place).mkdir()
    root = small_class.root
    (root / "nbgrader_config.py").write_text(
        nbgrader_config(
            root,
            root / "exchange",
            world=tmp_path / "world",
            truth=tmp_path / "truth",
            exercises=small_class.exercise.parent,
        )
    )
    for student, source in ANSWERS.items():
        small_class.hand_in(student, small_class.answer(source))
    (root / "submitted" / "emil" / ASSIGNMENT / "extra.txt").write_text("set me aside")
    return small_class


class Driver:
    """A process that forks one that grades, as often as asked."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("forked_driver.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "ready\n"

    def start(self, *arguments: str) -> int:
        """Start a run; its process id."""
        self.process.stdin.write(json.dumps(["grade", ASSIGNMENT, *arguments]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self) -> int:
        """Wait for the run to end; its status, negative for a signal."""
        return int(self.process.stdout.readline())


@pytest.fixture
def forked() -> Iterator[Driver]:
    made = Driver()
    yield made
    made.process.stdin.close()
    made.process.wait(30)


def still_alive(root: Path) -> list[str]:
    """Processes that were started for this class, by the name of its world."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(root.parent / "world") in (path / "environ").read_bytes():
                found.append(path.name)
        except OSError:
            continue
    return found


def wait_until_nothing_lives(root: Path) -> None:
    deadline = time.monotonic() + 5
    while still_alive(root):
        assert time.monotonic() < deadline, still_alive(root)
        time.sleep(0.02)


def finished(root: Path) -> int:
    return len(list((root / "autograded").glob(f"*/{ASSIGNMENT}")))


def moment(chance: random.Random, root: Path, whole: float) -> None:
    """Wait for a moment worth dying at: any, while it starts, or while something is being written."""
    kind = chance.choice(["any", "start", "write", "write"])
    if kind != "write":
        time.sleep(chance.uniform(0, whole if kind == "any" else whole / 2))
        return
    count, end = chance.randrange(len(ANSWERS)), time.monotonic() + 2 * whole
    seen: set[str] = set()
    while len(seen) <= count and time.monotonic() < end:
        seen |= {str(path) for path in (root / "autograded").glob("*/.*")}
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.06))


@pytest.mark.slow
def test_killed_at_fifty_random_moments_and_run_again_the_marks_are_the_same(
    school, forked, tmp_path
):
    chance = random.Random(20261124)
    fresh, calm = tmp_path / "fresh", school.root
    shutil.copytree(calm, fresh)
    started = time.monotonic()
    forked.start("--course", str(calm))
    assert forked.wait() == 0
    whole = time.monotonic() - started
    right, files = whole_book(calm), folders(calm)
    assert right["ada"][1] == 2 and right["rows"]["submitted_assignment"] == len(ANSWERS)

    # The same place again, so that nothing in the files can differ by where they lie.
    kills = survived = again = 0
    shutil.rmtree(calm)
    shutil.copytree(fresh, calm)
    while kills < KILLS:
        force = ["--force"] if again and finished(calm) == len(ANSWERS) and not hidden(calm) else []
        pid = forked.start("--course", str(calm), *force)
        moment(chance, calm, whole)
        kill = chance.choice([os.kill, os.killpg])
        with contextlib.suppress(ProcessLookupError):  # it was quicker
            kill(pid, signal.SIGKILL)
        status = forked.wait()
        wait_until_nothing_lives(calm)
        if status == -signal.SIGKILL:
            kills += 1
            continue
        assert status == 0
        survived += 1
        assert whole_book(calm) == right
        assert folders(calm) == files
        assert hidden(calm) == []
        # Now on marks that are there already; after that, on an empty gradebook once more.
        again = not again
        if not again:
            shutil.rmtree(calm)
            shutil.copytree(fresh, calm)
    forked.start("--course", str(calm), "--resume")
    assert forked.wait() == 0
    assert whole_book(calm) == right
    assert folders(calm) == files
    assert hidden(calm) == []
    assert still_alive(calm) == []
