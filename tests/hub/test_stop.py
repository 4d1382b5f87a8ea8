"""However the hub is stopped, nothing that it started goes on."""

import signal
import time
from pathlib import Path

import psutil
import pytest
from hub_driver import Person, RunningHub

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running(tmp_path: Path, how: signal.Signals) -> None:
    hub = RunningHub(tmp_path / "class", ("--no-book",)).start()
    try:
        ada = Person(hub, "ada").start_server()
        assert ada.call("POST", "api/kernels", json={"name": "python3"}).status_code == 201
        family = hub.family()
        names = " ".join(" ".join(each.cmdline()) for each in family)
        for part in ("-m hub --port", "hub.proxy", "hub.book", "jupyterhub.singleuser"):
            assert part in names
        assert "ipykernel" in names
    finally:
        status = hub.stop(how)
    _, left = psutil.wait_procs(family, timeout=20)
    assert [each.cmdline() for each in left if each.status() != psutil.STATUS_ZOMBIE] == []
    if how != signal.SIGKILL:
        assert status == 0


def test_a_second_hub_for_the_same_class_is_told_of_the_first(tmp_path: Path) -> None:
    first = RunningHub(tmp_path / "class", ("--no-book",)).start()
    try:
        with pytest.raises(AssertionError, match=f"already running .* {first.process.pid}"):
            RunningHub(tmp_path / "class", ("--no-book",)).start()
    finally:
        first.stop()


def test_a_hub_that_starts_again_keeps_the_class_and_changes_the_passwords(tmp_path: Path) -> None:
    first = RunningHub(tmp_path / "class", ("--no-book",)).start()
    first.stop()
    key = (tmp_path / "class" / "secret.key").read_text()
    began = time.monotonic()
    second = RunningHub(tmp_path / "class", ("--no-book",)).start()
    try:
        assert "unchanged" in "".join(second.lines)
        assert time.monotonic() - began < 60
        assert (tmp_path / "class" / "secret.key").read_text() == key
        assert (tmp_path / "class" / "secret.key").stat().st_mode & 0o777 == 0o600
        assert not set(first.passwords.values()) & set(second.passwords.values())
        everything = (path for path in (tmp_path / "class").rglob("*") if path.is_file())
        written = b"".join(path.read_bytes() for path in everything)
        assert not any(word.encode() in written for word in second.passwords.values())
    finally:
        second.stop()
