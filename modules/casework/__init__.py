"""What a notebook imports first: open a case, draw in one look, explore.

Begin with `open_case("crypto-1")`. What goes wrong is a `CaseworkError`: one sentence that helps.
"""

from typing import Any

from casework import cases, marking
from casework.case import Case, open_case
from casework.errors import CaseworkError
from casework.look import btc, short_errors, style

__all__ = [
    "BlockExplorer",
    "Case",
    "CaseworkError",
    "btc",
    "cases",
    "marking",
    "open_case",
    "short_errors",
    "style",
]


def __getattr__(name: str) -> Any:
    """Load the explorer when it is first used: it needs ipywidgets, which is slow to import."""
    if name != "BlockExplorer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from casework.explorer import BlockExplorer

    return BlockExplorer
