"""How figures look and amounts read."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from casework import CaseworkError, btc, short_errors, style
from casework.look import COLOURS


@pytest.mark.parametrize(
    ("satoshi", "text"),
    [
        (0, "0.00000000 BTC"),
        (1, "0.00000001 BTC"),
        (99_999_999, "0.99999999 BTC"),
        (100_000_000, "1.00000000 BTC"),
        (-1, "-0.00000001 BTC"),
        (2_100_000_000_000_000, "21,000,000.00000000 BTC"),
        (np.int64(150_000_000), "1.50000000 BTC"),
    ],
)
def test_amounts_are_written_exactly(satoshi, text):
    assert btc(satoshi) == text


@pytest.mark.parametrize("amount", [1.5, None, "3", pd.NA, float("nan")])
def test_what_is_not_a_whole_number_is_refused(amount):
    with pytest.raises(CaseworkError, match="must be a whole number of satoshi"):
        btc(amount)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_first_colours_can_be_told_from_white_and_text_can_be_read():
    """WCAG 2.2: 3 to 1 for graphical objects (1.4.11), 4.5 to 1 for text (1.4.3)."""
    with mpl.rc_context():
        style()
        for colour in COLOURS[:3]:
            assert 1.05 / (luminance(colour) + 0.05) >= 3
        for name in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color"):
            assert 1.05 / (luminance(mpl.rcParams[name]) + 0.05) >= 4.5


def test_style_sets_the_same_look_for_all_figures():
    with mpl.rc_context():
        style()
        assert mpl.rcParams["axes.prop_cycle"].by_key()["color"] == list(COLOURS)
        assert not mpl.rcParams["axes.spines.top"]
        assert mpl.rcParams["font.size"] >= 11


def test_errors_are_short_in_a_notebook_and_nothing_is_said_about_it(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        short_errors()
        assert capsys.readouterr().out == ""
        shell.run_cell("def outer():\n    secret_line = 1\n    return secret_line / 0\n\nouter()")
        shown = capsys.readouterr().out
        assert "ZeroDivisionError" in shown
        assert "secret_line = 1" not in shown
    finally:
        InteractiveShell.clear_instance()


def test_outside_a_notebook_nothing_changes():
    short_errors()
