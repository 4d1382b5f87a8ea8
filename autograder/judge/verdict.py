"""What the judge finds: points and one sentence per check. Marks come from here and from nowhere else."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a check ended. "Not checked" is not "wrong": the reason lies elsewhere in the notebook."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class Check:
    """The result of one test cell.

    grade_id    the test cell's id
    points      points won, from 0 to max_points
    max_points  points that the cell is worth
    outcome     one word of `Outcome`
    message     one or two sentences for the trainee; never source of a hidden test, never truth
    """

    grade_id: str
    points: float
    max_points: float
    outcome: Outcome
    message: str


@dataclass(frozen=True)
class Verdict:
    """The result of one notebook.

    outputs  what each of the trainee's cells put out, by the cell's place in the notebook (nbformat)
    checks   the result of each test cell, by grade id
    notes    what happened on the way, one sentence each (a cell that was stopped, a notebook that ended)
    """

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
