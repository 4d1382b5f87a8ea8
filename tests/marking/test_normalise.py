"""Whatever a trainee does to a notebook, the instructor's cells come out whole and in order."""

import json
import os
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.normalise import MAX_OWN_CELLS, anchor, normalise
from autograder.submission import MAX_BYTES

TEST = 'assert fee(3) == 1, "say why"\n### BEGIN HIDDEN TESTS\nassert fee(9) == 7\n### END HIDDEN TESTS'


def graded(cell, name, **flags):
    """Give a cell nbgrader's metadata."""
    about = {"grade": False, "locked": False, "solution": False, "task": False}
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **about, **flags}
    cell["id"] = name
    return cell


def make_master():
    text = new_markdown_cell("What is the fee?", metadata={"editable": False}, id="ask")
    plain = new_code_cell("import math", id="tools")
    return new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        cells=[
            text,
            plain,
            graded(new_code_cell("# Write your code here."), "fee", solution=True),
            graded(new_code_cell(TEST), "fee-test", grade=True, locked=True, points=3),
            graded(new_code_cell("# Write your code here."), "sum", solution=True),
            graded(
                new_code_cell("assert total == 4"), "sum-test", grade=True, locked=True, points=1
            ),
            graded(new_markdown_cell("Write what you found."), "finding", task=True, points=4),
            new_markdown_cell("*Your text.*", id="finding-text"),
        ],
    )


@pytest.fixture
def master():
    return make_master()


@pytest.fixture
def released():
    """What a trainee gets: the hidden tests cut out."""
    notebook = make_master()
    notebook.cells[3].source = 'assert fee(3) == 1, "say why"'
    return notebook


def handed_in(notebook) -> bytes:
    return json.dumps(notebook).encode()


def by_name(notebook):
    return {anchor(cell) or cell["id"]: cell for cell in notebook.cells}


def locked(notebook):
    return [
        (anchor(c), c.source, dict(c.metadata.get("nbgrader", {})))
        for c in notebook.cells
        if anchor(c) and not c.metadata.get("nbgrader", {}).get("solution")
    ]


def test_an_honest_notebook_keeps_its_answers_and_gets_its_hidden_tests_back(master, released):
    released.cells[2].source = "def fee(n): return n - 2"
    released.cells[7].source = "I searched the chain."
    made = normalise(handed_in(released), master)
    cells = by_name(made.notebook)
    assert made.notes == () and made.readable
    assert cells["fee"].source == "def fee(n): return n - 2"
    assert cells["fee-test"].source == TEST
    assert cells["finding-text"].source == "I searched the chain."
    assert [anchor(c) or c["id"] for c in made.notebook.cells] == [
        anchor(c) or c["id"] for c in master.cells
    ]
    nbformat.validate(made.notebook)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty file"),
        (b"   \n", "empty file"),
        (b'{"cells": [{"cell_type": "code", "sou', "damaged"),
        (b"\xff\xfe\x00\xd8garbage", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"9" * 10_000, "damaged"),
        (b"[1, 2]", "not a notebook"),
        (b'{"nbformat": 4}', "no cells"),
        (b'{"cells": {"a": 1}}', "no cells"),
        (b'{"worksheets": 7}', "old format and damaged"),
        (b'{"nbformat": 3, "worksheets": [{"cells": 5}]}', "old format and damaged"),
    ],
)
def test_a_file_that_cannot_be_read_counts_as_blank_and_says_so(master, content, says):
    made = normalise(content, master)
    assert not made.readable
    assert len(made.notes) == 1
    assert says in made.notes[0]
    assert made.notes[0].endswith("It is graded as blank.")
    assert [c.source for c in made.notebook.cells] == [c.source for c in master.cells]


def test_a_deleted_test_cell_is_put_back(master, released):
    del released.cells[3]
    made = normalise(handed_in(released), master)
    assert locked(made.notebook) == locked(master)
    assert made.notes == ("The cell 'fee-test' was missing and has been put back.",)


def test_a_changed_test_cell_is_restored_whole(master, released):
    released.cells[3].source = "pass"
    released.cells[3].metadata["nbgrader"].update(points=100, grade=False, solution=True)
    released.cells[3]["cell_type"] = "markdown"
    made = normalise(handed_in(released), master)
    assert locked(made.notebook) == locked(master)


def test_a_test_cell_pasted_again_is_there_once(master, released):
    released.cells.append(released.cells[3])
    made = normalise(handed_in(released), master)
    assert locked(made.notebook) == locked(master)
    assert "'fee-test' was there 2 times" in " ".join(made.notes)


def test_of_an_answer_pasted_twice_the_last_counts_and_the_first_still_runs(master, released):
    first, second = (json.loads(json.dumps(released.cells[2])) for _ in range(2))
    first["source"], second["source"] = "helper = 1", "def fee(n): return n - 2 * helper"
    released.cells[2:3] = [first, second]
    made = normalise(handed_in(released), master)
    sources = [c.source for c in made.notebook.cells]
    assert by_name(made.notebook)["fee"].source == second["source"]
    assert sources.index("helper = 1") < sources.index(second["source"])
    assert "'fee' was there 2 times; the last one counts" in " ".join(made.notes)


def test_an_untouched_copy_never_counts_against_an_answer(master, released):
    copy = json.loads(json.dumps(released.cells[2]))
    released.cells[2].source = "def fee(n): return n - 2"
    released.cells.append(nbformat.from_dict(copy))
    made = normalise(handed_in(released), master)
    assert by_name(made.notebook)["fee"].source == "def fee(n): return n - 2"
    assert "# Write your code here." not in [c.source for c in made.notebook.cells[-2:]]


def test_cells_in_another_order_are_put_in_order(master, released):
    released.cells.reverse()
    made = normalise(handed_in(released), master)
    assert [name for name, _, _ in locked(made.notebook)] == [n for n, _, _ in locked(master)]
    assert "another order" in " ".join(made.notes)


def test_an_answer_merged_into_another_still_runs_and_no_stub_undoes_it(master, released):
    released.cells[2].source = "def fee(n): return n - 2\ntotal = 4"
    del released.cells[4]
    made = normalise(handed_in(released), master)
    assert by_name(made.notebook)["sum"].source == ""


def test_cells_of_ones_own_stay_where_they_were_put(master, released):
    released.cells.insert(2, new_code_cell("step = 2"))
    made = normalise(handed_in(released), master)
    sources = [c.source for c in made.notebook.cells]
    assert sources.index("step = 2") == sources.index("# Write your code here.") - 1


def test_metadata_outputs_and_kernel_of_the_trainee_are_gone(master, released):
    released.metadata["kernelspec"] = {"name": "evil", "display_name": "x"}
    released.metadata["casework"] = {"notes": ["full marks"]}
    released.cells[2].outputs = [{"output_type": "stream", "name": "stdout", "text": "10/10"}]
    released.cells[1].metadata["tags"] = ["x onload=alert(1)"]
    made = normalise(handed_in(released), master)
    assert made.notebook.metadata == {"kernelspec": master.metadata["kernelspec"]}
    assert by_name(made.notebook)["fee"].outputs == []
    assert by_name(made.notebook)["tools"].metadata == {}


def test_a_notebook_of_format_three_is_converted(master, released):
    released.cells[2].source = "def fee(n): return n - 2"
    old = nbformat.convert(released, 3)
    made = normalise(handed_in(old), master)
    assert by_name(made.notebook)["fee"].source == "def fee(n): return n - 2"
    assert locked(made.notebook) == locked(master)
    assert "old format" in made.notes[0]
    assert sum(c.source == "What is the fee?" for c in made.notebook.cells) == 1


@pytest.mark.parametrize(
    "cell",
    [
        7,
        {"cell_type": "alien", "source": "x"},
        {"cell_type": "code", "source": {"a": 1}},
        {"cell_type": "code", "source": [1, 2]},
        {"cell_type": "code"},
        {"cell_type": "code", "source": "x", "metadata": []},
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": 5}},
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": ["fee"]}}},
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": "nobody"}}},
        {"cell_type": "code", "source": "'\ud800'", "id": "../../etc"},
        {"cell_type": "markdown", "source": "x", "attachments": {"a": {"text/html": "<script>"}}},
        {"cell_type": "markdown", "source": "x", "attachments": [[]]},
    ],
)
def test_a_strange_cell_spoils_nothing(master, released, cell):
    released = json.loads(json.dumps(released))
    released["cells"].insert(0, cell)
    made = normalise(json.dumps(released).encode(), master)
    assert locked(made.notebook) == locked(master)
    nbformat.validate(made.notebook)
    assert "<script>" not in nbformat.writes(made.notebook)
    nbformat.writes(made.notebook).encode("utf-8")


def test_a_flood_of_cells_is_cut(master, released):
    released.cells.extend(new_code_cell(f"x = {n}") for n in range(MAX_OWN_CELLS + 50))
    made = normalise(handed_in(released), master)
    assert locked(made.notebook) == locked(master)
    assert len(made.notebook.cells) <= MAX_OWN_CELLS + len(master.cells)
    assert f"only {MAX_OWN_CELLS} were kept" in " ".join(made.notes)


def test_links_pipes_folders_and_giants_are_not_read(master, tmp_path):
    secret = tmp_path / "gradebook"
    secret.write_text(json.dumps({"cells": []}))
    link, pipe, folder, giant, absent = (tmp_path / name for name in "lpfga")
    link.symlink_to(secret)
    os.mkfifo(pipe)
    folder.mkdir()
    with giant.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for path, says in [
        (link, "is a link to another file"),
        (pipe, "is not a file"),
        (folder, "is not a file"),
        (giant, "too large"),
        (absent, "No notebook of this assignment was handed in"),
    ]:
        made = normalise(path, master)
        assert not made.readable
        assert says in made.notes[0]


FLOODS = {
    "cells": b'{"cells":[' + b",".join([b'{"cell_type":"code","source":"x"}'] * 500_000) + b"]}",
    "old cells": b'{"worksheets":[{"cells":['
    + b",".join([b'{"cell_type":"code","input":"x"}'] * 500_000)
    + b']}],"nbformat":3,"nbformat_minor":0,"metadata":{}}',
    "lists": b'{"cells":[' + b",".join([b"[]"] * 8_000_000) + b"]}",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_file_of_endless_cells_costs_seconds_and_is_named(flood):
    started = time.monotonic()
    made = normalise(FLOODS[flood], make_master())
    assert time.monotonic() - started < 10
    assert "only the first" in made.notes[0] or "more" in made.notes[0]
