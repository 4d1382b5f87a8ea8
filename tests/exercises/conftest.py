"""One course folder with every exercise, built once and read by all tests here."""

from pathlib import Path

import matplotlib
import pytest

from autograder.authoring import build_course

matplotlib.use("Agg")
REPO = Path(__file__).parents[2]
EXERCISES = sorted(path.parent for path in (REPO / "exercises").glob("*/questions.yml"))


@pytest.fixture(scope="session", params=EXERCISES, ids=lambda path: path.name)
def exercise(request: pytest.FixtureRequest) -> Path:
    """The folder of an exercise."""
    return request.param


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder in which every exercise is built and released."""
    folder = tmp_path_factory.mktemp("course")
    build_course(folder, EXERCISES)
    return folder


@pytest.fixture(scope="session")
def release(course: Path, exercise: Path) -> Path:
    """What trainees get."""
    return course / "release" / exercise.name / f"{exercise.name}.ipynb"
