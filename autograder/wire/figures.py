"""Matplotlib figures across the wall: a description of what was drawn, never the object.

The judge gets `Figure` and `Axes` stand-ins that answer matplotlib's own questions (`get_xlabel`, `lines`, `patches`,
…) from the description, so a test reads the same here and under stock nbgrader.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.wire.limits import WireError

if TYPE_CHECKING:
    from autograder.wire.values import Decoder, Encoder

_TEXTS = ("title", "xlabel", "ylabel", "xscale", "yscale")
_MARKS = {
    "lines": ("xdata", "ydata"),
    "patches": ("xy", "width", "height"),
    "collections": ("offsets",),
}


class Mark:
    """One line, bar or cloud of points; answers `get_xdata()`, `get_height()`, `get_offsets()`, …"""

    def __init__(self, kind: str, label: str, data: dict[str, np.ndarray]) -> None:
        self.kind = kind
        self._label = label
        self._data = data

    def get_label(self) -> str:
        """Return the label given for the legend."""
        return self._label

    def get_xdata(self, orig: bool = True) -> np.ndarray:
        """Return a line's horizontal values."""
        return self._data["xdata"]

    def get_ydata(self, orig: bool = True) -> np.ndarray:
        """Return a line's vertical values."""
        return self._data["ydata"]

    def get_offsets(self) -> np.ndarray:
        """Return the points of a scatter plot, shape (n, 2)."""
        return self._data["offsets"]

    def get_width(self) -> float:
        """Return a bar's width."""
        return float(self._data["width"][0])

    def get_height(self) -> float:
        """Return a bar's height."""
        return float(self._data["height"][0])

    def get_xy(self) -> tuple[float, float]:
        """Return a bar's lower left corner."""
        x, y = self._data["xy"]
        return float(x), float(y)

    def get_x(self) -> float:
        """Return a bar's left edge."""
        return float(self._data["xy"][0])

    def get_y(self) -> float:
        """Return a bar's lower edge."""
        return float(self._data["xy"][1])


class Label:
    """A text in a figure; answers `get_text()`."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_text(self) -> str:
        """Return the text."""
        return self._text


class Legend:
    """The legend that is shown in a figure; answers `get_texts()`."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def get_texts(self) -> list[Label]:
        """Return its words."""
        return [Label(text) for text in self._texts]


class Axes:
    """What one pair of axes shows, as matplotlib would say it."""

    def __init__(
        self,
        texts: dict[str, str],
        legend: list[str],
        ticks: list[list[str]],
        marks: dict[str, list[Mark]],
        *,
        shown: list[str] | None,
        written: list[str],
        limits: list[list[float]],
    ) -> None:
        self.legend_ = None if shown is None else Legend(shown)
        self.texts = [Label(text) for text in written]
        self._limits = limits
        self._texts = texts
        self._legend = legend
        self._ticks = ticks
        self.lines = marks["lines"]
        self.patches = marks["patches"]
        self.collections = marks["collections"]

    def get_title(self) -> str:
        """Return the title."""
        return self._texts["title"]

    def get_xlabel(self) -> str:
        """Return the label of the horizontal axis."""
        return self._texts["xlabel"]

    def get_ylabel(self) -> str:
        """Return the label of the vertical axis."""
        return self._texts["ylabel"]

    def get_xscale(self) -> str:
        """Return "linear", "log", …"""
        return self._texts["xscale"]

    def get_yscale(self) -> str:
        """Return "linear", "log", …"""
        return self._texts["yscale"]

    def get_xlim(self) -> tuple[float, float]:
        """Return where the horizontal axis begins and ends."""
        return self._limits[0][0], self._limits[0][1]

    def get_ylim(self) -> tuple[float, float]:
        """Return where the vertical axis begins and ends."""
        return self._limits[1][0], self._limits[1][1]

    def get_legend(self) -> Legend | None:
        """Return the legend, None where none is shown."""
        return self.legend_

    def get_lines(self) -> list[Mark]:
        """Return the lines."""
        return self.lines

    def get_xticklabels(self) -> list[Label]:
        """Return the words at the horizontal axis."""
        return [Label(text) for text in self._ticks[0]]

    def get_yticklabels(self) -> list[Label]:
        """Return the words at the vertical axis."""
        return [Label(text) for text in self._ticks[1]]

    def get_legend_handles_labels(self) -> tuple[list[Mark], list[str]]:
        """Return what a legend would list."""
        marks = [
            mark
            for mark in self.lines + self.patches + self.collections
            if mark.get_label() in self._legend
        ]
        return marks, list(self._legend)


class Figure:
    """What a figure shows; `axes`, and the title over all of them."""

    def __init__(self, axes: list[Axes], title: str) -> None:
        self.axes = axes
        self._title = title

    def get_axes(self) -> list[Axes]:
        """Return the pairs of axes."""
        return self.axes

    def get_suptitle(self) -> str:
        """Return the title over all axes."""
        return self._title


def encode(encoder: "Encoder", value: Any, depth: int) -> Any:
    """Return a figure, or one of its axes, as JSON; None for anything else."""
    # Looked up, not imported: where no figure was ever drawn, matplotlib need not be loaded.
    pyplot_base = sys.modules.get("matplotlib.figure")
    axes_base = sys.modules.get("matplotlib.axes")
    if pyplot_base is not None and isinstance(value, pyplot_base.FigureBase):
        title = value.get_suptitle() if hasattr(value, "get_suptitle") else ""
        return {
            "t": "figure",
            "title": title,
            "axes": [_encode_axes(encoder, ax) for ax in value.axes],
        }
    if axes_base is not None and isinstance(value, axes_base.Axes):
        return {"t": "axes", "v": _encode_axes(encoder, value)}
    return None


def _encode_axes(encoder: "Encoder", axes: Any) -> dict[str, Any]:
    rectangles = [patch for patch in axes.patches if hasattr(patch, "get_height")]
    return {
        "texts": {name: str(getattr(axes, f"get_{name}")()) for name in _TEXTS},
        "shown": None
        if axes.get_legend() is None
        else [text.get_text() for text in axes.get_legend().get_texts()],
        "written": [text.get_text() for text in axes.texts],
        "limits": [
            [encoder.value(float(end)) for end in limits]
            for limits in (axes.get_xlim(), axes.get_ylim())
        ],
        "legend": [str(label) for label in axes.get_legend_handles_labels()[1]],
        "ticks": [
            [label.get_text() for label in labels]
            for labels in (axes.get_xticklabels(), axes.get_yticklabels())
        ],
        "lines": [
            _encode_mark(
                encoder,
                line,
                xdata=line.get_xdata(),
                ydata=line.get_ydata(),
            )
            for line in axes.lines
        ],
        "patches": [
            _encode_mark(
                encoder, bar, xy=bar.get_xy(), width=[bar.get_width()], height=[bar.get_height()]
            )
            for bar in rectangles
        ],
        "collections": [
            _encode_mark(encoder, cloud, offsets=np.ma.filled(cloud.get_offsets(), np.nan))
            for cloud in axes.collections
        ],
    }


def _encode_mark(encoder: "Encoder", artist: Any, **data: Any) -> dict[str, Any]:
    return {
        "label": str(artist.get_label()),
        **{name: encoder.value(np.asarray(values)) for name, values in data.items()},
    }


def _decode_axes(decoder: "Decoder", data: Any, depth: int) -> Axes:
    if type(data) is not dict or type(data.get("texts")) is not dict:
        raise WireError("a figure arrived that is not well formed")
    texts = {name: decoder.text(data["texts"].get(name)) for name in _TEXTS}
    legend = [decoder.text(label) for label in decoder.items(data.get("legend"))]
    ticks = [
        [decoder.text(t) for t in decoder.items(axis)] for axis in decoder.items(data.get("ticks"))
    ]
    if len(ticks) != 2:
        raise WireError("a figure arrived that is not well formed")
    marks = {
        kind: [_decode_mark(decoder, kind, mark, depth) for mark in decoder.items(data.get(kind))]
        for kind in _MARKS
    }
    shown = data.get("shown")
    limits = [
        [decoder.value(end) for end in decoder.items(axis)]
        for axis in decoder.items(data.get("limits"))
    ]
    if [len(axis) for axis in limits] != [2, 2] or not all(
        isinstance(end, (int, float)) for axis in limits for end in axis
    ):
        raise WireError("a figure arrived that is not well formed")
    return Axes(
        texts,
        legend,
        ticks,
        marks,
        shown=None if shown is None else [decoder.text(text) for text in decoder.items(shown)],
        written=[decoder.text(text) for text in decoder.items(data.get("written"))],
        limits=limits,
    )


def _decode_mark(decoder: "Decoder", kind: str, data: Any, depth: int) -> Mark:
    if type(data) is not dict:
        raise WireError("a figure arrived that is not well formed")
    values = {name: decoder.value(data.get(name), depth + 1) for name in _MARKS[kind]}
    if not all(isinstance(value, np.ndarray) for value in values.values()):
        raise WireError("a figure arrived whose marks are no numbers")
    return Mark(kind, decoder.text(data.get("label")), values)


def _decode_figure(decoder: "Decoder", data: dict[str, Any], depth: int) -> Figure:
    axes = [_decode_axes(decoder, item, depth) for item in decoder.items(data.get("axes"))]
    return Figure(axes, decoder.text(data.get("title")))


DECODERS: dict[str, Callable[["Decoder", dict[str, Any], int], Any]] = {
    "figure": _decode_figure,
    "axes": lambda d, v, depth: _decode_axes(d, v.get("v"), depth),
}
