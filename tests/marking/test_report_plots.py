"""The pictures of the report: nobody is left out, nothing covers anything, and all of it is told in words."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report import plots
from autograder.report.analysis import FATES, Item
from autograder.report.measures import Figure

MARKS = st.lists(st.integers(0, 1200).map(lambda n: n / 10), min_size=1, max_size=50)


def item(number, p=0.5, r=0.3, title="A question", **fates):
    counts = dict.fromkeys(FATES, 0) | (fates or {"full": 1})
    return Item(
        number=number,
        notebook="ps1",
        name=f"q{number}",
        title=title,
        most=2,
        by_hand=False,
        fates=counts,
        marked=sum(counts.values()),
        waiting=0,
        mean=None if p is None else 2 * p,
        facility=Figure(p, "" if p is not None else "none"),
        discrimination=Figure(r, "" if r is not None else "none"),
        upper_lower=Figure(None, "none"),
    )


def parsed(markup):
    return ElementTree.fromstring(str(markup))


@given(MARKS, st.sampled_from([0, 0.5, 1, 7.5, 20, 100, 4000]))
def test_every_mark_is_in_one_bar_also_one_above_the_most(marks, most):
    counted = plots.bins(marks, most)
    assert sum(count for *_, count in counted) == len(marks)
    assert len(counted) <= plots.MOST_BARS + 1
    assert counted[0][0] == 0 and counted[-1][1] >= max([*marks, most]) - 1e-9
    for start, stop, count in counted[:-1]:
        assert count == sum(start <= mark < stop for mark in marks)


@given(MARKS)
def test_bars_stay_in_the_picture(marks):
    svg = parsed(plots.histogram(marks, 120, sorted(marks)[len(marks) // 2]))
    width, height = map(float, svg.get("viewBox").split()[2:])
    for bar in svg.iter("rect"):
        x, y, w, h = (float(bar.get(name)) for name in ("x", "y", "width", "height"))
        assert x >= 0 and x + w <= width and y >= 0 and y + h <= height and h > 0


@given(st.lists(st.tuples(st.floats(0, 1.2), st.floats(-1, 1)), min_size=1, max_size=25))
def test_no_number_in_the_field_covers_another(places):
    svg = parsed(plots.fields([item(n, p, r) for n, (p, r) in enumerate(places, start=1)]))
    numbers = [text for text in svg.iter("text") if text.get("class") == "over strong"]
    assert [text.text for text in numbers] == [str(n + 1) for n in range(len(places))]
    at = [(float(text.get("x")), float(text.get("y"))) for text in numbers]
    for place, (x, y) in enumerate(at):
        assert 40 <= x <= plots.WIDTH and 0 <= y <= 232
        assert all(abs(x - a) >= 12 or abs(y - b) >= 10 for a, b in at[:place])
    assert len(list(svg.iter("circle"))) == len(places)


def test_where_no_question_has_both_figures_there_is_no_field():
    assert plots.fields([item(1, r=None), item(2, p=None)]) is None


@pytest.mark.parametrize("title", ["<script>alert(1)</script> & more", "long " * 40])
def test_titles_are_text_and_never_run_out_of_the_picture(title):
    drawn = str(plots.fates([item(1, title=title, full=3, blank=1)]))
    assert "<script" not in drawn
    (shown,) = re.findall(r'class="label"[^>]*>([^<]*)<', drawn)
    assert len(shown) <= 80 and shown.startswith("1  ")


def test_the_parts_of_a_bar_are_as_wide_as_their_shares_and_all_is_told_in_words():
    svg = parsed(plots.fates([item(1, full=3, none=1), item(2, blank=4)]))
    widths = {bar.get("class"): float(bar.get("width")) for bar in svg.iter("rect")}
    assert widths == {"full": 268.5, "none": 88.5, "blank": 358.5}  # less 1.5 for the gap
    described = svg.find("desc").text
    assert "Question 1: 3 of 4 (75%) have all points." in described
    assert all(words in described for words in FATES.values())


def test_the_median_is_written_with_two_decimals_at_most():
    drawn = str(plots.histogram([1, 2, 23 / 3], 10, 23 / 3))
    assert "median 7.67<" in drawn and "7.66666" not in drawn
