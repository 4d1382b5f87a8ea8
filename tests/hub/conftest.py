"""One real hub for all tests of this room: started once, stopped at the end."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from hub_driver import Person, RunningHub


@pytest.fixture(scope="session")
def hub(tmp_path_factory) -> Iterator[RunningHub]:
    running = RunningHub(tmp_path_factory.mktemp("hub") / "class", ("--no-book",))
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def ada(hub: RunningHub) -> Person:
    return Person(hub, "ada").start_server()


@pytest.fixture(scope="session")
def instructor(hub: RunningHub) -> Person:
    return Person(hub, "instructor").start_server()
