"""Whatever this machine lacks is said in one line, with the remedy, and without a traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hub_driver import HOUSE

from hub.machine import MachineError, check_place, check_port, check_python, check_system

OLD_PYTHONS = [
    *sorted(Path.home().glob(".pyenv/versions/3.10.*/bin/python")),
    Path("/usr/bin/python3.10"),
    Path("/usr/bin/python3.9"),
]


def run_hub(command: list[str], **more) -> subprocess.CompletedProcess:
    return subprocess.run(
        command, cwd=HOUSE, capture_output=True, text=True, timeout=120, check=False, **more
    )


def test_a_taken_port_gets_one_line_that_names_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "hub", "--port", str(port)]
        answer = run_hub([*command, "--class-folder", str(tmp_path)])
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert f"Port {port} on 127.0.0.1 is taken" in answer.stderr
    assert "make run PORT=" in answer.stderr


def test_a_machine_without_user_namespaces_gets_one_line_with_the_remedy(tmp_path: Path) -> None:
    hub = f"exec {sys.executable} -m hub --port 0 --class-folder {tmp_path}"
    forbid = "echo 0 > /proc/sys/user/max_user_namespaces && "
    unshare = ["unshare", "--user", "--map-root-user", "sh", "-c"]
    if run_hub([*unshare, forbid + "true"]).returncode:
        pytest.skip("this machine does not let us take user namespaces away")
    answer = run_hub([*unshare, forbid + hub])
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "user namespaces" in answer.stderr
    assert "sysctl -w user.max_user_namespaces" in answer.stderr


def test_an_old_python_gets_one_line_that_names_the_right_ones() -> None:
    old = next((python for python in OLD_PYTHONS if os.access(python, os.X_OK)), None)
    if old is None:
        pytest.skip("there is no old Python here to try")
    answer = run_hub([str(old), "-m", "hub"])
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "needs Python 3.11, 3.12 or 3.13" in answer.stderr


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_these_pythons_will_do(version: tuple[int, int]) -> None:
    check_python(version)


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14)])
def test_these_pythons_will_not(version: tuple[int, int]) -> None:
    with pytest.raises(MachineError, match="needs Python"):
        check_python(version)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_are_told_what_works_there(platform: str) -> None:
    with pytest.raises(MachineError, match=r"needs Linux.*WSL"):
        check_system(platform)


def test_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(MachineError):
        check_port("127.0.0.1", 70000)


def test_the_course_may_not_lie_where_every_sandbox_can_read() -> None:
    check_place(Path("/home/someone/casework"))
    with pytest.raises(MachineError, match="/usr"):
        check_place(Path("/usr/local/src/casework"))
