"""The figures of the report, against published examples and against other ways to compute them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder.report.measures import (
    FEWEST,
    alpha_of_variances,
    cronbach_alpha,
    facility,
    item_rest,
    spread,
    upper_lower,
)

POINTS = st.integers(0, 12).map(lambda quarters: quarters / 4)


@st.composite
def classes(draw, least=FEWEST):
    """A table of points: a row for each submission, a column for each question of 3 points."""
    rows, columns = draw(st.integers(least, 40)), draw(st.integers(2, 8))
    cells = draw(st.lists(POINTS, min_size=rows * columns, max_size=rows * columns))
    return np.array(cells).reshape(rows, columns)


# "How to Calculate Cronbach's Alpha in Python", statology.org: ten guests judge a
# restaurant in three respects; the package pingouin gives 0.7734375.
RESTAURANT = np.array(
    [
        [1, 2, 2, 3, 2, 2, 3, 3, 2, 3],
        [1, 1, 1, 2, 3, 3, 2, 3, 3, 3],
        [1, 1, 2, 1, 2, 3, 3, 3, 2, 3],
    ]
).T


def test_alpha_is_that_of_a_published_example():
    assert cronbach_alpha(RESTAURANT).value == pytest.approx(0.7734375, abs=1e-12)


def test_alpha_of_right_and_wrong_is_kuder_and_richardsons_formula_twenty():
    # Kuder and Richardson, Psychometrika 2 (1937): with p right and q wrong of each question.
    answers = np.random.default_rng(20).integers(0, 2, (30, 6))
    p = answers.mean(axis=0)
    kr20 = 6 / 5 * (1 - (p * (1 - p)).sum() / answers.sum(axis=1).var())
    assert cronbach_alpha(answers).value == pytest.approx(kr20, abs=1e-12)


@given(classes())
def test_alpha_is_the_mean_covariance_form_too(table):
    found = cronbach_alpha(table)
    covariance = pd.DataFrame(table).cov().to_numpy()
    k = len(covariance)
    if covariance.sum() < 1e-9:
        assert found.value is None and found.why_not
        return
    between = covariance[~np.eye(k, dtype=bool)].mean()
    other = k * between / (np.diag(covariance).mean() + (k - 1) * between)
    assert found.value == pytest.approx(other, abs=1e-6)
    assert found.value <= 1 + 1e-9


@given(classes(), st.integers(0, 2**32 - 1), st.sampled_from([0.5, 3.0, 10.0]))
def test_alpha_does_not_depend_on_order_unit_or_a_gift_to_everybody(table, seed, unit):
    found = cronbach_alpha(table)
    assume(found.value is not None)
    mixed = np.random.default_rng(seed).permutation(table)
    mixed = np.random.default_rng(seed).permutation(mixed, axis=1) * unit
    mixed[:, 0] += 2
    assert cronbach_alpha(mixed).value == pytest.approx(found.value, abs=1e-7)


def test_questions_that_are_all_the_same_have_alpha_one_and_unrelated_ones_have_none():
    one = np.arange(8.0)
    assert cronbach_alpha(np.column_stack([one, one, one])).value == pytest.approx(1)
    every = np.array(list(itertools.product([0, 1], repeat=3)))
    assert cronbach_alpha(every).value == pytest.approx(0)
    assert alpha_of_variances([1, 1], 4) == pytest.approx(1)


@given(classes())
def test_the_facility_is_the_mean_share_and_lies_between_none_and_all(table):
    for column in table.T:
        found = facility(column, 3).value
        assert found == pytest.approx(sum(points / 3 for points in column) / len(column))
        assert 0 <= found <= 1


@given(classes())
def test_discrimination_is_pearsons_r_with_the_other_questions(table):
    frame = pd.DataFrame(table)
    for number in frame:
        rest = frame.drop(columns=number).sum(axis=1)
        found = item_rest(frame[number], rest)
        if found.value is None:
            assert frame[number].nunique() == 1 or rest.nunique() == 1
            assert "same points" in found.why_not
            continue
        assert found.value == pytest.approx(frame[number].corr(rest), abs=1e-9)
        assert -1 <= found.value <= 1


def test_for_right_or_wrong_it_is_the_point_biserial_correlation():
    right = np.array([1, 0, 1, 1, 0, 0, 1, 0])
    rest = np.array([9, 4, 8, 6, 5, 3, 7, 7.0])
    p = right.mean()
    between = rest[right == 1].mean() - rest[right == 0].mean()
    biserial = between / rest.std() * np.sqrt(p * (1 - p))
    assert item_rest(right, rest).value == pytest.approx(biserial, abs=1e-12)


def test_a_class_of_forty_divides_into_eleven_and_eleven():
    # Nine of the eleven best and three of the eleven worst have it right: D = 9/11 - 3/11.
    totals = np.arange(40)
    right = np.zeros(40)
    right[:3] = 1
    right[-9:] = 1
    assert upper_lower(right, totals, 1).value == pytest.approx(6 / 11)


@given(classes(), st.integers(0, 2**32 - 1))
def test_the_upper_and_lower_groups_do_not_depend_on_the_order_of_submissions(table, seed):
    points, totals = table[:, 0], table.sum(axis=1)
    found = upper_lower(points, totals, 3)
    mixed = np.random.default_rng(seed).permutation(table)
    again = upper_lower(mixed[:, 0], mixed.sum(axis=1), 3)
    assert (found.value is None) == (again.value is None)
    assume(found.value is not None)
    assert found.value == pytest.approx(again.value, abs=1e-9)
    assert -1 - 1e-9 <= found.value <= 1 + 1e-9
    turned = upper_lower(points, -totals, 3).value
    assert turned == pytest.approx(-found.value, abs=1e-9)


@given(st.lists(POINTS, min_size=FEWEST, max_size=30, unique=True))
def test_without_ties_the_groups_are_the_first_and_last_of_a_sorted_class(totals):
    points = np.random.default_rng(len(totals)).integers(0, 4, len(totals))
    ranked = pd.Series(points, index=totals).sort_index()
    size = round(0.27 * len(totals))
    by_hand = (ranked.tail(size).mean() - ranked.head(size).mean()) / 3
    assert upper_lower(points, totals, 3).value == pytest.approx(by_hand)


@given(st.lists(POINTS, min_size=1, max_size=60))
def test_the_spread_agrees_with_pandas(marks):
    found, series = spread(marks), pd.Series(marks)
    assert (found.count, found.lowest, found.highest) == (len(marks), min(marks), max(marks))
    assert [found.lower_quarter, found.median, found.upper_quarter] == pytest.approx(
        list(series.quantile([0.25, 0.5, 0.75]))
    )
    assert found.mean == pytest.approx(series.mean())
    if len(marks) == 1:
        assert found.deviation is None
    else:
        assert found.deviation == pytest.approx(series.std())


def test_where_there_is_no_figure_there_is_a_reason_and_never_nan():
    same, five = [2, 2, 2, 2, 2], [1, 2, 3, 4, 5]
    assert spread([]) is None
    for found, reason in [
        (facility([], 2), "nothing is marked yet"),
        (facility([0, 0], 0), "worth no points"),
        (item_rest([1, 2], [2, 1]), "fewer than 5"),
        (item_rest(same, five), "the same points here"),
        (item_rest(five, same), "the same points elsewhere"),
        (upper_lower([1], [1], 1), "fewer than 5"),
        (upper_lower(five, same, 5), "the same total"),
        (upper_lower(five, five, 0), "worth no points"),
        (cronbach_alpha(np.ones((9, 1))), "two marked questions"),
        (cronbach_alpha(np.empty((0, 0))), "two marked questions"),
        (cronbach_alpha(np.empty((3, 4))), "fewer than 5"),
        (cronbach_alpha(np.ones((9, 3))), "the same total"),
    ]:
        assert found.value is None and reason in found.why_not


def test_points_that_are_equal_up_to_rounding_are_equal():
    rest = [0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2, 0.3]
    assert item_rest([1, 0, 1, 0, 1], rest).value is None
