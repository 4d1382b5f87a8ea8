"""A class is one configuration: where its world is, who has which case, and what nbgrader is told."""

import json
import os
import sys
from pathlib import Path

import pytest
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import compute_checksum
from traitlets.config import Config

from autograder.collect import CarefulCollect
from autograder.course import CourseError, nbgrader_config, open_course
from casework.cases import case_number

KEY = b"0123456789abcdef"


def make(folder, **places):
    folder.mkdir(exist_ok=True)
    text = nbgrader_config(folder, folder / "exchange", **places)
    (folder / "nbgrader_config.py").write_text(text)
    return open_course(folder)


def test_the_text_of_the_configuration_is_a_configuration(tmp_path):
    config = Config()
    text = nbgrader_config(tmp_path, tmp_path / "x", course_id="autumn", book_url="/book")
    exec(text, {"get_config": lambda: config})
    assert config.CourseDirectory.course_id == "autumn"
    assert config.CourseDirectory.root == str(tmp_path)
    assert config.Course.book_url == "/book"
    assert ".set-aside" in config.CourseDirectory.ignore
    assert ".ipynb_checkpoints" in config.CourseDirectory.ignore


def test_every_trainee_has_the_case_that_the_key_gives(tmp_path, house):
    key = tmp_path / "secret.key"
    key.write_bytes(KEY + b"\n")
    course = make(tmp_path / "class", key_file=key)
    cases = len(list((house / "data/public/world/cases/crypto-1").glob("[0-9]*.json")))
    numbers = {name: course.case(name, "crypto-1") for name in ("ada", "bruno", "chen", "dora")}
    assert numbers == {n: case_number(KEY, n, "crypto-1", cases) for n in numbers}
    assert len(set(numbers.values())) > 1
    told = json.loads(course.environment("ada", "crypto-1")["CASEWORK_CASES"])
    assert told == {"crypto-1": numbers["ada"]}


def test_without_a_key_everybody_has_the_public_case(tmp_path):
    course = make(tmp_path / "class")
    assert {course.case(name, "crypto-1") for name in ("ada", "bruno", "chen")} == {0}


def test_what_is_missing_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CourseError, match="not a course folder"):
        open_course(tmp_path)
    course = make(tmp_path / "class", key_file=tmp_path / "nowhere.key")
    with pytest.raises(CourseError, match=r"key of the class in .*nowhere\.key"):
        course.case("ada", "crypto-1")
    (tmp_path / "short.key").write_bytes(b"short")
    with pytest.raises(CourseError, match=r"short\.key: The key of the class is 5 bytes"):
        make(tmp_path / "class", key_file=tmp_path / "short.key").case("ada", "crypto-1")
    with pytest.raises(CourseError, match="The world of the class is not in"):
        _ = make(tmp_path / "class", world=tmp_path / "no", truth=tmp_path).world_folder
    with pytest.raises(CourseError, match="names a world and not its truth"):
        _ = make(tmp_path / "class", world=tmp_path).truth_folder
    with pytest.raises(CourseError, match="no assignment 'crypto-9'"):
        course.notebooks("crypto-9")


@pytest.mark.slow
def test_the_master_has_hidden_tests_and_no_solution(new_class):
    made = new_class()
    course = open_course(made.root)
    master = course.master("crypto-1", "crypto-1")
    cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in master.cells}
    assert "BEGIN HIDDEN TESTS" in cells["fees-test"].source
    assert "Write your code here" in cells["fees"].source
    assert "groupby" not in cells["fees"].source
    about = cells["fees-test"].metadata.nbgrader
    assert about.checksum == compute_checksum(cells["fees-test"])
    (made.release).unlink()
    again = course.master("crypto-1", "crypto-1")
    assert [c.source for c in again.cells if c.metadata.get("nbgrader")] == [
        c.source for c in master.cells if c.metadata.get("nbgrader")
    ]


def inbound(tmp_path):
    """An exchange in which one trainee has planted what must not be collected."""
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks of all")
    place = tmp_path / "exchange/crossborder/inbound"
    stamp = "crypto-1+2026-11-20 10:00:00 UTC"
    for name in ("ada", "bruno"):
        folder = place / f"{name}+{stamp}"
        folder.mkdir(parents=True)
        (folder / "crypto-1.ipynb").write_text("{}")
        (folder / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    (folder / "leak.html").symlink_to(secret)
    (folder / "broken").symlink_to("/nowhere")
    (folder / "inside").mkdir()
    os.mkfifo(folder / "pipe")
    with (folder / "giant.bin").open("wb") as file:
        file.truncate(200_000_000)
    (tmp_path / "class").mkdir(exist_ok=True)


def collect(tmp_path, kind):
    (tmp_path / "exchange").chmod(0o777)
    course = make(tmp_path / "class")
    course.directory.assignment_id = "crypto-1"
    config = Config()
    config.Exchange.root = str(tmp_path / "exchange")
    collector = kind(coursedir=course.directory, config=config)
    collector.check_owner = False
    collector.start()
    folder = tmp_path / "class/submitted/bruno/crypto-1"
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(autouse=True)
def nbgraders_programs(monkeypatch):
    """nbgrader calls `alembic` by its bare name when it makes a gradebook."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.slow
def test_collecting_follows_no_link_and_one_trainee_stops_nobody(tmp_path):
    inbound(tmp_path)
    assert collect(tmp_path, CarefulCollect) == ["crypto-1.ipynb", "timestamp.txt"]
    assert (tmp_path / "class/submitted/ada/crypto-1/crypto-1.ipynb").is_file()


@pytest.mark.slow
def test_a_link_in_place_of_a_submission_is_passed_over(tmp_path):
    inbound(tmp_path)
    place = tmp_path / "exchange/crossborder/inbound"
    (place / "zoe+crypto-1+2026-11-20 10:00:00 UTC").symlink_to(tmp_path)
    (place / "ada+crypto-1+yesterday").mkdir()
    (place / "zoe+crypto-1+9999-99-99 10:00:00 UTC+x").mkdir()
    collect(tmp_path, CarefulCollect)
    assert not (tmp_path / "class/submitted/zoe/crypto-1").exists()
    assert (tmp_path / "class/submitted/ada/crypto-1/crypto-1.ipynb").is_file()


@pytest.mark.slow
def test_nbgraders_own_collecting_would_have_stopped(tmp_path):
    inbound(tmp_path)
    with pytest.raises(Exception, match=r"too big|Error|nowhere"):
        collect(tmp_path, ExchangeCollect)
