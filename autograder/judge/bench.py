"""The judge's own process: goes through one notebook, cell by cell, with the trainee's process as its witness.

It holds the hidden tests and the truth, and neither the gradebook nor the network. The trainee's cells run over there;
the test cells run here, each at its place in the notebook, as they would in one kernel.
"""

import contextlib
import io
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from autograder.judge.checks import Names, imported, run_check
from autograder.judge.outputs import readable
from autograder.judge.verdict import Check
from autograder.judge.witness import Witness, WitnessGone
from autograder.wire import Caps, Channel
from autograder.wire.limits import TO_DRIVER
from casework import marking


def warm_up() -> None:
    """Load what test cells use, and do once what is slow the first time."""
    import numpy as np
    import pandas as pd

    import casework
    import casework.marking
    from autograder.judge.raised import real_kinds
    from autograder.wire import decode, encode

    real_kinds()
    days = pd.date_range("2020-01-01", periods=2, tz="UTC")
    table = pd.DataFrame({"n": np.arange(2), "t": ["x", "y"], "d": days, "f": [0.5, None]})
    for value in (table, table.set_index("d")["n"], table["t"], {"x": [1, "y", None]}):
        decode(*encode(value))
    pd.testing.assert_frame_equal(table, table.copy())
    table.merge(table, on="t").groupby("t")["n_x"].sum()
    for folder in Path(os.environ["CASEWORK_WORLD"]).glob("cases/*"):
        case = casework.open_case(folder.name)
        case.chain()
        if "CASEWORK_TRUTH" in os.environ:
            with contextlib.suppress(casework.CaseworkError):
                casework.marking.expected(folder.name)


def live(fds: list[int], request: dict[str, Any]) -> None:
    """Take one plan from the driver, go through it, and send the verdict.

    Args:
        fds: the socket to the trainee's process, the socket to the driver.
        request: "env".
    """
    os.environ.update(request["env"])
    os.chdir(os.environ["HOME"])
    caps = Caps(frame_bytes=request["limits"]["answer_bytes"])
    to_witness = Channel(socket.socket(fileno=os.dup(fds[0])), caps)
    to_driver = Channel(socket.socket(fileno=os.dup(fds[1])), TO_DRIVER)
    for fd in fds:
        os.close(fd)
    sys.stdout = sys.stderr = io.StringIO()
    plan, _ = to_driver.receive()
    limits = plan["limits"]
    witness = Witness(
        to_witness, lambda how: to_driver.send({"stop": how}), caps, limits["output_bytes"]
    )
    marking.given_answers(plan["written"])
    outputs, checks, notes = try_notebook(plan["steps"], witness, limits)
    to_driver.send(
        {
            "outputs": list(outputs.items()),
            "checks": [vars(check) for check in checks],
            "notes": notes,
        }
    )


def try_notebook(
    steps: list[dict[str, Any]], witness: Witness, limits: dict[str, Any]
) -> tuple[dict[int, list[dict[str, Any]]], list[Check], list[str]]:
    """Go through the steps of one notebook in order.

    Args:
        steps: each with "kind" ("run" or "test"), "cell" (its place, from 0) and "source"; a test also with "grade_id"
            and "points", a cell of the instructor's with "locked".
        witness: the trainee's process.
        limits: "cell_seconds", "notebook_seconds", "check_seconds", "grace_seconds".

    Returns:
        The outputs of each cell that ran, the check of each test, and notes.
    """
    outputs: dict[int, list[dict[str, Any]]] = {}
    checks: list[Check] = []
    notes: list[str] = []
    names = Names(witness, _imports(steps))
    left = float(limits["notebook_seconds"])
    for step in steps:
        if step["kind"] == "test":
            checks.append(
                run_check(
                    step["source"], step["grade_id"], step["points"], names, limits["check_seconds"]
                )
            )
            continue
        if witness.gone:
            continue
        seconds = min(limits["cell_seconds"], left)
        try:
            spent, outputs[step["cell"]], note = _run(
                witness, step["source"], seconds, limits["grace_seconds"]
            )
        except WitnessGone:
            notes.append(f"{_named(step)}: {witness.gone}")
            outputs[step["cell"]] = [_as_error("Stopped", witness.gone)]
            continue
        if note:
            notes.append(f"{_named(step)}: {note}")
            outputs[step["cell"]].append(_as_error("TimeLimit", note))
        left -= spent
        if left <= 0:
            witness.end(
                f"The notebook as a whole ran for more than {limits['notebook_seconds']:g} seconds."
            )
            notes.append(witness.gone)
    return outputs, checks, notes


def _imports(steps: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for step in steps:
        if step.get("locked"):
            found.update(imported(step["source"]))
    return found


def _named(step: dict[str, Any]) -> str:
    """Name a cell as a person would find it: notebooks show no numbers, and text cells count too."""
    lines = [line.strip() for line in step["source"].splitlines() if line.strip()]
    # The trainee's words: they may neither steer a terminal nor end the quotation.
    first = readable(lines[0], 60).replace("`", "'") if lines else ""
    return f"The cell that begins with `{first}`"


def _run(
    witness: Witness, source: str, seconds: float, grace: float
) -> tuple[float, list[dict[str, Any]], str]:
    start = time.monotonic()
    _, outputs, note = witness.run(source, seconds, grace)
    return time.monotonic() - start, outputs, note


def _as_error(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [text]}
