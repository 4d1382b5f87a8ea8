"""Many submissions at a time: nobody waits for the slow, nobody pays for another, all can be stopped."""

import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from autograder import driver
from autograder.course import open_course
from autograder.driver import grade_class, submissions
from autograder.pool import SandboxPool

ASSIGNMENT = "crypto-1"
SLEEPS = "import time\n\ntime.sleep({})\n\n\ndef total(numbers):\n    return sum(numbers)\n"
WRONG = "def total(numbers):\n    return 3\n"


def hand_in(course, sources: dict[str, str]) -> None:
    for student, source in sources.items():
        course.hand_in(student, course.answer(source))


def family(pid: int) -> set[int]:
    """The processes that descend from one, without itself."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                new = set(map(int, task.read_text().split())) - found
            except OSError:
                continue
            found |= new
            waiting += new
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}/exe").exists()}


def parents(sandbox) -> list[subprocess.Popen]:
    return [sandbox._trainees._process, sandbox._judges._process]


@pytest.mark.slow
def test_several_at_a_time_give_what_one_at_a_time_gives(small_class):
    course = small_class
    sources = {f"t{n:02d}": (WRONG if n % 3 == 0 else SLEEPS.format(0.01)) for n in range(12)}
    hand_in(course, sources)
    assert course.casework("--workers", "1").returncode == 0
    alone = course.book()
    done = course.casework("--workers", "5", "--force")
    assert done.returncode == 0, done.stderr
    assert course.book() == alone
    assert {student: course.points(student)["sum"] for student in sources} == {
        student: 0 if source == WRONG else 2 for student, source in sources.items()
    }
    rows = re.findall(r"t\d\d", done.stdout)
    assert rows == sorted(sources)


@pytest.mark.slow
def test_who_is_done_first_is_told_first_and_slow_ones_hold_up_nobody(small_class):
    course = small_class
    hand_in(course, {"a-slow": SLEEPS.format(6)} | {f"b{n}": WRONG for n in range(6)})
    klass = open_course(course.root)
    # With one place only: who sleeps lends it.
    told = [r.student for r in grade_class(klass, ASSIGNMENT, submissions(klass, ASSIGNMENT), 1)]
    assert told[-1] == "a-slow"
    assert course.points("a-slow") == {"sum": 2}


@pytest.mark.slow
def test_ctrl_c_stops_at_once_says_how_many_are_done_and_leaves_nothing_running(small_class):
    course = small_class
    hand_in(course, {"ada": WRONG} | {f"s{n}": SLEEPS.format(25) for n in range(5)})
    run = course.start_casework("--workers", "3")
    deadline = time.monotonic() + 60
    while not (course.root / "autograded" / "ada" / ASSIGNMENT).exists():
        assert time.monotonic() < deadline and run.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    relatives = family(run.pid)
    assert relatives
    run.send_signal(signal.SIGINT)
    pressed = time.monotonic()
    said = run.communicate(timeout=30)[1]
    assert time.monotonic() - pressed < 2
    assert run.returncode == 130
    assert (
        said == "casework: Stopped. 1 submission is done in this run; run it again for the rest.\n"
    )
    assert alive(relatives) == set()
    assert set(course.book()) == {"ada"}
    assert not list(course.root.glob("autograded/*/.*"))


@pytest.mark.slow
def test_ctrl_c_while_it_starts_is_told_in_one_line(small_class):
    course = small_class
    hand_in(course, {"ada": WRONG})
    run = course.start_casework()
    while "pyarrow" not in Path(f"/proc/{run.pid}/maps").read_text():
        assert run.poll() is None
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    said = run.communicate(timeout=30)[1]
    assert (run.returncode, said.count("\n")) == (130, 1)
    assert "0 submissions are done" in said


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1])
def test_when_a_warm_parent_dies_everybody_in_it_is_tried_again(small_class, monkeypatch, which):
    course = small_class
    hand_in(course, {f"t{n}": SLEEPS.format(0.6) for n in range(9)})
    klass, pools = open_course(course.root), []
    monkeypatch.setattr(
        driver, "SandboxPool", lambda make: pools.append(SandboxPool(make)) or pools[-1]
    )
    results = []
    for result in grade_class(klass, ASSIGNMENT, submissions(klass, ASSIGNMENT), 3):
        results.append(result)
        if len(results) == 2:
            parents(pools[0]._current.sandbox)[which].kill()
    assert [(r.points, r.problem) for r in results] == [(2, "")] * 9
    assert {course.points(f"t{n}")["sum"] for n in range(9)} == {2}


@pytest.mark.slow
def test_who_brings_its_sandbox_down_twice_is_told_so_and_nobody_else_is(small_class, monkeypatch):
    course = small_class
    hand_in(course, {f"t{n}": SLEEPS.format(0.6) for n in range(8)})
    klass, real = open_course(course.root), driver.grade_submission

    def deadly(path, master, sandbox, environment, when_idle):
        if path.parts[-3] == "t3":
            threading.Timer(0.3, lambda: parents(sandbox)[0].kill()).start()
        return real(path, master, sandbox, environment, when_idle)

    monkeypatch.setattr(driver, "grade_submission", deadly)
    told = {r.student: r for r in grade_class(klass, ASSIGNMENT, submissions(klass, ASSIGNMENT), 3)}
    assert "ended twice" in told.pop("t3").problem
    assert {(r.points, r.problem) for r in told.values()} == {(2, "")}
    assert sorted(course.book()) == sorted(told)


@pytest.mark.slow
def test_fresh_parents_come_after_a_number_of_children_and_disturb_nobody(small_class, monkeypatch):
    course = small_class
    hand_in(course, {"a": SLEEPS.format(8)} | {f"t{n:02d}": WRONG for n in range(14)})
    klass, made = open_course(course.root), []
    new = klass.new_sandbox
    monkeypatch.setattr(klass, "new_sandbox", lambda: made.append(new()) or made[-1])
    monkeypatch.setattr(driver, "SandboxPool", lambda make: SandboxPool(make, children=5))
    results = list(grade_class(klass, ASSIGNMENT, submissions(klass, ASSIGNMENT), 2))
    assert len(made) == 3
    assert {r.student: r.points for r in results} == {
        r.student: 2 if r.student == "a" else 0 for r in results
    }
    assert all(process is None for sandbox in made for process in parents(sandbox))


def test_a_number_of_workers_that_is_none_is_refused(capsys):
    from autograder import cli

    for wrong in ("0", "-1", "two"):
        with pytest.raises(SystemExit) as stopped:
            cli.main(["grade", ASSIGNMENT, "--workers", wrong])
        assert stopped.value.code == 2
        assert "is not a whole number from 1 on" in capsys.readouterr().err
