"""Grading on a real Dask cluster: the same marks as here, each once, whatever happens to whom."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dask_cluster import DaskCluster, wait_until
from distributed import Security

from autograder.cluster import ClusterError, _connect
from autograder.course import nbgrader_config

ASSIGNMENT = "crypto-1"
SLOW = "import time\n\ntime.sleep(1)\n\n\ndef total(numbers):\n    return sum(numbers)\n"
ANSWERS = {
    "ada": SLOW,
    "bruno": SLOW.replace("sum(numbers)", "3"),
    "chen": "import os\n\nos._exit(0)\n",
    "dora": f"print('x' * 5000)\n{SLOW}",
    "emil": "def total(numbers):\n",
    "fatou": SLOW,
    "goran": SLOW.replace("sum(numbers)", "sum(numbers) / 0"),
    "hana": SLOW,
}


def school(built, root: Path, students=tuple(ANSWERS), extra: str = ""):
    """A small class with a world of its own, by whose name its processes are found."""
    shutil.copytree(built.root, root)
    for place in ("world", "truth"):
        folder = root.parent / f"{root.name}-{place}"
        folder.mkdir()
        (folder / "facts.csv").write_text(place)
    text = nbgrader_config(
        root,
        root / "exchange",
        world=root.parent / f"{root.name}-world",
        truth=root.parent / f"{root.name}-truth",
        exercises=built.exercise.parent,
    )
    (root / "nbgrader_config.py").write_text(text + extra)
    made = replace(built, root=root)
    for student in students:
        made.hand_in(student, made.answer(ANSWERS[student]))
    return made


@pytest.fixture
def course(built_small, tmp_path):
    return school(built_small, tmp_path / "class")


@pytest.fixture
def cluster(tmp_path) -> Iterator[DaskCluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = DaskCluster(folder)
    made.start_scheduler()
    yield made
    made.close()
    wait_until(lambda: not alive(tmp_path / "class"), "the end of all sandboxes", 10)


def alive(root: Path) -> list[str]:
    """Sandboxes that were started for a class, by the name of its world."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(f"{root}-world") in (path / "environ").read_bytes():
                found.append(path.name)
        except OSError:
            continue
    return found


def sleeps(seconds: str) -> bool:
    """Whether a program sleeps for just so long."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.read_bytes() == f"sleep\0{seconds}\0".encode():
                return True
    return False


def outcome(course) -> dict:
    """All that a run leaves behind, but for how long it took."""
    return {
        student: (marks, course.comments(student), course.graded(student))
        for student, marks in course.book().items()
    }


def finished(course) -> int:
    return len(list((course.root / "autograded").glob(f"*/{ASSIGNMENT}")))


@pytest.fixture
def local(built_small, tmp_path) -> dict:
    """What a run on this machine leaves behind."""
    same = school(built_small, tmp_path / "local")
    done = same.casework()
    assert done.returncode == 0, done.stderr
    return outcome(same)


def ended(run: subprocess.Popen) -> tuple[int, str, str]:
    said, complained = run.communicate(timeout=180)
    assert "Traceback" not in said + complained, complained
    return run.returncode, " ".join(said.split()), complained


@pytest.mark.slow
def test_one_of_two_workers_is_killed_half_way_and_each_is_graded_once_as_on_one_machine(
    course, cluster, local
):
    workers = [cluster.start_worker(), cluster.start_worker()]
    run = course.start_casework("--dask", cluster.address)
    wait_until(lambda: finished(course) >= 2, "the first two")
    workers[0].send_signal(signal.SIGKILL)
    status, said, complained = ended(run)
    assert status == 0, complained
    assert "has gone" in said
    assert outcome(course) == local


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told_in_a_sentence(course):
    done = course.casework("--dask", "tcp://127.0.0.1:9")
    assert done.returncode == 1
    assert "The scheduler at tcp://127.0.0.1:9 cannot be reached" in done.stderr
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stdout
    assert course.book() == {}


@pytest.mark.parametrize("address", ["", "nonsense://somewhere", "tls://127.0.0.1:9"])
def test_an_address_that_is_none_is_told_in_a_sentence(address):
    with pytest.raises(ClusterError, match="cannot be reached"):
        _connect(address)


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match="pip install distributed"):
        _connect("tcp://127.0.0.1:9")


@pytest.mark.slow
def test_a_scheduler_that_dies_half_way_loses_nothing_and_the_rest_is_graded_later(
    course, cluster, local
):
    cluster.start_worker()
    run = course.start_casework("--dask", cluster.address)
    wait_until(lambda: finished(course) >= 2, "the first two")
    cluster.scheduler.kill()
    status, _, complained = ended(run)
    assert (status, complained.count("\n")) == (1, 1)
    assert "has gone" in complained and "stays graded" in complained
    before = finished(course)
    assert 2 <= before < len(ANSWERS) == len(local)
    assert len(course.book()) == before
    cluster.start_scheduler()
    cluster.start_worker()
    status, _, complained = ended(course.start_casework("--resume", "--dask", cluster.address))
    assert status == 0, complained
    assert outcome(course) == local


@pytest.mark.slow
def test_when_all_workers_have_gone_it_waits_says_so_and_goes_on_later(course, cluster, local):
    worker = cluster.start_worker()
    run = course.start_casework("--dask", cluster.address)
    wait_until(lambda: finished(course) >= 1, "the first")
    worker.kill()
    status, said, complained = ended(run)
    assert status == 1
    assert "No other is left" in said
    assert "has had no worker for" in complained and complained.count("\n") == 1
    assert 1 <= finished(course) < len(ANSWERS)
    cluster.start_worker()
    status, _, complained = ended(course.start_casework("--dask", cluster.address))
    assert status == 0, complained
    assert outcome(course) == local


@pytest.mark.slow
def test_a_worker_with_another_world_is_named_and_not_used(course, cluster, tmp_path):
    (tmp_path / "other").mkdir()
    cluster.start_worker(CASEWORK_WORLD=str(tmp_path / "other"))
    done = course.casework("--dask", cluster.address)
    assert done.returncode == 1
    assert "No worker of the cluster can grade this class" in done.stderr
    assert "another world" in done.stderr and "tcp://127.0.0.1" in done.stderr
    assert done.stderr.count("\n") == 1
    assert course.book() == {}
    cluster.start_worker()
    done = course.casework("--dask", cluster.address)
    assert done.returncode == 0, done.stderr
    assert "is not used: it has another world" in done.stdout.replace("\n", " ")
    assert finished(course) == len(ANSWERS)


@pytest.mark.slow
def test_a_worker_that_answers_nonsense_costs_one_clear_line_each_and_no_mark(
    built_small, cluster, tmp_path
):
    course = school(built_small, tmp_path / "class", ["ada", "emil"])
    (tmp_path / "hostile.py").write_text(
        "from autograder import cluster_worker\n\n\n"
        'def judge(data):\n    return b\'{"checks": [], "outputs": [], "notes": []}\'\n\n\n'
        "cluster_worker.judge = judge\n"
    )
    cluster.start_worker("--no-nanny", "--preload", str(tmp_path / "hostile.py"))
    done = course.casework("--dask", cluster.address)
    assert done.returncode == 1
    assert done.stdout.count("sent a reply that cannot be used") == 2
    assert "Traceback" not in done.stdout + done.stderr
    assert (course.book(), finished(course)) == ({}, 0)


@pytest.mark.slow
def test_a_submission_that_ends_its_workers_is_given_up_and_the_others_are_graded(
    built_small, cluster, tmp_path
):
    course = school(built_small, tmp_path / "class", ["ada", "bruno", "emil"])
    murder = (
        "import os, pathlib, signal\n\n"
        "parent = pathlib.Path(f'/proc/{os.getppid()}/stat').read_text()\n"
        "os.kill(int(parent.rpartition(')')[2].split()[1]), signal.SIGKILL)\n"
    )
    shutil.rmtree(course.root / "submitted" / "ada")
    course.hand_in("ada", course.answer(murder))
    cluster.start_worker("--nworkers", "1", "--nthreads", "1")  # with a nanny
    done = course.casework("--without-sandbox", "--dask", cluster.address)
    assert done.returncode == 1
    assert "3 workers of the cluster ended while they graded this submission" in done.stdout
    assert set(course.book()) == {"bruno", "emil"}
    assert "Graded without a sandbox" in course.graded("emil").cells[0].source
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_nothing_running_on_the_workers(
    built_small, cluster, tmp_path, how
):
    course = school(built_small, tmp_path / "class", ["ada"])
    shutil.rmtree(course.root / "submitted" / "ada")
    nap = f"25.{os.getpid()}"
    course.hand_in("ada", course.answer(f"import subprocess\n\nsubprocess.run(['sleep', '{nap}'])"))
    cluster.start_worker()
    run = course.start_casework("--dask", cluster.address)
    wait_until(lambda: sleeps(nap), "a notebook that runs")
    run.send_signal(how)
    status, _, _ = ended(run)
    assert status == (130 if how == signal.SIGINT else -how)
    wait_until(lambda: not sleeps(nap), "the end of what the notebook did", 15)
    wait_until(lambda: not alive(course.root), "the end of the sandbox", 15)
    assert cluster.workers[0].poll() is None


@pytest.mark.slow
def test_a_worker_that_closes_takes_its_sandbox_along(course, cluster):
    worker = cluster.start_worker()
    assert course.casework("--dask", cluster.address).returncode == 0
    assert alive(course.root)  # warm, for the next run
    worker.terminate()
    worker.wait(30)
    wait_until(lambda: not alive(course.root), "the end of the sandbox", 10)


@pytest.mark.slow
def test_a_real_exercise_gets_the_same_marks_messages_and_outputs(new_class, cluster):
    names = ("right_pandas", "blank", "fees_counts_the_coinbase")
    here, there = new_class(), new_class()
    for name in names:
        for course in (here, there):
            course.hand_in(name.replace("_", ""), course.answers(name))
    cluster.start_worker("--no-nanny", "--nthreads", "2")
    assert here.casework().returncode == 0
    done = there.casework("--dask", cluster.address)
    assert done.returncode == 0, done.stderr
    assert len(outcome(here)) == len(names)
    assert outcome(there) == outcome(here)


@pytest.mark.slow
def test_with_certificates_only_who_has_one_may_ask(built_small, tmp_path, monkeypatch):
    made = Security.temporary()
    pems = {"ca": made.tls_ca_file, "cert": made.tls_scheduler_cert, "key": made.tls_scheduler_key}
    for name, text in pems.items():
        (tmp_path / f"{name}.pem").write_text(text)
    ca, cert, key = (str(tmp_path / f"{name}.pem") for name in pems)
    course = school(built_small, tmp_path / "class", ["emil"])
    locked = DaskCluster(
        tmp_path, "--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key, protocol="tls"
    )
    try:
        locked.start_scheduler()
        locked.start_worker()
        assert locked.address.startswith("tls://")
        done = course.casework("--dask", locked.address)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "does it want certificates" in done.stderr
        monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", ca)
        monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT", cert)
        monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY", key)
        done = course.casework("--dask", locked.address)
        assert done.returncode == 0, done.stderr
        assert course.points("emil") == {"sum": 0}
    finally:
        locked.close()
