"""What does the instructor get? The page and the table, as text.

Whatever comes from a trainee is escaped on the page and cannot be a formula in the table.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.report import analysis, measures, mistakes, plots
from autograder.report.analysis import FATES, Analysis, Figure, signed
from autograder.report.answers import Answers
from autograder.report.mistakes import Mistakes
from autograder.report.tables import Marks

FORMULA = {"=", "+", "-", "@"}
FEW = 30
"""With fewer submissions than this the page says that its figures are unsteady."""


def sentence(text: str) -> Markup:
    """A sentence as HTML: everything escaped, and what stands in backticks shown as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def points(value: float) -> str:
    """Points with two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def figure(value: Figure, form: str = "signed") -> Markup:
    """A figure; a dash and the reason where there is none."""
    if value.value is None:
        return Markup('<span class="none">— <small>{}</small></span>').format(value.why_not)
    return escape(f"{value.value:.0%}" if form == "share" else signed(value.value))


_pages = Environment(
    loader=PackageLoader("autograder"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters.update(sentence=sentence, points=points, figure=figure, visible=mistakes.visible)
PAGE = _pages.get_template("report.html.j2")


def report_page(
    marks: Marks,
    answers: Answers,
    found: Analysis,
    wrong: Mapping[int, Mistakes],
    made: datetime,
    names: bool = False,
) -> str:
    """The page as HTML.

    Arguments: the marks; what the judge said; the figures; the commonest wrong answers by number
    of the question; when this is, in UTC; whether trainees are named.
    """
    given = list(marks.submissions["mark"])
    count = len(given)
    lost = marks.submissions["penalty"].clip(upper=marks.submissions["points"])
    return PAGE.render(
        assignment=marks.assignment,
        made=made,
        count=count,
        enrolled=marks.enrolled,
        found=found,
        fates=FATES,
        wrong=wrong,
        names=names,
        few=FEW,
        waiting=int(marks.waiting.any(axis=1).sum()),
        waiting_answers=int(marks.waiting.to_numpy().sum()),
        late=int((marks.submissions["late"] > 0).sum()),
        fined=int((lost > 0).sum()),
        lost=float(lost.sum()),
        ungraded=marks.ungraded,
        unreadable=answers.unreadable,
        missing=answers.missing,
        several=marks.questions["notebook"].nunique() > 1,
        bins=plots.bins(given, found.most) if count else [],
        histogram=plots.histogram(given, found.most, found.spread.median) if count else "",
        bars=plots.fates(found.items) if count else "",
        fields=plots.fields(found.items) if count else None,
        submissions=[
            (str(student), row, int(marks.waiting.loc[student].sum()))
            for student, row in marks.submissions.sort_values(
                "mark", ascending=False, kind="stable"
            ).iterrows()
        ],
        limits={
            "fewest": measures.FEWEST,
            "enough": analysis.ENOUGH_FOR_DOUBT,
            "hard": analysis.HARD,
            "easy": analysis.EASY,
            "blank": analysis.MANY_BLANK,
            "unchecked": analysis.MANY_UNCHECKED,
            "messages": mistakes.MOST_MESSAGES,
        },
    )


def questions_csv(found: Analysis) -> str:
    """The table: a row for each question with all its figures. An empty field: there is none."""
    header = ["number", "notebook", "question", "title", "points", "marked_by", "submissions"]
    header += ["marked", "to_be_marked_by_hand", "mean", "facility_p", "item_rest_r"]
    header += ["upper_lower_D", *FATES, "second_look"]
    rows = [
        [
            item.number,
            item.notebook,
            item.name,
            item.title,
            _number(item.most),
            "hand" if item.by_hand else "machine",
            item.count,
            item.marked,
            item.waiting,
            _number(item.mean),
            _number(item.facility.value),
            _number(item.discrimination.value),
            _number(item.upper_lower.value),
            *item.fates.values(),
            " ".join(item.concerns),
        ]
        for item in found.items
    ]
    return _csv(header, rows)


def submissions_csv(marks: Marks) -> str:
    """The marks with names: a row for each trainee. An empty field: not marked yet."""
    header = ["trainee", "mark", "points", "lost_for_lateness", "days_late", "to_be_marked_by_hand"]
    header += [f"{number} {name}" for number, name in marks.questions["short"].items()]
    rows = [
        [
            student,
            *(_number(row[column]) for column in ("mark", "points", "penalty", "late")),
            int(marks.waiting.loc[student].sum()),
            *map(_number, marks.points.loc[student]),
        ]
        for student, row in marks.submissions.iterrows()
    ]
    return _csv(header, rows)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: one that looks like it begins with a quote."""
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])  # wide signs count as well
    return f"'{text}" if first in FORMULA or text.startswith(("\t", "\r", "\n")) else text


def _number(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.6f}".rstrip("0").rstrip(".")


def _csv(header: list[str], rows: Iterable[list[object]]) -> str:
    """A table as CSV (RFC 4180), every field in quotes: a semicolon of a trainee's divides nothing."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([_field(value) for value in row] for row in rows)
    return text.getvalue()


def _field(value: object) -> str:
    """Words are made harmless; numbers may be negative."""
    text = str(value)
    return text if re.fullmatch(r"-?\d+(\.\d+)?", text) else harmless(text)
