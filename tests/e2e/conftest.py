"""A real hub for a real browser."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "hub")]
from hub_driver import RunningHub  # noqa: E402 - found in the folder just named


@pytest.fixture(scope="session")
def hub(tmp_path_factory) -> Iterator[RunningHub]:
    running = RunningHub(tmp_path_factory.mktemp("browser") / "class", ("--no-book",))
    try:
        yield running.start()
    finally:
        running.stop()
