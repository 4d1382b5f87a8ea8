"""What a notebook imports first: open a case, draw in one look, explore.

Begin with `open_case("crypto-1")`. What goes wrong is a `CaseworkError`: one sentence that helps.
"""

from casework import cases, marking
from casework.case import Case, open_case
from casework.errors import CaseworkError
from casework.look import btc, style

__all__ = [
    "Case",
    "CaseworkError",
    "btc",
    "cases",
    "marking",
    "open_case",
    "style",
]
