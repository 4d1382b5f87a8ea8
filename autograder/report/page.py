"""What does the instructor get? The page and the table, as text.

Whatever comes from a trainee is escaped on the page and cannot be a formula in the table.
"""

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.report import analysis, measures, mistakes, plots
from autograder.report.analysis import FATES, Analysis, Figure, signed
from autograder.report.answers import Answers
from autograder.report.mistakes import Mistakes
from autograder.report.tables import Marks

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
_pages.filters.update(sentence=sentence, points=points, figure=figure)
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
    rows = []
    for item in found.items:
        rows.append(
            {
                "number": item.number,
                "notebook": item.notebook,
                "question": item.name,
                "title": item.title,
                "points": points(item.most),
                "marked_by": "hand" if item.by_hand else "machine",
                "submissions": item.count,
                "marked": item.marked,
                "to_be_marked_by_hand": item.waiting,
                "mean": _number(item.mean),
                "facility_p": _number(item.facility.value),
                "item_rest_r": _number(item.discrimination.value),
                "upper_lower_D": _number(item.upper_lower.value),
                **{fate: item.fates[fate] for fate in FATES},
                "second_look": " ".join(item.concerns),
            }
        )
    return _csv(rows)


def submissions_csv(marks: Marks) -> str:
    """The marks with names: a row for each trainee. An empty field: not marked yet."""
    rows = []
    names = dict(zip(marks.questions.index, _columns(marks), strict=True))
    for student, row in marks.submissions.iterrows():
        rows.append(
            {
                "trainee": str(student),
                "mark": points(row["mark"]),
                "points": points(row["points"]),
                "lost_for_lateness": points(row["penalty"]),
                "days_late": points(row["late"]),
                "to_be_marked_by_hand": int(marks.waiting.loc[student].sum()),
                **{
                    name: _number(marks.points.loc[student, number])
                    for number, name in names.items()
                },
            }
        )
    return _csv(rows)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: one that looks like it begins with a quote."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _columns(marks: Marks) -> list[str]:
    """A name for the column of each question; with the notebook where two share a name."""
    short = marks.questions["short"]
    twice = short.duplicated(keep=False)
    return [
        f"{notebook}/{name}" if double else name
        for notebook, name, double in zip(marks.questions["notebook"], short, twice, strict=True)
    ]


def _number(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.6f}".rstrip("0").rstrip(".")


def _csv(rows: list[dict[str, object]]) -> str:
    """Rows as CSV (RFC 4180). Words are made harmless; our own numbers may be negative."""
    text = io.StringIO()
    writer = csv.writer(text)
    if rows:
        writer.writerow(map(harmless, rows[0]))
    for row in rows:
        writer.writerow(_field(value) for value in row.values())
    return text.getvalue()


def _field(value: object) -> str:
    text = str(value)
    return text if re.fullmatch(r"-?\d+(\.\d+)?", text) else harmless(text)
