"""What goes between the driver and a worker of a cluster: bytes of JSON, and nothing that could run.

An order is a notebook, the environment of its case, and under what rules it is judged. A reply is
a verdict, or a word on why there is none. Replies are checked like anything that comes from
outside: size, types, that exactly the checks of this notebook are answered, each within its points.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.judge.outputs import kept_outputs, readable
from autograder.judge.verdict import Check, Outcome, Verdict
from autograder.trial import plan
from autograder.wire.limits import TO_DRIVER

MOST_BYTES = TO_DRIVER.json_bytes
"""The largest reply that is read: as much as the judge of this machine may say."""

_LONGEST_TEXT = 4000
_MOST_NOTES = 10_000
_SPARE_BYTES = 100_000
"""What a cell may show beyond its limit: the sentences that say that it was cut or stopped."""


class ReplyError(ValueError):
    """A worker's reply is not one. The text says what is wrong with it."""


@dataclass(frozen=True)
class Rules:
    """How a worker is to judge; the same for all submissions of a run.

    world, truth     the folders of the class; empty for the public ones of the worker's checkout
    limits           what a submission may use, where not as usual
    without_sandbox  whether trainees' programs run unguarded
    files            what must be the same on both machines: name to digest or version
    """

    world: str
    truth: str
    limits: Mapping[str, float]
    without_sandbox: bool
    files: Mapping[str, str]


@dataclass(frozen=True)
class Refusal:
    """A reply without a verdict.

    kind  "lost": the sandbox ended twice, alone with this submission; "stopped": it was ended from
          outside, so try again; "unfit": this worker can judge nothing; "failed": anything else;
          "ready": nothing was to be judged
    why   a sentence, or nothing
    """

    kind: str
    why: str = ""


_KINDS = {"lost", "stopped", "unfit", "failed", "ready"}


def order(
    rules: Rules, notebook: NotebookNode | None = None, env: Mapping[str, str] | None = None
) -> bytes:
    """Write an order: to judge a notebook, or without one only to get ready."""
    asked = {"rules": asdict(rules), "notebook": notebook, "env": dict(env or {})}
    return json.dumps(asked).encode()


def read_order(data: bytes) -> tuple[Rules, dict[str, Any] | None, dict[str, str]]:
    """Read an order of the driver, who is trusted: the rules, the notebook, the environment."""
    asked = json.loads(data)
    return Rules(**asked["rules"]), asked["notebook"], asked["env"]


def verdict_reply(verdict: Verdict) -> bytes:
    """Write a verdict as a reply."""
    return json.dumps(
        {
            "outputs": list(verdict.outputs.items()),
            "checks": [asdict(check) for check in verdict.checks.values()],
            "notes": verdict.notes,
        },
        allow_nan=False,
    ).encode()


def refusal_reply(kind: str, why: object = "") -> bytes:
    """Write as a reply that there is no verdict, and why."""
    return json.dumps({"refusal": kind, "why": readable(str(why), _LONGEST_TEXT)}).encode()


def read_reply(
    reply: object, notebook: NotebookNode | None = None, output_bytes: int = 0
) -> Verdict | Refusal:
    """Read a worker's reply, believing nothing of it.

    Arguments: what came; the notebook that was sent, None where the worker was only to get ready;
    how much a cell may put out, in bytes. Raises ReplyError for whatever is not a verdict on this
    very notebook nor a refusal.
    """
    if type(reply) is not bytes:
        raise ReplyError("it is no text")
    if len(reply) > MOST_BYTES:
        raise ReplyError(f"it has more than {MOST_BYTES // 10**6} MB")
    try:
        said = json.loads(reply, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ReplyError("it is damaged") from None
    if type(said) is dict and set(said) == {"refusal", "why"}:
        kind, why = said["refusal"], said["why"]
        if type(kind) is str and kind in _KINDS and type(why) is str:
            return Refusal(kind, readable(why, _LONGEST_TEXT))
    if type(said) is not dict or set(said) != {"outputs", "checks", "notes"} or notebook is None:
        raise ReplyError("it is of a kind that is not known here")
    steps = plan(notebook)
    tests = {step["grade_id"]: step["points"] for step in steps if step["kind"] == "test"}
    runs = {step["cell"] for step in steps if step["kind"] == "run"}
    return Verdict(
        _outputs(said["outputs"], runs, output_bytes + _SPARE_BYTES),
        _checks(said["checks"], tests),
        tuple(_texts(said["notes"])),
    )


def _no_number(name: str) -> None:
    raise ValueError(name)


def _rows(data: Any, most: int) -> list[Any]:
    if type(data) is not list or len(data) > most:
        raise ReplyError("a list in it is none, or too long")
    return data


def _texts(data: Any) -> list[str]:
    texts = _rows(data, _MOST_NOTES)
    if not all(type(text) is str for text in texts):
        raise ReplyError("a note in it is no text")
    return [readable(text, _LONGEST_TEXT) for text in texts]


def _outputs(data: Any, runs: set[int], most_bytes: int) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in _rows(data, len(runs)):
        place, outputs = row if type(row) is list and len(row) == 2 else (None, None)
        if type(place) is not int or place not in runs or place in found:
            raise ReplyError("it has outputs of a cell that was not to be run")
        found[place], _ = kept_outputs(outputs, most_bytes)
    return found


def _checks(data: Any, tests: Mapping[str, float]) -> dict[str, Check]:
    found: dict[str, Check] = {}
    for row in _rows(data, len(tests)):
        check = _check(row, tests)
        if check is None or check.grade_id in found:
            raise ReplyError(
                "a check in it is none of this notebook's, or has points that cannot be"
            )
        found[check.grade_id] = check
    if len(found) < len(tests):
        raise ReplyError("a check of this notebook is missing in it")
    return found


def _check(row: Any, tests: Mapping[str, float]) -> Check | None:
    """One check, or None where it is not one that a judge can have made of this notebook."""
    if type(row) is not dict or set(row) != set(Check.__dataclass_fields__):
        return None
    name, points, message = row["grade_id"], row["points"], row["message"]
    if type(name) is not str or name not in tests or row["max_points"] != tests[name]:
        return None
    if type(points) not in (int, float) or not math.isfinite(points) or type(message) is not str:
        return None
    if type(row["outcome"]) is not str or row["outcome"] not in set(Outcome):
        return None
    outcome, most = Outcome(row["outcome"]), tests[name]
    fair = {
        Outcome.PASSED: points == most,
        Outcome.PARTIAL: 0 < points < most,
        Outcome.FAILED: points == 0,
        Outcome.NOT_CHECKED: points == 0,
    }[outcome]
    said = readable(message, _LONGEST_TEXT)
    return Check(name, float(points), most, outcome, said) if fair else None
