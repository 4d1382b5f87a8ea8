"""A server that refuses, goes away or is shared: one sentence without a secret, and nothing lost."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from database_server import PASSWORD, USER
from test_postgresql import whole_book

from autograder import cli, gradebook, postgresql
from autograder.refused import refused

STUDENTS = ("ada", "bruno", "chen", "dora", "emil")
GRADED = "select count(distinct notebook_id) from grade where auto_score is not null"


def hand_in_slowly(course) -> None:
    """A class whose every notebook takes a second, so that something can happen meanwhile."""
    right = course.answers("right_pandas")
    first = next(cell for cell in right.cells if cell.cell_type == "code")
    first.source += "\nimport time\ntime.sleep(1)"
    for student in STUDENTS:
        course.hand_in(student, json.loads(json.dumps(right)))


def begin(course) -> subprocess.Popen[str]:
    """Start `casework grade` and come back while it works."""
    program = str(Path(sys.executable).with_name("casework"))
    return subprocess.Popen(
        [program, "grade", "crypto-1"],
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(server, course, question: str, least: int = 1) -> None:
    """Wait until the database answers a question with a number that is large enough."""
    end = time.monotonic() + 60
    name = course.url.rpartition("/")[2]
    while int(server.sql(question, name)[0]) < least:
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def secret_free(*texts: str) -> bool:
    return not any(part in "".join(texts) for part in (PASSWORD, "s3cret", "%40gr", "gr%25ader"))


@pytest.fixture(scope="module")
def undisturbed(new_class):
    """What the gradebook says after a run in which nothing happened."""
    course = new_class()
    hand_in_slowly(course)
    assert course.casework().returncode == 0
    return whole_book(course)


@pytest.mark.slow
def test_a_server_that_dies_half_way_is_one_sentence_and_costs_no_mark(
    new_class_on_server, server, undisturbed
):
    course = new_class_on_server()
    hand_in_slowly(course)
    run = begin(course)
    wait_for(server, course, GRADED, 2)
    server.stop("immediate")
    out, err = run.communicate(timeout=120)
    assert run.returncode == 1
    assert err.count("\n") == 1 and "Traceback" not in out + err
    assert "cannot be used" in err and "database server runs" in err
    assert secret_free(out, err)
    server.start()
    kept = whole_book(course)
    assert len(kept) >= 2
    for student, marks in kept.items():
        assert marks == undisturbed[student]
    again = course.casework("--resume")
    assert again.returncode == 0, again.stderr
    assert len([name for name in STUDENTS if name in again.stdout]) < len(STUDENTS)
    assert whole_book(course) == undisturbed


@pytest.mark.slow
def test_a_connection_that_is_cut_is_made_again_and_nobody_notices(
    new_class_on_server, server, undisturbed
):
    course = new_class_on_server()
    name = course.url.rpartition("/")[2]
    hand_in_slowly(course)
    lock = f"begin; lock table grade in exclusive mode; select pg_sleep(60) /* {name} */"
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    run = begin(course)
    wait_for(server, course, GRADED)
    holder = server.session(lock, name)
    wait_for(server, course, waiting)
    # In the middle of a transaction, then all of them, used or not.
    cut = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    server.sql(f"{cut} and wait_event_type = 'Lock'")
    server.sql(cut)
    holder.wait(30)
    out, err = run.communicate(timeout=120)
    assert (run.returncode, err) == (0, "")
    assert "Traceback" not in out
    assert whole_book(course) == undisturbed


@pytest.mark.slow
def test_two_graders_with_one_gradebook_do_no_harm_to_each_other(
    new_class_on_server, new_class, undisturbed
):
    one, other = new_class_on_server(), new_class()
    settings = f"c.CourseDirectory.db_url = {one.url!r}\n"
    with (other.root / "nbgrader_config.py").open("a") as file:
        file.write(settings)
    for course in (one, other):
        hand_in_slowly(course)
    runs = [begin(one), begin(other)]
    for run in runs:
        out, err = run.communicate(timeout=180)
        assert (run.returncode, err) == (0, ""), out
    assert whole_book(one) == undisturbed


@pytest.mark.slow
def test_a_table_that_another_holds_is_named_after_a_while(
    new_class_on_server, server, monkeypatch, capsys
):
    course = new_class_on_server()
    course.hand_in("ada", course.answers("blank"))
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 1)
    monkeypatch.setattr(gradebook, "PAUSES", (0.1,))
    name = course.url.rpartition("/")[2]
    lock = "begin; lock table grade in access exclusive mode; select pg_sleep(60)"
    holder = server.session(lock, name)
    wait_for(server, course, "select count(*) from pg_locks where mode = 'AccessExclusiveLock'")
    assert cli.main(["grade", "crypto-1", "--course", str(course.root)]) == 1
    holder.terminate()
    said = capsys.readouterr().err
    assert "lock timeout" in said and "Another program holds it" in said
    assert said.count("\n") == 1


@pytest.mark.slow
def test_one_name_that_does_not_fit_costs_nobody_else_a_mark(new_class_on_server):
    course = new_class_on_server()
    for student in ("a" * 200, "bruno"):
        course.hand_in(student, course.answers("right_pandas"))
    done = course.casework()
    assert done.returncode == 1
    assert "too long" in done.stdout
    assert "1 could not be graded" in done.stderr and "Traceback" not in done.stdout + done.stderr
    assert list(whole_book(course)) == ["bruno"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("wrong password", 'password authentication failed for user "grader"'),
        ("no such database", 'database "nowhere" does not exist'),
        ("nobody listens", "Connection refused"),
        ("no such host", "on no-such-host.example"),
        ("unwritten sign", "on no-such-host.example"),
        ("no driver", "postgresql+pg8000://"),
        ("no address", "not the address of a database"),
        ("read-only", "read-only transaction"),
        ("no right", "permission denied"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_in_one_sentence_without_its_password(
    new_class_on_server, server, change, said
):
    course = new_class_on_server()
    course.hand_in("ada", course.answers("blank"))
    name = course.url.rpartition("/")[2]
    url = course.url
    match change:
        case "wrong password":
            url = server.url(name, "s3cret-but-another")
        case "no such database":
            url = server.url("nowhere")
        case "nobody listens":
            url = server.url(name, port=1)
        case "no such host":
            url = url.replace("127.0.0.1", "no-such-host.example")
        case "unwritten sign":
            url = f"postgresql+pg8000://{USER}:half@s3cret@no-such-host.example/{name}"
        case "no driver":
            url = url.replace("+pg8000", "")
        case "no address":
            url = url.replace("127.0.0.1:", "127.0.0.1:s3cret")
        case "read-only":
            server.sql(f"alter database {name} set default_transaction_read_only = on")
        case "no right":
            server.sql(
                f"create role reader{server.port} login password 's3cret'; "
                f"grant select on all tables in schema public to reader{server.port}",
                name,
            )
            url = f"postgresql+pg8000://reader{server.port}:s3cret@127.0.0.1:{server.port}/{name}"
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"c.CourseDirectory.db_url = {url!r}\n")
    done = course.casework()
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stdout + done.stderr
    assert secret_free(done.stdout, done.stderr)
    assert not (course.root / "autograded").exists()


def test_a_password_in_the_words_of_a_driver_is_covered():
    sentence = str(refused("postgresql+pg8000://u:opensesame@h/d", ValueError("got opensesame")))
    assert "opensesame" not in sentence and "'d' on h" in sentence
