"""How did each question do, and which need a second look? From marks and answers to figures.

A question that is not yet marked for everybody is in no total: whoever waits for a mark would
otherwise count as somebody who earned nothing.
"""

from dataclasses import dataclass

import pandas as pd

from autograder.report.answers import Answers
from autograder.report.measures import (
    FEWEST,
    Figure,
    Spread,
    cronbach_alpha,
    facility,
    item_rest,
    spread,
    upper_lower,
)
from autograder.report.tables import Marks

HARD, EASY = 0.30, 0.95
"""Below and above these, a facility index is worth a second look."""

ENOUGH_FOR_DOUBT = 10
"""From so many submissions on, a negative discrimination is called out: below it is mostly chance."""

MANY_BLANK, MANY_UNCHECKED = 0.20, 0.10
"""Shares of the class from which on blank and unchecked answers are called out."""

FATES = {
    "full": "all points",
    "part": "some points",
    "none": "no points",
    "blank": "left blank",
    "unchecked": "could not be checked",
    "unmarked": "not marked yet",
}
"""What became of an answer, each in exactly one of them."""


@dataclass(frozen=True)
class Item:
    """One question and how the class did.

    fates    how many answers ended how, by the words of FATES
    marked   how many are marked; the figures are about these
    waiting  how many a person has still to look at
    """

    number: int
    notebook: str
    name: str
    title: str
    most: float
    by_hand: bool
    fates: dict[str, int]
    marked: int
    waiting: int
    mean: float | None
    facility: Figure
    discrimination: Figure
    upper_lower: Figure
    concerns: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many submissions were graded."""
        return sum(self.fates.values())


@dataclass(frozen=True)
class Analysis:
    """All that the page says in figures.

    spread   of the marks as they count now: by hand where marked, less what was lost by lateness
    alpha    Cronbach's, of the questions that are marked for everybody
    whole    the numbers of those questions
    fates    a row for each trainee, a column for each question: a word of FATES
    """

    items: tuple[Item, ...]
    most: float
    spread: Spread | None
    alpha: Figure
    whole: tuple[int, ...]
    fates: pd.DataFrame


def analyse(marks: Marks, answers: Answers) -> Analysis:
    """Compute the figures of an assignment."""
    fates = _fates(marks, answers)
    whole = [n for n in marks.points if len(marks.points) and marks.points[n].notna().all()]
    items = tuple(_item(marks, fates, number, whole) for number in marks.questions.index)
    return Analysis(
        items,
        float(marks.questions["most"].sum()),
        spread(marks.submissions["mark"]),
        cronbach_alpha(marks.points[whole]),
        tuple(whole),
        fates,
    )


def _fates(marks: Marks, answers: Answers) -> pd.DataFrame:
    """What became of each answer."""
    points, most = marks.points, marks.questions["most"]
    told = answers.told.pivot(index="student", columns="question", values="outcome")
    told = told.reindex(index=points.index, columns=points.columns)
    fates = pd.DataFrame("none", index=points.index, columns=points.columns)
    # The later line prevails.
    fates = fates.mask(points.isna(), "unmarked")
    fates = fates.mask((told == "not_checked") & marks.waiting, "unchecked")
    fates = fates.mask(marks.blank, "blank")
    fates = fates.mask(points > 0, "part")
    return fates.mask(points.ge(most, axis="columns"), "full")


def _item(marks: Marks, fates: pd.DataFrame, number: int, whole: list[int]) -> Item:
    question = marks.questions.loc[number]
    points = marks.points[number].dropna()
    most = float(question["most"])
    others = [n for n in whole if n != number]
    rest = marks.points.loc[points.index, others].sum(axis=1)
    counted = fates[number].value_counts()
    alone = Figure(None, "there is no other marked question")
    item = Item(
        number=number,
        notebook=question["notebook"],
        name=question["short"],
        title=question["title"],
        most=most,
        by_hand=bool(question["by_hand"]),
        fates={fate: int(counted.get(fate, 0)) for fate in FATES},
        marked=len(points),
        waiting=int(marks.waiting[number].sum()),
        mean=float(points.mean()) if len(points) else None,
        facility=facility(points, most),
        discrimination=item_rest(points, rest) if others else alone,
        upper_lower=upper_lower(points, rest + points, most) if others else alone,
    )
    return Item(**{**vars(item), "concerns": tuple(_concerns(item))})


def _concerns(item: Item) -> list[str]:
    """Why a question needs a second look, one sentence for each reason."""
    found = []
    p, r = item.facility.value, item.discrimination.value
    if p is not None and item.marked >= FEWEST:
        if p < HARD:
            found.append(
                f"Too hard? The class won {p:.0%} of its points. Look whether it was taught, and "
                "whether the check refuses answers that are right."
            )
        elif p > EASY:
            found.append(
                f"Too easy? The class won {p:.0%} of its points. That is well where everybody "
                "should be able to do it; it does not tell one trainee from another."
            )
    if r is not None and r < 0 and item.marked >= ENOUGH_FOR_DOUBT:
        found.append(
            f"Upside down? Those who did well elsewhere did worse here (r = {signed(r)}). Often "
            "the text can be misread, or the check takes a wrong answer for right."
        )
    if item.fates["unchecked"] and item.fates["unchecked"] >= MANY_UNCHECKED * item.count:
        found.append(
            f"Not checked: {of(item.fates['unchecked'], item.count)} could not be checked, because "
            "the notebook had ended before. They have no points for it; look at them by hand."
        )
    if item.count >= FEWEST and item.fates["blank"] >= MANY_BLANK * item.count:
        found.append(
            f"Left blank by {of(item.fates['blank'], item.count)}. Was the question found, was it "
            "understood, was there time?"
        )
    if item.waiting:
        found.append(f"To be marked by hand: {of(item.waiting, item.count)}.")
    return found


def of(part: int, whole: int) -> str:
    """ "3 of 12 (25%)", for a whole above 0."""
    return f"{part} of {whole} ({part / whole:.0%})"


def signed(value: float) -> str:
    """A figure with two decimals and a real minus sign; never "-0.00"."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "\N{MINUS SIGN}")
