"""How does it look? Three pictures, as SVG that stands in the page itself.

Each is drawn for a narrow screen and grows with the page, takes its colours from the page (so that
dark mode is dark), and says in its title and description what it shows. Next to each the page has
the same in a table. Nothing is drawn that was typed by a trainee.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
from markupsafe import Markup

from autograder.report.analysis import FATES, HARD, Item, of, signed

WIDTH = 360
MOST_BARS = 12
STEPS = (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)


def bins(marks: Sequence[float], most: float) -> list[tuple[float, float, int]]:
    """The marks counted: (from, to, how many), `to` left out except in the last.

    Arguments: marks of 0 or more; the most that there is. Nobody is left out: who has more than
    the most is in a bin of their own kind further right.
    """
    top = max([most, *marks, STEPS[0]])
    step = next((step for step in STEPS if top / step <= MOST_BARS), top / MOST_BARS)
    edges = [step * n for n in range(int(np.ceil(top / step - 1e-9)) + 1)]
    counts, _ = np.histogram(marks, bins=edges)
    return [(a, b, int(n)) for a, b, n in zip(edges, edges[1:], counts, strict=False)]


def histogram(marks: Sequence[float], most: float, median: float) -> Markup:
    """How many have how many points, with the median."""
    counted = bins(marks, most)
    end, highest = counted[-1][1], max(count for *_, count in counted)
    fullest = max(counted, key=lambda row: row[2])
    svg = _picture(
        "spread",
        190,
        "How the marks are spread",
        f"A bar for each range of marks, from 0 to {end:g} points. The highest bar, from "
        f"{fullest[0]:g} to {fullest[1]:g} points, has {_people(fullest[2])}. "
        f"Half of the class has {round(median, 2):g} points or more.",
    )
    left, right, top, ground = 12, WIDTH - 12, 34, 150
    scale = (right - left) / end
    for start, stop, count in counted:
        height = (ground - top) * count / highest
        if count:
            x, width = left + start * scale + 1, (stop - start) * scale - 2
            _add(svg, "rect", "bar", x=x, y=ground - height, width=width, height=height)
    x = left + median * scale
    _line(svg, x, 16, x, ground, "mark")
    side = "start" if median < end / 2 else "end"
    _text(
        svg, x + (5 if side == "start" else -5), 14, f"median {round(median, 2):g}", side, "strong"
    )
    for start, stop, count in counted:
        if count:
            x, height = left + (start + stop) / 2 * scale, (ground - top) * count / highest
            _text(svg, x, ground - height - 4, str(count), "middle", "over")
    for edge in [start for start, *_ in counted] + [end]:
        _text(svg, left + edge * scale, ground + 15, f"{edge:g}", "middle", "quiet")
    _line(svg, left, ground, right, ground, "axis")
    _text(svg, WIDTH / 2, 184, "points", "middle", "quiet")
    return _markup(svg)


def fates(items: Sequence[Item]) -> Markup:
    """What became of the answers to each question: a bar for each, in parts."""
    row, top = 40, 4
    svg = _picture(
        "fates",
        top + row * len(items),
        "What became of the answers",
        "A bar for each question, parted into "
        + ", ".join(FATES.values())
        + ". "
        + " ".join(
            f"Question {item.number}: {of(item.fates['full'], item.count)} have all points."
            for item in items
        ),
    )
    for place, item in enumerate(items):
        y = top + place * row
        _text(svg, 0, y + 13, f"{item.number}  {_short(item.title, 44)}", "start")
        if item.facility.value is not None:
            _text(svg, WIDTH, y + 13, f"{item.facility.value:.0%}", "end", "strong")
        x = 0.0
        for fate in FATES:
            width = WIDTH * item.fates[fate] / item.count
            if width:
                inner = max(width - 1.5, 0.5)
                _add(svg, "rect", fate, x=x, y=y + 19, width=inner, height=13)
            x += width
    return _markup(svg)


def fields(items: Sequence[Item]) -> Markup | None:
    """Difficulty against discrimination: a point for each question that has both; else None."""
    known = [
        item
        for item in items
        if item.facility.value is not None and item.discrimination.value is not None
    ]
    if not known:
        return None
    lowest = min(item.discrimination.value for item in known)
    low = -0.2 if lowest >= -0.2 else -1.0
    svg = _picture(
        "fields",
        270,
        "Difficulty and discrimination",
        "A point for each question. To the right: easier. Higher up: those who do well elsewhere do "
        "better here. "
        + " ".join(
            f"Question {item.number}: p {item.facility.value:.2f}, "
            f"r {signed(item.discrimination.value)}."
            for item in known
        ),
    )
    left, right, top, ground = 40, WIDTH - 20, 12, 226

    def at(p: float, r: float) -> tuple[float, float]:
        share = (r - low) / (1 - low)
        return left + min(max(p, 0), 1) * (right - left), ground - share * (ground - top)

    zero = at(0, 0)[1]
    _add(svg, "rect", "doubt", x=left, y=zero, width=right - left, height=ground - zero)
    _add(svg, "rect", "doubt", x=left, y=top, width=HARD * (right - left), height=zero - top)
    _text(svg, right - 4, ground - 6, "upside down", "end", "quiet")
    _text(svg, left + 4, top + 13, "hard", "start", "quiet")
    for p in (0, 0.25, 0.5, 0.75, 1):
        _text(svg, at(p, 0)[0], ground + 18, f"{p:.0%}", "middle", "quiet")
    for r in (low, 0, 0.5, 1):
        _line(svg, left, at(0, r)[1], right, at(0, r)[1], "grid")
        _text(svg, left - 5, at(0, r)[1] + 4, signed(r).rstrip("0").rstrip("."), "end", "quiet")
    _line(svg, left, zero, right, zero, "axis")
    _text(
        svg, (left + right) / 2, 262, "difficulty: share of the points won (p)", "middle", "quiet"
    )
    middle = (top + ground) / 2
    label = _text(svg, 10, middle, "discrimination (r)", "middle", "quiet")
    label.set("transform", f"rotate(-90 10 {middle:g})")
    dots = [(*at(item.facility.value, item.discrimination.value), item.number) for item in known]
    for x, y, _ in dots:
        _add(svg, "circle", "dot", cx=x, cy=y, r=4)
    for (x, y, number), (to_x, to_y) in zip(dots, _labels(dots), strict=True):
        if (x - to_x) ** 2 + (y - to_y) ** 2 > 15**2:
            _line(svg, x, y, to_x, to_y, "lead")
        _text(svg, to_x, to_y + 4, str(number), "middle", "over strong")
    return _markup(svg)


def _labels(dots: Sequence[tuple[float, float, int]]) -> list[tuple[float, float]]:
    """Where the number of each dot stands: near it, and on no other dot or number."""
    taken = [(x, y, 8.0) for x, y, _ in dots]
    placed = []
    for x, y, _ in dots:
        near = [
            (x + radius * np.cos(turn), y - radius * np.sin(turn))
            for radius in range(13, 120, 7)
            for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False) + np.pi / 3
        ]
        free = (
            (a, b)
            for a, b in near
            if 48 <= a <= WIDTH - 8
            and 8 <= b <= 220
            and all(abs(a - c) >= 5 + gap or abs(b - d) >= 3 + gap for c, d, gap in taken)
        )
        a, b = next(free, near[0])
        taken.append((a, b, 11.0))
        placed.append((float(a), float(b)))
    return placed


def _picture(name: str, height: float, title: str, description: str) -> Element:
    svg = Element(
        "svg",
        {
            "class": "plot",
            "viewBox": f"0 0 {WIDTH} {height:g}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
        },
    )
    SubElement(svg, "title", id=f"{name}-title").text = title
    SubElement(svg, "desc", id=f"{name}-desc").text = description
    return svg


def _add(parent: Element, tag: str, kind: str, **numbers: float) -> Element:
    values = {name: f"{value:.2f}".rstrip("0").rstrip(".") for name, value in numbers.items()}
    return SubElement(parent, tag, {"class": kind, **values})


def _line(parent: Element, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
    _add(parent, "line", kind, x1=x1, y1=y1, x2=x2, y2=y2)


def _text(
    parent: Element, x: float, y: float, text: str, anchor: str, kind: str = "label"
) -> Element:
    made = _add(parent, "text", kind, x=x, y=y)
    made.set("text-anchor", anchor)
    made.text = text
    return made


def _markup(svg: Element) -> Markup:
    return Markup(tostring(svg, encoding="unicode"))  # noqa: S704 (ElementTree escapes)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _people(count: int) -> str:
    return "1 trainee" if count == 1 else f"{count} trainees"
