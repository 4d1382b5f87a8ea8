"""Draw where money went: a still picture with a title, a description and a table for the book.

Layout by graphviz-pure (Graphviz's `dot`, version 16, as one program without dependencies).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from cointrace.errors import ChainError

MOST_EDGES = 150
"""More arrows than this are a carpet, not a picture."""
_SECONDS = 30
_SHORT = 12


@dataclass(frozen=True, eq=False, repr=False)
class Flow:
    """A drawn flow. `svg`: the picture; `table`: the same as rows; `title`, `description`: in words."""

    svg: str
    table: pd.DataFrame
    title: str
    description: str

    def __repr__(self) -> str:
        """Return the words: a reader without pictures gets the same."""
        return f"{self.title}\n{self.description}\n{self.table.to_string(index=False)}"

    def _repr_html_(self) -> str:
        """Return the picture, and the table folded below it."""
        rows = self.table.to_html(index=False)
        return (
            f'<figure style="margin: 0; overflow-x: auto">{self.svg}'
            f"<details><summary>{escape(self.title)}: the same as a table</summary>{rows}</details>"
            "</figure>"
        )


def draw_flow(
    edges: pd.DataFrame,
    *,
    title: str = "Where the money went",
    description: str = "",
    names: dict[str, str] | None = None,
    highlight: Any = (),
) -> Flow:
    """Draw payments as arrows from left to right.

    Args:
        edges: a table with source and target (text; a target that is missing is money at rest) and value
            (satoshi), such as `neighbourhood(...).table`. Several rows of the same two are one arrow.
        title: what the picture is called; screen readers say it first.
        description: what is to be seen, in a sentence or two; made from the table where it is empty.
        names: what to write in place of a source or target.
        highlight: sources and targets that are drawn with a double border (never by colour alone).

    Returns:
        A `Flow`; a notebook and the book show it by itself.

    Raises:
        ChainError: a column is missing, there is nothing or too much to draw, or the program is not here.
    """
    for column in ("source", "target", "value"):
        if column not in edges.columns:
            raise ChainError(
                f"the table of edges has no column {column!r}", "give source, target, value"
            )
    if edges.empty:
        raise ChainError("there is nothing to draw", "give at least one edge")
    table = edges.assign(target=edges["target"].fillna("not spent yet").astype(str))
    table = table.astype({"source": str}).groupby(["source", "target"], sort=False, as_index=False)
    table = table.agg(value=("value", "sum"), payments=("value", "size"))
    if len(table) > MOST_EDGES:
        raise ChainError(
            f"{len(table)} arrows do not make a picture", f"draw at most {MOST_EDGES} at a time"
        )
    said = names or {}
    shown = table.assign(
        source=[said.get(each, shortened(each)) for each in table["source"]],
        target=[said.get(each, shortened(each)) for each in table["target"]],
        value=[btc(int(each)) for each in table["value"]],
    ).rename(columns={"source": "from", "target": "to", "value": "BTC"})
    told = description or _described(table, said)
    svg = _svg(_dot(table, said, set(highlight)))
    return Flow(_titled(svg, title, told), shown, title, told)


def shortened(name: str) -> str:
    """Return a long id as its two ends, so that it can be read and still be told apart."""
    return name if len(name) <= 2 * _SHORT else f"{name[:_SHORT]}…{name[-6:]}"


def btc(satoshi: int) -> str:
    """Return an amount in bitcoin with all eight places."""
    return f"{satoshi // 100_000_000:,}.{satoshi % 100_000_000:08d}"


def _described(table: pd.DataFrame, said: dict[str, str]) -> str:
    largest = table.loc[table["value"].idxmax()]
    ends = [said.get(largest[end], shortened(largest[end])) for end in ("source", "target")]
    points = len({*table["source"], *table["target"]})
    arrows = f"{len(table)} arrow" + ("" if len(table) == 1 else "s")
    return (
        f"{arrows} between {points} points. The largest goes from {ends[0]} to {ends[1]}: "
        f"{btc(int(largest['value']))} BTC."
    )


def _quoted(text: str) -> str:
    # Graphviz reads a backslash and a quote; everything else is text. Line breaks would be layout.
    clean = "".join(" " if ord(each) < 32 else each for each in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dot(table: pd.DataFrame, said: dict[str, str], highlight: set[str]) -> str:
    points = list(dict.fromkeys([*table["source"], *table["target"]]))
    number = {point: f"n{place}" for place, point in enumerate(points)}
    most = max(1, int(table["value"].max()))
    lines = [
        "digraph {",
        'rankdir=LR; bgcolor="white"; nodesep=0.25; ranksep=0.9;',
        'node [shape=box, style="rounded", fontname="Arial", fontsize=11, margin="0.12,0.06"];',
        'edge [fontname="Arial", fontsize=10, arrowsize=0.7];',
    ]
    for point in points:
        border = ", peripheries=2" if point in highlight else ""
        label = _quoted(said.get(point, shortened(point)))
        lines.append(f"{number[point]} [label={label}{border}];")
    for row in table.itertuples(index=False):
        width = 1 + 4 * int(row.value) / most
        lines.append(
            f"{number[row.source]} -> {number[row.target]} "
            f"[label={_quoted(btc(int(row.value)))}, penwidth={width:.2f}];"
        )
    return "\n".join([*lines, "}"])


def _svg(dot: str) -> str:
    program = shutil.which("graphviz-pure", path=str(Path(sys.executable).parent)) or shutil.which(
        "graphviz-pure"
    )
    if program is None:
        raise ChainError("the program graphviz-pure is not here", "run `pip install graphviz-pure`")
    try:
        done = subprocess.run(
            [program, "-Tsvg"], input=dot, capture_output=True, timeout=_SECONDS, encoding="utf-8"
        )
    except subprocess.TimeoutExpired:
        raise ChainError("the drawing takes too long", "draw fewer edges") from None
    if done.returncode or "<svg" not in done.stdout:
        problem = done.stderr.strip().splitlines()[-1:] or ["no picture came back"]
        raise ChainError(f"the flow cannot be drawn ({problem[0][:120]})", "draw fewer edges")
    return done.stdout[done.stdout.index("<svg") :]


def _titled(svg: str, title: str, description: str) -> str:
    """Give the picture its words, let it shrink to the page, and take out what a tool tip would show."""
    start, rest = svg.split(">", 1)
    size = start.find("viewBox=")
    box = start[size : start.index('"', size + 9) + 1]
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    attributes = f'role="img" aria-label="{escape(title)}. {escape(description)}"'
    width = float(box.split('"')[1].split()[2])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} {attributes} '
        # A wide picture scrolls sideways: shrunk to a phone, its letters could not be read.
        f'style="max-width: 100%; width: {width:.0f}pt; min-width: {width * 0.85:.0f}pt; height: auto">'
        f"{words}{rest}"
    )
