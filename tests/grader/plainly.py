"""What one kernel would say: the same cells in one plain namespace, as stock nbgrader runs them."""

import contextlib
import io
from typing import Any


def plainly(*cells: str | tuple[str, str]) -> dict[str, float]:
    """Return the points of each test cell, worth 2, where tests and answers share one process."""
    names: dict[str, Any] = {"__name__": "__main__"}
    points = {}
    for cell in cells:
        source = cell if isinstance(cell, str) else cell[1]
        won = 2.0
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                exec(compile(source, "<cell>", "exec"), names)
            except Exception:
                won = 0.0
        if not isinstance(cell, str):
            points[cell[0]] = won
    return points
