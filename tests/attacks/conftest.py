"""One class for all attacks, with one warm sandbox: they are graded one after the other, as in a real run."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from scene import Scene


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The class to be attacked."""
    environment = dict(os.environ)
    # A new gradebook is made with the `alembic` of this environment, activated or not.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    made = Scene(tmp_path_factory.mktemp("scene"))
    yield made
    made.close()
    os.environ.clear()
    os.environ.update(environment)
