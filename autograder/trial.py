"""Judge one notebook from outside: give both processes their parts, watch them, take the verdict."""

import os
import re
import select
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.elsewhere import Elsewhere
from autograder.judge.verdict import Check, Outcome, Verdict
from autograder.sandbox import Child, Sandbox
from autograder.wire import Channel, ChannelClosed, WireError
from autograder.wire.limits import TO_DRIVER
from casework.marking import written_answers

_LOOK_SECONDS = 0.1
_HAND_OVER_SECONDS = 30.0
_IDLE_SECONDS = 1.0
_IDLE_SHARE = 0.1
"""Who uses less than this part of a processor waits for something else."""
_OWN_MEMORY = re.compile(r"^Rss(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)


def judge_notebook(
    notebook: NotebookNode,
    sandbox: Sandbox | Elsewhere,
    *,
    files: Mapping[str, bytes] | None = None,
    env: Mapping[str, str] | None = None,
    judge_env: Mapping[str, str] | None = None,
    when_idle: Callable[[], None] | None = None,
) -> Verdict:
    """Run a notebook's cells in the sandbox and its test cells in the judge.

    Args:
        notebook: already rebuilt on the instructor's copy, hidden tests included (nbgrader metadata, schema 3).
        sandbox: the warm parents.
        files: what lies beside the notebook, by name.
        env: environment of both processes, such as CASEWORK_CASES.
        judge_env: environment of the judge alone.
        when_idle: called, once at most, when the trainee's processes have only waited for a second.

    Returns:
        The verdict. Whatever the trainee's code does, there is one.

    Raises:
        SandboxError: the sandbox cannot be had on this machine.
    """
    if isinstance(sandbox, Elsewhere):
        return sandbox.judge(notebook, env or {})
    steps = plan(notebook)
    trainee, judge, link = sandbox.pair(files or {}, env or {}, judge_env or {})
    to_judge = Channel(link, TO_DRIVER)
    watch = _Watch(trainee, sandbox, when_idle)
    try:
        to_judge.send(
            {
                "steps": steps,
                "limits": sandbox.limits.as_message(),
                "written": written_answers(notebook),
            },
            deadline=time.monotonic() + _HAND_OVER_SECONDS,
        )
        return _wait(to_judge, watch, steps, sandbox)
    except WireError as error:
        return _without_judge(steps, watch.why or f"The judge did not finish: {error}.")
    finally:
        trainee.end()
        judge.end()
        to_judge.close()


def plan(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return what is to be done, cell by cell: trainees' cells run, test cells test, prose is left out."""
    steps: list[dict[str, Any]] = []
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade") and not about.get("solution"):
            steps.append(
                {
                    "kind": "test",
                    "cell": place,
                    "source": cell.source,
                    "grade_id": about["grade_id"],
                    "points": float(about["points"]),
                }
            )
        elif cell.source.strip():
            step = {"kind": "run", "cell": place, "source": cell.source}
            # The instructor's own words, as the notebook was rebuilt on them.
            steps.append({**step, "locked": True} if about.get("locked") else step)
    return steps


def _wait(
    to_judge: Channel, watch: "_Watch", steps: list[dict[str, Any]], sandbox: Sandbox
) -> Verdict:
    limits = sandbox.limits
    tests = sum(step["kind"] == "test" for step in steps)
    most = limits.notebook_seconds + limits.grace_seconds + tests * (limits.check_seconds + 1) + 10
    deadline = time.monotonic() + most
    poll = select.poll()
    poll.register(to_judge, select.POLLIN)
    while True:
        if not poll.poll(_LOOK_SECONDS * 1000):
            watch.look()
            if time.monotonic() > deadline:
                return _without_judge(
                    steps, f"Marking this notebook took more than {most:.0f} seconds."
                )
            continue
        try:
            message, _ = to_judge.receive(deadline=deadline)
        except ChannelClosed:
            return _without_judge(steps, watch.why or "An answer was too large for the judge.")
        match message.get("stop"):
            case "interrupt":
                watch.trainee.interrupt()
            case "kill":
                watch.trainee.end()
            case _:
                return _verdict(message, watch.why)


def _verdict(message: dict[str, Any], why: str) -> Verdict:
    checks = [
        Check(**{**check, "outcome": Outcome(check["outcome"])}) for check in message["checks"]
    ]
    if why:
        checks = [
            Check(
                c.grade_id, c.points, c.max_points, c.outcome, f"This could not be checked. {why}"
            )
            if c.outcome is Outcome.NOT_CHECKED
            else c
            for c in checks
        ]
    notes = ([why] if why else []) + message["notes"]
    return Verdict(
        dict(message["outputs"]), {check.grade_id: check for check in checks}, tuple(notes)
    )


def _without_judge(steps: list[dict[str, Any]], why: str) -> Verdict:
    message = f"This could not be checked. {why}"
    checks = {
        step["grade_id"]: Check(step["grade_id"], 0.0, step["points"], Outcome.NOT_CHECKED, message)
        for step in steps
        if step["kind"] == "test"
    }
    return Verdict({}, checks, (why,))


class _Watch:
    """Looks at what a trainee's processes use, and ends them when it is too much. It sees them all from outside."""

    def __init__(
        self, trainee: Child, sandbox: Sandbox, when_idle: Callable[[], None] | None = None
    ) -> None:
        self.trainee = trainee
        self._when_idle = when_idle
        self._busy_until = (time.monotonic(), 0.0)
        self.why = ""
        self._limits = sandbox.limits
        self._inherited = 0
        self._inherited = self._memory([trainee.pid]) if trainee.pid else 0

    def look(self) -> None:
        """End the notebook if it uses more than it may."""
        if self.why or self.trainee.pid is None:
            return
        family = _family(self.trainee.pid, most=self._limits.processes * 2)
        if len(family) > self._limits.processes:
            self._end(f"It started more than {self._limits.processes} processes and was ended.")
        elif self._memory(family) > self._limits.memory_bytes:
            self._end(
                f"It used more than {self._limits.memory_bytes // 2**20:,} MB of memory and was ended."
            )
        elif self._when_idle is not None and self._is_idle(_processor_seconds(family)):
            self._when_idle()
            self._when_idle = None

    def _is_idle(self, used: float) -> bool:
        """Whether the family has hardly worked since it last did; it has used so many seconds."""
        now, (since, before) = time.monotonic(), self._busy_until
        if used - before > _IDLE_SHARE * max(now - since, _IDLE_SECONDS) or used < before:
            self._busy_until = (now, used)
        return now - self._busy_until[0] > _IDLE_SECONDS

    def _end(self, why: str) -> None:
        self.why = f"The notebook was too greedy. {why}"
        self.trainee.end()

    def _memory(self, pids: list[int]) -> int:
        total = 0
        for pid in pids:
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            # Not the files that are mapped: those are the machine's, and shared by all.
            used = sum(int(kb) for kb in _OWN_MEMORY.findall(status)) * 1024
            total += max(0, used - self._inherited)
        return total


def _processor_seconds(pids: list[int]) -> float:
    """Return how long some processes have worked, those that ended and were waited for included."""
    ticks = 0
    for pid in pids:
        try:
            # After the name, which may hold anything: utime, stime, cutime, cstime (proc(5)).
            ticks += sum(
                map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])
            )
        except (OSError, ValueError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int, most: int) -> list[int]:
    """Return a process and all that descend from it, at most so many."""
    found, waiting = [], [pid]
    while waiting and len(found) <= most:
        one = waiting.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, ValueError):
            continue
    return found
