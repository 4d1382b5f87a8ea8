"""The report of a class that was really graded, as an instructor reads it: on paper, phone and screen."""

import csv
import html
import itertools
import json
import re
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook

from autograder.authoring import questions

EVIL = "<script>document.title = 'taken'</script><img src='http://evil.example/x.png' onerror='alert(1)'>"
ANSWERS = {
    "ada": "right_pandas",
    "bruno": "right_plain_python",
    "chen": "fees_counts_the_coinbase",
    "dora": "fees_counts_the_coinbase",
    "emil": "fees_counts_the_coinbase",
    "fatou": "fees_answers_in_bitcoin",
    "goran": "block_time_forgets_the_time_zone",
    "hana": "balance_forgets_what_was_spent",
    "ivo": "blank",
    "jana": "tip_believes_the_informant",
    "lena<script>alert(9)<script>": "right_pandas",
}
MARKS_BY_HAND = {"ada": 4, "bruno": 3, "chen": 2.5}


def with_answer(course, name, question, source):
    """An answer notebook in which one question was answered otherwise."""
    notebook = json.loads(json.dumps(course.answers(name)))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == question:
            cell["source"] = source
    return notebook


@pytest.fixture(scope="module")
def reported(new_class):
    """A graded class with some marks by hand, and its report."""
    course = new_class()
    for student, answer in ANSWERS.items():
        course.hand_in(student, course.answers(answer))
    evil = f"# mara was here\ndef block_hash(raw):\n    raise KeyError({EVIL!r})"
    course.hand_in("mara", with_answer(course, "right_pandas", "block-hash", evil))
    ends = "import os\nos._exit(0)"
    course.hand_in("nils", with_answer(course, "right_pandas", "fees", ends))
    course.hand_in("olga", b'{"cells": [')
    done = course.casework()
    assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "crossborder") as gradebook:
        for student, points in MARKS_BY_HAND.items():
            grade = gradebook.find_grade("finding", "crypto-1", "crypto-1", student)
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()
    before = (course.root / "gradebook.db").read_bytes()
    done = report(course)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "crypto-1: 14 graded submissions" in done.stdout
    assert (course.root / "gradebook.db").read_bytes() == before
    return course


def report(course, *arguments):
    command = [sys.executable, "-m", "autograder.cli", "report", "crypto-1", *arguments]
    return subprocess.run(command, cwd=course.root, capture_output=True, text=True, timeout=120)


def page(course, folder="report/crypto-1"):
    return (course.root / folder / "report.html").read_text(encoding="utf-8")


def rows(course):
    path = course.root / "report/crypto-1/questions.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["question"]: row for row in csv.DictReader(file)}


@pytest.mark.slow
def test_the_table_has_the_figures_that_the_gradebook_gives_another_way(reported):
    told = rows(reported)
    assert list(told) == [question.id for question in questions(reported.exercise)]
    with Gradebook(f"sqlite:///{reported.root}/gradebook.db", "crossborder") as gradebook:
        for name, row in told.items():
            cell = name if name == "finding" else f"{name}-test"
            grades = [
                gradebook.find_grade(cell, "crypto-1", "crypto-1", student)
                for student in (*ANSWERS, "mara", "nils", "olga")
            ]
            known = [g.score for g in grades if (g.auto_score, g.manual_score) != (None, None)]
            assert int(row["marked"]) == len(known)
            assert float(row["mean"]) == pytest.approx(sum(known) / len(known), abs=1e-6)
            assert int(row["to_be_marked_by_hand"]) == sum(g.needs_manual_grade for g in grades)
            full = sum(points == float(row["points"]) for points in known)
            assert int(row["full"]) == full
    assert told["finding"]["marked"] == "4"  # three by hand, and the file that nobody can read
    assert told["plot"]["blank"] == "2"  # ivo's and olga's


@pytest.mark.slow
def test_the_commonest_wrong_answer_is_told_with_its_count_and_its_code(reported):
    text = html.unescape(page(reported))
    fees = text[text.index("What did each transaction pay in fees?</h3>") :]
    fees = fees[: fees.index("<h3>")]
    first = fees[: fees.index("</div>")]
    assert "3 of 14" in first and "t0 is the coinbase" in first
    assert "The answer that all 3 of them gave" in first
    assert "return inputs.groupby('txid')['value'].sum() - outputs" in first
    assert "bitcoin" in fees[len(first) :]
    assert "block_hash` stopped" not in text and "<code>block_hash</code> stopped" in text


@pytest.mark.slow
def test_what_could_not_be_checked_is_no_wrong_answer_and_is_called_out(reported):
    told = rows(reported)
    assert told["fees"]["unchecked"] == "1"
    text = html.unescape(page(reported))
    assert "1 submission could not be read and counts as blank" in " ".join(text.split())
    assert "os._exit" not in text
    assert "To be marked by hand" in told["finding"]["second_look"]


@pytest.mark.slow
def test_the_page_names_nobody_and_gives_nothing_hidden_away(reported):
    shown = html.unescape(page(reported))
    for student in (*ANSWERS, "mara", "nils", "olga"):
        assert not re.search(rf"(?<!\w){re.escape(student)}(?!\w)", shown, re.IGNORECASE), student
    source = json.loads((reported.root / "source/crypto-1/crypto-1.ipynb").read_text())
    hidden = set()
    for cell in source["cells"]:
        regions = re.findall(
            r"### BEGIN (?:HIDDEN TESTS|MARK SCHEME)\n(.*?)### END", "".join(cell["source"]), re.S
        )
        lines = (line.strip() for region in regions for line in region.splitlines())
        hidden |= {line for line in lines if len(line) > 12 and not line.startswith('"')}
    assert len(hidden) > 20
    assert [line for line in hidden if line in shown] == []
    assert "HIDDEN TESTS" not in shown and str(reported.root) not in shown


@pytest.mark.slow
def test_with_names_they_are_text_and_there_is_a_table_of_them(reported):
    done = report(reported, "--names", "--out", "named")
    assert done.returncode == 0, done.stderr
    named = page(reported, "named")
    assert "lena&lt;script&gt;alert(9)&lt;script&gt;" in named and "<script" not in named
    with (reported.root / "named/submissions-with-names.csv").open(encoding="utf-8-sig") as file:
        marks = {row["trainee"]: row for row in csv.DictReader(file)}
    assert (marks["ada"]["mark"], marks["bruno"]["mark"], marks["chen"]["8 finding"]) == (
        "20",
        "19",
        "2.5",
    )
    assert marks["emil"]["8 finding"] == ""


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_it_fits_loads_nothing_and_can_be_read(reported, browser, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=True
    )
    tab = context.new_page()
    asked, said = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    address = (reported.root / "report/crypto-1/report.html").as_uri()
    tab.goto(address)
    assert tab.title() == "How the class did: crypto-1"
    assert (asked, said) == ([address], [])
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for details in tab.locator("details").all():
        details.evaluate("element => element.open = true")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    smallest = tab.evaluate(
        "Math.min(...[...document.querySelectorAll('svg text')].map("
        "e => e.getBoundingClientRect().height))"
    )
    assert smallest >= 9
    weak = tab.evaluate(CONTRAST)
    assert weak == []
    context.close()


CONTRAST = """() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m };
  const light = c => { const v = c.slice(0, 3).map(x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05) };
  const behind = e => { for (; e; e = e.parentElement) {
      const c = e instanceof SVGElement ? null : parse(getComputedStyle(e).backgroundColor); if (c) return c }
    return [255, 255, 255] };
  const weak = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(e);
    if (e.tagName === 'text') {
      const grounds = [behind(e), parse(getComputedStyle(document.documentElement).getPropertyValue('--doubt').replace('#', '')
        .match(/../g).map(h => parseInt(h, 16)).join(','))];
      for (const ground of grounds) if (ratio(parse(style.fill), ground) < 4.5) weak.push([e.textContent, style.fill]);
    } else if (['rect', 'circle'].includes(e.tagName) && !e.matches('.doubt, .unmarked')) {
      if (ratio(parse(style.fill), behind(e)) < 3) weak.push([e.className.baseVal, style.fill]);
    } else if (own && !(e instanceof SVGElement) && ratio(parse(style.color), behind(e)) < 4.5)
      weak.push([e.textContent.slice(0, 40), style.color]);
  }
  return weak;
}"""


class Tags:
    """The tags of a page, one after the other, with their attributes."""

    def __init__(self, text):
        self.all = [
            (tag, dict(re.findall(r'([\w-]+)="([^"]*)"', rest)))
            for tag, rest in re.findall(r"<(\w+)([^>]*)>", text)
        ]

    def named(self, tag):
        return [attributes for name, attributes in self.all if name == tag]


@pytest.mark.slow
def test_every_table_and_picture_is_told_in_words_and_nothing_is_loaded(reported):
    text = page(reported)
    tags = Tags(text)
    assert len(tags.named("table")) == len(tags.named("caption")) == 3
    assert all("scope" in attributes for attributes in tags.named("th"))
    pictures = tags.named("svg")
    assert len(pictures) == text.count("<title id=") == text.count("<desc id=") == 3
    ids = {attributes.get("id") for _, attributes in tags.all}
    for picture in pictures:
        assert picture["role"] == "img"
        assert set(picture["aria-labelledby"].split()) <= ids
    levels = [int(level) for level in re.findall(r"<h(\d)", text)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    policy = next(a["content"] for a in tags.named("meta") if "http-equiv" in a)
    assert "default-src 'none'" in policy and "script-src" not in policy and "http" not in policy
    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in tags.all}
    assert all(a["href"].startswith("#") for a in tags.named("a"))
    assert {a["href"][1:] for a in tags.named("a")} <= ids
