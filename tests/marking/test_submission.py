"""A submitted folder may hold anything; what stays in nbgrader's sight is what belongs there."""

import os

from autograder.submission import SET_ASIDE, open_plain, printable, tidy


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_proper_submission_is_left_as_it_is(tmp_path):
    for name in ("crypto-1.ipynb", "timestamp.txt", "submission_secret.txt"):
        (tmp_path / name).write_text("2026-11-23 20:00:00 UTC")
    assert tidy(tmp_path, ["crypto-1"]) == []
    assert listing(tmp_path) == ["crypto-1.ipynb", "submission_secret.txt", "timestamp.txt"]


def test_everything_else_is_set_aside_and_no_link_is_followed(tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks")
    folder = tmp_path / "crypto-1"
    folder.mkdir()
    (folder / "crypto-1.ipynb").write_text("{}")
    (folder / "pandas.py").write_text("raise SystemExit")
    (folder / "leak.html").symlink_to(secret)
    (folder / "broken").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe")
    (folder / ".ipython").mkdir()
    (folder / "timestamp.txt").symlink_to(secret)
    (folder / "submission_secret.txt").mkdir()
    notes = tidy(folder, ["crypto-1"])
    assert listing(folder) == [SET_ASIDE, "crypto-1.ipynb"]
    assert (folder / SET_ASIDE / "leak.html").is_symlink()
    assert secret.read_text() == "marks"
    assert len(notes) == 7
    assert tidy(folder, ["crypto-1"]) == []


def test_a_time_that_is_no_time_is_set_aside(tmp_path):
    for text in ("yesterday", "2026-99-99", "\x00" * 5000):
        (tmp_path / "timestamp.txt").write_text(text)
        tidy(tmp_path, ["crypto-1"])
        assert not (tmp_path / "timestamp.txt").exists()
    assert len(listing(tmp_path / SET_ASIDE)) == 3


def test_a_renamed_notebook_gets_its_name_back_where_there_is_no_doubt(tmp_path):
    (tmp_path / "crypto-1 (1).IPYNB").write_text("mine")
    assert tidy(tmp_path, ["crypto-1"]) == ["The notebook was named 'crypto-1 (1).IPYNB'."]
    assert (tmp_path / "crypto-1.ipynb").read_text() == "mine"
    (tmp_path / "crypto-1.ipynb").rename(tmp_path / "a.ipynb")
    (tmp_path / "b.ipynb").write_text("other")
    tidy(tmp_path, ["crypto-1"])
    assert listing(tmp_path) == [SET_ASIDE]


def test_a_link_planted_where_files_are_set_aside_is_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "crypto-1"
    outside.mkdir()
    folder.mkdir()
    (folder / SET_ASIDE).symlink_to(outside)
    (folder / "extra.txt").write_text("x")
    tidy(folder, ["crypto-1"])
    assert listing(outside) == []
    assert listing(folder / SET_ASIDE) == ["extra.txt"]


def test_a_name_is_printed_without_control_characters():
    assert printable("\x1b[2J<script>\ud800") == "??2J?script??"
    assert len(printable("x" * 500)) == 80


def test_only_a_plain_file_is_opened(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    assert open_plain(tmp_path / "link") is None
    assert open_plain(tmp_path / "pipe") is None
    assert open_plain(tmp_path) is None
    with open_plain(tmp_path / "file") as file:
        assert file.read() == b"x"
