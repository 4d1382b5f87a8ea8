"""Which figures tell how a question did? Those of classical item analysis, each a pure function.

Sources. Facility index: Moodle's documentation, "Quiz statistics calculations". Corrected
item-total correlation: J. Nunnally and I. Bernstein, Psychometric Theory, 3rd ed. 1994, chapter 8.
Upper and lower 27 per cent: T. L. Kelley, "The selection of upper and lower groups for the
validation of test items", J. Educ. Psychol. 30 (1939), 17-24. Alpha: L. J. Cronbach, "Coefficient
alpha and the internal structure of tests", Psychometrika 16 (1951), 297-334.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEWEST = 5
"""With fewer submissions than this, a figure about differences would describe chance."""

TAIL = 0.27
"""Kelley's share of the class in the upper and in the lower group."""

_SAME = 1e-9
"""Points that differ by less than this are equal: sums of decimal points are not exact."""


@dataclass(frozen=True)
class Figure:
    """A figure, or the reason why there is none: never both, and never "not a number"."""

    value: float | None
    why_not: str = ""


@dataclass(frozen=True)
class Spread:
    """How marks are spread, in points. `deviation` divides by n - 1; None for a single mark."""

    count: int
    lowest: float
    lower_quarter: float
    median: float
    upper_quarter: float
    highest: float
    mean: float
    deviation: float | None


def spread(marks: ArrayLike) -> Spread | None:
    """The spread of marks: extremes, quartiles (linear between two marks), mean, deviation.

    None where there is no mark.
    """
    values = np.asarray(marks, dtype=float)
    if not values.size:
        return None
    lowest, lower, median, upper, highest = np.percentile(values, [0, 25, 50, 75, 100])
    deviation = float(values.std(ddof=1)) if values.size > 1 else None
    return Spread(
        values.size,
        float(lowest),
        float(lower),
        float(median),
        float(upper),
        float(highest),
        float(values.mean()),
        deviation,
    )


def facility(points: ArrayLike, most: float) -> Figure:
    """The facility index p: mean points divided by the points that there are, 0 to 1.

    Arguments: the points of one question, one for each submission; what it is worth.
    """
    values = np.asarray(points, dtype=float)
    if not values.size:
        return Figure(None, "nothing is marked yet")
    if most <= 0:
        return Figure(None, "it is worth no points")
    return Figure(float(values.mean() / most))


def item_rest(points: ArrayLike, rest: ArrayLike) -> Figure:
    """The corrected item-total correlation: Pearson's r of a question with all the others together.

    Arguments: the points of one question; for the same submissions, the points of the other
    questions together. Where a question is only right or wrong, it is the point-biserial
    correlation. From -1 to 1.
    """
    one, other = np.asarray(points, dtype=float), np.asarray(rest, dtype=float)
    if one.size < FEWEST:
        return Figure(None, f"fewer than {FEWEST} are marked")
    if _constant(one):
        return Figure(None, "everybody has the same points here")
    if _constant(other):
        return Figure(None, "everybody has the same points elsewhere")
    one, other = one - one.mean(), other - other.mean()
    r = float((one @ other) / np.sqrt((one @ one) * (other @ other)))
    return Figure(min(max(r, -1.0), 1.0))


def upper_lower(points: ArrayLike, totals: ArrayLike, most: float) -> Figure:
    """The index D: the facility in the upper 27 per cent of the class minus that in the lower.

    Arguments: the points of one question; for the same submissions, the totals that rank them;
    what the question is worth. Where several have the total at the border of a group, each of
    them counts with the same part, so the order of the submissions makes no difference.
    """
    values, order = np.asarray(points, dtype=float), np.asarray(totals, dtype=float)
    if values.size < FEWEST:
        return Figure(None, f"fewer than {FEWEST} are marked")
    if most <= 0:
        return Figure(None, "it is worth no points")
    if _constant(order):
        return Figure(None, "everybody has the same total")
    size = max(1, round(TAIL * values.size))
    return Figure((_top(values, order, size) - _top(values, -order, size)) / most)


def cronbach_alpha(points: ArrayLike) -> Figure:
    """Cronbach's alpha of a table of points: a row for each submission, a column for each question.

    At most 1; below 0 where questions contradict one another.
    """
    table = np.asarray(points, dtype=float)
    rows, questions = table.shape
    if questions < 2:
        return Figure(None, "it needs two marked questions or more")
    if rows < FEWEST:
        return Figure(None, f"fewer than {FEWEST} submissions")
    totals = table.sum(axis=1)
    if _constant(totals):
        return Figure(None, "everybody has the same total")
    alpha = alpha_of_variances(table.var(axis=0, ddof=1), float(totals.var(ddof=1)))
    return Figure(alpha)


def alpha_of_variances(items: ArrayLike, total: float) -> float:
    """Cronbach's alpha from the variances of two questions or more and that of the total, above 0."""
    variances = np.asarray(items, dtype=float)
    k = variances.size
    return float(k / (k - 1) * (1 - variances.sum() / total))


def _constant(values: NDArray[np.float64]) -> bool:
    return bool(np.ptp(values) <= _SAME * max(1.0, float(np.abs(values).max())))


def _top(values: NDArray[np.float64], order: NDArray[np.float64], size: int) -> float:
    """The mean of `values` among the `size` highest in `order`; who ties for a place shares it."""
    border = np.sort(order)[-size]
    above = order > border + _SAME
    tied = np.abs(order - border) <= _SAME
    places = size - int(above.sum())
    return float((values[above].sum() + places * values[tied].mean()) / size)
