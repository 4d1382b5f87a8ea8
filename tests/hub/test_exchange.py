"""Submissions and feedback travel only between a trainee and the instructor."""

import os
import sys
from pathlib import Path

import pytest
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from hub.exchange import CollectFromOwnFolders, ReleaseFeedbackToOwnFolders

HANDED_IN = "+crypto-1+2026-11-23 10:00:00.000000 UTC+abc"


@pytest.fixture
def config(tmp_path: Path, monkeypatch) -> Config:
    # nbgrader starts `alembic` by its bare name.
    monkeypatch.setenv("PATH", f"{sys.prefix}/bin", prepend=os.pathsep)
    config = Config()
    config.CourseDirectory.root = str(tmp_path / "course")
    config.CourseDirectory.course_id = "crossborder"
    config.CourseDirectory.assignment_id = "crypto-1"
    config.Exchange.root = str(tmp_path / "exchange")
    (tmp_path / "course").mkdir()
    for trainee in ("ada", "bruno"):
        for folder in ("inbound", "feedback"):
            (tmp_path / "exchange" / "of" / trainee / "crossborder" / folder).mkdir(parents=True)
    return config


def make(kind: type, config: Config):
    return kind(
        coursedir=CourseDirectory(config=config),
        authenticator=Authenticator(config=config),
        config=config,
    )


def hand_in(config: Config, trainee: str, claims: str, text: str) -> Path:
    own = Path(config.Exchange.root, "of", trainee, "crossborder", "inbound", claims + HANDED_IN)
    own.mkdir()
    (own / "crypto-1.ipynb").write_text(text)
    (own / "timestamp.txt").write_text("2026-11-23 10:00:00.000000 UTC")
    return own


def collected(config: Config) -> dict[str, str]:
    found = Path(config.CourseDirectory.root).glob("submitted/*/crypto-1/crypto-1.ipynb")
    return {path.parts[-3]: path.read_text() for path in found}


def test_everyones_work_is_collected_under_their_own_name(config: Config) -> None:
    hand_in(config, "ada", "ada", "ada's work")
    hand_in(config, "bruno", "bruno", "bruno's work")
    make(CollectFromOwnFolders, config).start()
    assert collected(config) == {"ada": "ada's work", "bruno": "bruno's work"}


def test_nobody_can_hand_in_under_another_name(config: Config, caplog) -> None:
    hand_in(config, "ada", "bruno", "a bad joke")
    make(CollectFromOwnFolders, config).start()
    assert collected(config) == {}


def test_a_link_hands_in_nothing_of_the_collectors(config: Config, tmp_path: Path) -> None:
    solution = tmp_path / "solution.ipynb"
    solution.write_text("the solution")
    own = hand_in(config, "ada", "ada", "")
    (own / "crypto-1.ipynb").unlink()
    (own / "crypto-1.ipynb").symlink_to(solution)
    make(CollectFromOwnFolders, config).start()
    assert "the solution" not in collected(config).values()


def test_one_trainee_can_be_collected_alone(config: Config) -> None:
    hand_in(config, "ada", "ada", "ada's work")
    hand_in(config, "bruno", "bruno", "bruno's work")
    config.CourseDirectory.student_id = "ada"
    make(CollectFromOwnFolders, config).start()
    assert list(collected(config)) == ["ada"]


def test_feedback_goes_to_the_trainee_whom_it_is_about_and_to_nobody_else(config: Config) -> None:
    for trainee in ("ada", "bruno"):
        folder = Path(config.CourseDirectory.root, "feedback", trainee, "crypto-1")
        folder.mkdir(parents=True)
        (folder / "crypto-1.html").write_text(f"about {trainee}")
        (folder / "timestamp.txt").write_text("2026-11-23 10:00:00.000000 UTC")
        (folder / "submission_secret.txt").write_text(f"secret of {trainee}")
    make(ReleaseFeedbackToOwnFolders, config).start()
    for trainee in ("ada", "bruno"):
        own = Path(config.Exchange.root, "of", trainee, "crossborder", "feedback")
        assert [page.read_text() for page in own.glob("*.html")] == [f"about {trainee}"]
