"""What a trainee is told teaches, and gives nothing away."""

import html
import json
import logging
import re
from pathlib import Path

import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

from autograder.authoring import questions

EVIL = "<script>alert('mine')</script><img src='http://evil.example/x.png' onerror='alert(1)'>"
SHOWS = f"""
from IPython.display import HTML, Javascript, Markdown, display
display(HTML({EVIL!r})); display(Javascript("alert(2)")); display(Markdown("![x](http://evil.example/y.png)"))
print({EVIL!r})
raise ValueError({EVIL!r})
"""


def hidden_lines(course) -> set[str]:
    """Lines that stand in hidden tests and nowhere in what trainees were given."""
    source = json.loads((course.root / "source/crypto-1/crypto-1.ipynb").read_text())
    release = course.release.read_text()
    lines = set()
    for cell in source["cells"]:
        text = "".join(cell["source"])
        for region in re.findall(
            r"### BEGIN (?:HIDDEN TESTS|MARK SCHEME)\n(.*?)### END", text, re.DOTALL
        ):
            lines |= {line.strip() for line in region.splitlines() if len(line.strip()) > 12}
    return {line for line in lines if json.dumps(line)[1:-1] not in release}


@pytest.fixture(scope="module")
def told(new_class):
    """A graded class with feedback: right, wrong, blank, damaged, and one that shows scripts."""
    course = new_class()
    evil = json.loads(json.dumps(course.answers("blank")))
    answers = [c for c in evil["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
    answers[0]["source"] = SHOWS
    answers[1]["source"] = f"def block_hash(raw):\n    raise KeyError({EVIL!r})"
    text = next(c for c in evil["cells"] if c.get("id") == "finding-text")
    text["source"] = f"My finding {EVIL} ![x](http://evil.example/z.png) [x](javascript:alert(3))"
    course.hand_in("ada", course.answers("right_pandas"))
    course.hand_in("bruno", course.answers("fees_counts_the_coinbase"))
    course.hand_in("chen", course.answers("blank"))
    course.hand_in("dora", b'{"cells": [')
    course.hand_in("emil", evil)
    assert course.casework().returncode == 0
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "crossborder") as gradebook:
        grade = gradebook.find_grade("finding", "crypto-1", "crypto-1", "ada")
        grade.manual_score, grade.needs_manual_grade = 4, False
        comment = gradebook.find_comment("finding", "crypto-1", "crypto-1", "ada")
        comment.manual_comment = "**Well** searched."
        gradebook.db.commit()
    for command in ("generate_feedback", "release_feedback"):
        done = course.nbgrader(command, "crypto-1")
        assert done.returncode == 0, done.stderr[-2000:]
    return course


@pytest.mark.slow
def test_feedback_teaches_and_gives_nothing_away(told):
    asked = {question.id: question for question in questions(told.exercise)}
    secret = hidden_lines(told)
    assert len(secret) > 20
    for student in ("ada", "bruno", "chen", "dora", "emil"):
        page = told.feedback(student)
        text = html.unescape(page)
        for line in secret:
            assert line not in text, (student, line)
        for question in asked.values():
            assert question.title in text
            assert question.asks in re.sub(r"</?code>", "`", text)
            assert question.chapter_link("/services/book") in text
        assert "Traceback" not in text or student == "emil"
        assert "HIDDEN TESTS" not in text and "MARK SCHEME" not in text
        # No script, nothing loaded: not in the markup, whatever the text may quote.
        assert "<script" not in page
        assert not re.search(
            r"<(img|link|iframe|object|video|svg)[^>]*(?:src|href|data)=.?http", page
        )
        assert not re.search(r"<[^>]*\bon\w+=", page)
        assert "default-src 'none'" in page
    released = list((told.root / "exchange/crossborder/feedback").glob("*.html"))
    assert len(released) == 5
    assert any("<b>Well" in p.read_text() or "<strong>Well" in p.read_text() for p in released)


@pytest.mark.slow
def test_each_trainee_reads_their_own_story(told):
    hint = questions(told.exercise)[3].hint[:20].replace("`", "")
    plain = {
        student: html.unescape(re.sub(r"</?code>", "", told.feedback(student)))
        for student in ("ada", "bruno", "chen", "dora", "emil")
    }
    assert "20 of 20 points" in plain["ada"]
    assert "still to mark" not in plain["ada"]
    assert "<dt>Hint</dt>" not in plain["ada"]
    assert "15 of 20 points" in plain["bruno"]
    assert "Partly right" in plain["bruno"] and f"<dt>Hint</dt><dd>{hint}" in plain["bruno"]
    assert "Not final yet" in plain["bruno"]
    assert "0 of 20 points" in plain["chen"]
    assert "damaged" in plain["dora"]
    assert "KeyError" in plain["emil"] and "My finding" in plain["emil"]


@pytest.mark.slow
def test_formgraders_page_of_a_hostile_notebook_is_harmless(told):
    formgrader = FormgradeExtension(log_level=logging.ERROR)
    formgrader.load_cwd_config = False
    formgrader.initialize([], root=str(told.root))
    path = told.root / "autograded/emil/crypto-1/crypto-1.ipynb"
    resources = {
        "assignment_id": "crypto-1",
        "notebook_id": "crypto-1",
        "submission_id": "1",
        "index": 0,
        "total": 1,
        "base_url": "/user/i",
        "student": "emil",
        "last_name": None,
        "first_name": None,
        "notebook_path": "x",
    }
    page, _ = HTMLExporter(config=formgrader.config).from_filename(str(path), resources=resources)
    body = page[page.index('id="notebook"') :]
    assert "My finding" in body
    assert "<script" not in body
    assert not re.search(r"<[^>]*(onerror|evil\.example|javascript:)[^>]*>", body)
    assert not re.search(r"<[^>]*(src|href)=.?https?:", page)
    assert Path(path).stat().st_mode & 0o222 == 0
