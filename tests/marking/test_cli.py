"""What `casework grade` says when it cannot do what was asked: one sentence, and an exit status."""

import sqlite3
import sys

import pytest

from autograder import cli


def test_a_folder_that_is_no_class_is_named(tmp_path, capsys):
    assert cli.main(["grade", "crypto-1", "--course", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path) in said.replace("\n", "")
    assert "is not a course folder" in said


def test_without_a_command_the_usage_is_shown(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main([])
    assert stopped.value.code == 2
    assert "grade" in capsys.readouterr().err


def test_elsewhere_than_on_linux_it_refuses_and_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cli.main(["grade", "crypto-1"]) == 1
    assert "Grading needs Linux" in capsys.readouterr().err


@pytest.mark.slow
def test_unknown_names_and_an_empty_class_are_told(new_class):
    course = new_class()
    done = course.casework()
    assert (done.returncode, "Nothing to grade" in done.stdout) == (0, True)
    course.hand_in("ada", course.answers("blank"))
    done = course.casework("--student", "zoe")
    assert done.returncode == 1
    assert "no submission of crypto-1 by zoe" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_where_the_kernel_gives_no_namespaces_it_says_so_and_grades_nothing(new_class):
    course = new_class()
    course.hand_in("ada", course.answers("right_pandas"))
    done = course.without_namespaces()
    assert done.returncode == 1
    assert "user namespaces" in done.stderr
    assert "Traceback" not in done.stderr
    assert course.book() == {}


@pytest.mark.slow
def test_a_gradebook_that_cannot_be_used_is_named(new_class):
    course = new_class()
    course.hand_in("ada", course.answers("blank"))
    (course.root / "gradebook.db").write_bytes(b"no database " * 100)
    done = course.casework()
    assert done.returncode == 1
    assert "gradebook.db cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
    (course.root / "gradebook.db").unlink()
    done = course.casework()
    assert done.returncode == 1
    assert "does not know crypto-1" in done.stderr


@pytest.mark.slow
def test_one_that_cannot_be_written_is_named_and_the_others_are_graded(new_class):
    course = new_class()
    course.hand_in("ada", course.answers("right_pandas"))
    course.hand_in("bruno", course.answers("right_pandas"))
    blocked = course.root / "autograded"
    blocked.mkdir()
    (blocked / "ada").write_text("a file where a folder should be")
    done = course.casework()
    assert done.returncode == 1
    assert "ada" in done.stderr and "could not be graded" in done.stderr
    assert "Traceback" not in done.stderr
    assert sum(course.points("bruno").values()) == 16


@pytest.mark.slow
@pytest.mark.parametrize("door", ["casework", "nbgrader"])
def test_a_late_submission_is_fined_as_the_class_is_configured(new_class, door):
    from nbgrader.api import Gradebook

    course = new_class(patience="c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "crossborder") as gradebook:
        gradebook.update_or_create_assignment("crypto-1", duedate="2026-11-19 10:00:00 UTC")
    course.hand_in("ada", course.answers("right_pandas"))
    done = course.casework() if door == "casework" else course.nbgrader("autograde", "crypto-1")
    assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "crossborder") as gradebook:
        submission = gradebook.find_submission("crypto-1", "ada")
        assert submission.score == 16
        assert submission.notebooks[0].late_submission_penalty == 16


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("sqlite:///file:{root}/gradebook.db?mode=ro&uri=true", "readonly"),
        ("sqlite:///{root}/gradebook.db?timeout=0.2", "locked"),
    ],
)
def test_a_gradebook_that_takes_nothing_is_told_in_one_line_and_nothing_is_lost(
    new_class, address, reason
):
    course = new_class()
    course.hand_in("ada", course.answers("right_pandas"))
    settings = course.root / "nbgrader_config.py"
    usual = settings.read_text()
    settings.write_text(
        usual + f"c.CourseDirectory.db_url = {address.format(root=course.root)!r}\n"
    )
    holder = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    if reason == "locked":
        holder.execute("BEGIN EXCLUSIVE")
    done = course.casework()
    holder.close()
    assert done.returncode == 1
    assert reason in done.stderr and "gradebook.db" in done.stderr
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stdout
    assert course.book() == {}
    settings.write_text(usual)
    assert course.casework("--resume").returncode == 0
    assert sum(course.points("ada").values()) == 16
