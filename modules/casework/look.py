"""One look for every figure, short error messages, and one way to write an amount."""

from __future__ import annotations

from operator import index

from casework.errors import CaseworkError

SATOSHI_PER_BITCOIN = 100_000_000
# Okabe and Ito's palette ("Color Universal Design", 2008), without its yellow: too pale for a line
# on white. The order keeps neighbours apart in brightness too, so that figures survive grey print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def style() -> None:
    """Draw all figures that follow in the look of the course: legible, colour-blind safe, plain."""
    import matplotlib as mpl

    mpl.rcParams.update(
        {
            "figure.figsize": (7.0, 3.8),
            "figure.dpi": 110,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "font.size": 11,
            # Letters as they were drawn, and titles where they belong: finding better places takes a
            # fifth of the time that a figure takes.
            "text.hinting": "none",
            "axes.titley": 1.0,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "axes.prop_cycle": mpl.cycler(color=COLOURS),
            "axes.facecolor": "white",
            "axes.edgecolor": "#555555",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "axes.axisbelow": True,
            "axes.formatter.useoffset": False,
            "grid.color": "#DDDDDD",
            "grid.linewidth": 0.8,
            "lines.linewidth": 2.0,
            "lines.markersize": 6.0,
            "legend.frameon": False,
            "text.color": "#1A1A1A",
            "axes.labelcolor": "#1A1A1A",
            "xtick.color": "#333333",
            "ytick.color": "#333333",
            "date.converter": "concise",
        }
    )


def short_errors() -> None:
    """Show errors in a notebook without the source of every function on the way: the last line says what went wrong.

    Outside a notebook nothing changes.
    """
    import sys

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        shell.InteractiveTB.set_mode("Plain")


def btc(satoshi: int) -> str:
    """Write a whole number of satoshi as bitcoin, exactly: `btc(150_000_000)` is "1.50000000 BTC".

    Raises:
        CaseworkError: it is not a whole number, for example a missing or a rounded one.
    """
    try:
        amount = index(satoshi)
    except TypeError:
        raise CaseworkError(
            f"An amount must be a whole number of satoshi, but this is {satoshi!r}: "
            "keep amounts as whole numbers and leave out missing ones."
        ) from None
    whole, rest = divmod(abs(amount), SATOSHI_PER_BITCOIN)
    return f"{'-' if amount < 0 else ''}{whole:,}.{rest:08d} BTC"
