"""What the book refuses, and the pieces of its own Sphinx extension."""

import shutil
from pathlib import Path

import pytest
from casework_book import byte_explorer, execution
from making import HOUSE, build

GENESIS_TIME = bytes.fromhex("29ab5f49")


def row(**changed: object) -> dict[str, object]:
    """Return the description of a four-byte time, with something changed."""
    return {"field": "Time", "bytes": 4, "as": "time", "says": "When."} | changed


def test_the_time_of_the_first_block_reads_as_published() -> None:
    [field] = byte_explorer.fields(GENESIS_TIME, [row()])
    assert field.place == "bytes 0 to 3"
    assert "1,231,006,505" in field.reading
    assert "3 January 2009, 18:15:05 UTC" in field.reading


def test_the_easiest_bits_of_bitcoin_mean_eight_zeros() -> None:
    # Difficulty 1 is the target 00000000ffff0000...: Bitcoin developer reference, "Target nBits".
    [field] = byte_explorer.fields(bytes.fromhex("ffff001d"), [row(**{"as": "target"})])
    assert "begins with 8 hex zeros" in field.reading


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([row(bytes=5)], "Time: 5 bytes from byte 0 go beyond the end"),
        ([row(bytes=3)], "the fields cover 3 bytes, but 4 are given"),
        ([row(**{"as": "date"})], "Time: 'as' is one of number, time, hash, target"),
        ([{"field": "Time"}], "each field needs field, bytes, as, says"),
    ],
)
def test_fields_that_do_not_fit_the_bytes_are_named(rows: list, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        byte_explorer.fields(GENESIS_TIME, rows)


def test_a_field_name_cannot_break_the_page() -> None:
    drawn = byte_explorer.drawing("x", byte_explorer.fields(GENESIS_TIME, [row(field="<b>&")]))
    assert "<b>&" not in drawn and "&lt;b&gt;&amp;" in drawn


@pytest.mark.parametrize("changed", ["modules/cointrace/a.py", "data/public/world/world.json"])
def test_outputs_are_made_anew_when_what_they_ran_on_changes(tmp_path: Path, changed: str) -> None:
    file = tmp_path / changed
    file.parent.mkdir(parents=True)
    file.write_text("one")
    before = execution.digest(tmp_path)
    assert execution.digest(tmp_path) == before
    file.write_text("two")
    assert execution.digest(tmp_path) != before


def test_outputs_are_kept_when_something_else_changes(tmp_path: Path) -> None:
    before = execution.digest(tmp_path)
    (tmp_path / "README.md").write_text("new")
    assert execution.digest(tmp_path) == before


def test_the_book_runs_on_files_that_exist() -> None:
    assert {"modules/cointrace/chain.py", "data/public/world/world.json"} <= {
        file.relative_to(HOUSE).as_posix() for file in execution.files()
    }


HEAD = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
# A page

"""
FORMULA = HEAD + "```{math}\na^2\n```\n"
SILENT_PICTURE = HEAD + "![](_images/chain.svg)\n"
SILENT_FIGURE = HEAD + "```{code-cell}\nimport matplotlib.pyplot as plt\nplt.plot([1]);\n```\n"
BROKEN_LINK = HEAD + "[there](nowhere.md)\n"
BROKEN_CELL = HEAD + "```{code-cell}\n1 / 0\n```\n"
WARNING_CELL = HEAD + "```{code-cell}\nimport warnings\nwarnings.warn('old')\n```\n"
SHORT_BYTES = HEAD + ":::{byte-explorer} 00\n- {field: A, bytes: 2, as: number, says: B}\n:::\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "says"),
    [
        pytest.param(FORMULA, "a formula would load MathJax", id="a formula"),
        pytest.param(SILENT_PICTURE, "has no description", id="a picture without words"),
        pytest.param(SILENT_FIGURE, "has no description", id="a figure without words"),
        pytest.param(BROKEN_LINK, "nowhere.md", id="a broken link"),
        pytest.param(BROKEN_CELL, "ZeroDivisionError", id="a cell that fails"),
        pytest.param(WARNING_CELL, "stderr", id="a cell that warns"),
        pytest.param(SHORT_BYTES, "go beyond the end", id="bytes that are too few"),
    ],
)
def test_a_page_that_is_not_right_stops_the_build(tmp_path: Path, page: str, says: str) -> None:
    book = tmp_path / "book"
    for folder in ("_ext", "_templates", "_assets", "_images"):
        shutil.copytree(HOUSE / "book" / folder, book / folder)
    shutil.copy(HOUSE / "_config.yml", tmp_path)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/page\n")
    (book / "page.md").write_text(page)
    done = build(tmp_path, tmp_path)
    assert done.returncode != 0
    assert says in done.stdout + done.stderr
