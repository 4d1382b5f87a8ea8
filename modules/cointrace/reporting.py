"""A report that somebody else can run again: what was asked, of which data, with which tools, and the result.

A report is data (canonical JSON: sorted keys, no spaces), never code. Running it again calls only the
functions that are named in `STEPS`.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from cointrace.chain import Chain, read_blocks
from cointrace.change import change_outputs
from cointrace.clusters import clusters
from cointrace.coinjoins import coinjoins
from cointrace.errors import ChainError
from cointrace.follow import neighbourhood, paths
from cointrace.peeling import peel_chain
from cointrace.taint import taint

FORMAT = "cointrace report 1"
STEPS: dict[str, Callable[..., Any]] = {
    "change_outputs": change_outputs,
    "clusters": clusters,
    "coinjoins": coinjoins,
    "neighbourhood": neighbourhood,
    "paths": paths,
    "peel_chain": peel_chain,
    "taint": taint,
}
"""The calls that a report can hold, each a function of a chain and settings."""
_PACKAGES = ("numpy", "pandas")


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """A report. `content`: plain data; `sha256`: the digest of its canonical text."""

    content: dict[str, Any]

    @property
    def text(self) -> str:
        """The report as canonical JSON, to be kept and sent."""
        return _canonical(self.content)

    @property
    def sha256(self) -> str:
        """The digest that names this report."""
        return _digest(self.text.encode("utf-8"))

    def __repr__(self) -> str:
        """Return the report as people read it."""
        lines = [f"Report {self.sha256}", "", "Data:"]
        lines += [f"  {each['name']}  SHA-256 {each['sha256']}" for each in self.content["inputs"]]
        lines += ["", "Tools: " + ", ".join(f"{k} {v}" for k, v in self.content["tools"].items())]
        for number, each in enumerate(self.content["findings"], start=1):
            settings = ", ".join(f"{key}={value!r}" for key, value in each["settings"].items())
            lines += ["", f"{number}. {each['says']}"]
            lines += [
                f"   {each['step']}({settings}): {each['rows']} rows, SHA-256 {each['sha256']}"
            ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the report for a notebook."""
        return f"<pre>{escape(repr(self))}</pre>"


def report(
    findings: Iterable[Mapping[str, Any]], inputs: Iterable[str | Path], *, network: str = "mainnet"
) -> Report:
    """Run the steps of a report and write down all that is needed to run them again.

    Args:
        findings: mappings with says (one sentence: what you conclude), step (a name in `STEPS`) and settings
            (the arguments of the call by name; text, numbers, true and false, and lists of these).
        inputs: files or folders of blocks, as `read_blocks` takes them.
        network: the network of the blocks.

    Returns:
        A `Report`.

    Raises:
        ChainError: an unknown step, settings that are not plain data, or data that cannot be read.
    """
    places = [Path(each) for each in inputs]
    if not places:
        raise ChainError("a report without data proves nothing", "name the files of blocks")
    files = [file for place in places for file in _files(place)]
    chain = read_blocks(files, network=network)
    found = [_run(chain, finding) for finding in findings]
    return Report(
        {
            "format": FORMAT,
            "network": network,
            "inputs": [{"name": each.name, "sha256": _digest(each.read_bytes())} for each in files],
            "tools": _tools(),
            "findings": found,
        }
    )


def rerun(text: str, inputs: Iterable[str | Path]) -> list[str]:
    """Run a report again on one's own copy of the data and return every difference, in sentences.

    Args:
        text: the report as JSON (`Report.text`).
        inputs: one's own copy of the files or folders, in the same order.

    Returns:
        One sentence per difference: data that are not the same, tools of another version, steps with another
        result. None at all means: the same result.

    Raises:
        ChainError: the text is no report, or the data cannot be read.
    """
    old = _parsed(text)
    new = report(old["findings"], inputs, network=old["network"]).content
    told = []
    if len(old["inputs"]) != len(new["inputs"]):
        told.append(f"The report is on {len(old['inputs'])} files, here are {len(new['inputs'])}.")
    for mine, theirs in zip(new["inputs"], old["inputs"], strict=False):
        if mine["sha256"] != theirs["sha256"]:
            told.append(
                f"The file {theirs['name']} is not the same: its SHA-256 is {mine['sha256']}."
            )
    for name in sorted({*old["tools"], *new["tools"]}):
        here, there = new["tools"].get(name), old["tools"].get(name)
        if here != there:
            told.append(f"{name} is {here} here and was {there}.")
    for number, (mine, theirs) in enumerate(zip(new["findings"], old["findings"], strict=True), 1):
        if mine["sha256"] != theirs["sha256"]:
            told.append(
                f"Step {number} ({theirs['step']}) gives another result: {mine['rows']} rows, "
                f"and there were {theirs['rows']}."
            )
    return told


def _run(chain: Chain, finding: Mapping[str, Any]) -> dict[str, Any]:
    step, settings = finding.get("step"), finding.get("settings", {})
    if step not in STEPS:
        raise ChainError(f"a report knows no step {step!r}", f"choose one of {', '.join(STEPS)}")
    says = finding.get("says")
    if not isinstance(says, str) or not says.strip():
        raise ChainError(f"the finding on {step} says nothing", "write one sentence in `says`")
    if not isinstance(settings, Mapping):
        raise ChainError(f"the settings of {step} are no mapping", "give names and values")
    settings = _plain(settings, step)
    try:
        result = STEPS[step](chain, **settings)
    except TypeError as error:
        raise ChainError(
            f"{step} does not take these settings ({error})", "check the names"
        ) from None
    table = result if isinstance(result, pd.DataFrame) else result.table
    rows = json.loads(table.to_json(orient="values", double_precision=15, date_unit="ns"))
    kept = {"columns": [str(name) for name in table.columns], "rows": rows}
    digest = _digest(_canonical(kept).encode("utf-8"))
    return {"says": says, "step": step, "settings": settings, "rows": len(rows), "sha256": digest}


def _plain(settings: Mapping[str, Any], step: str) -> dict[str, Any]:
    try:
        return json.loads(json.dumps(dict(settings), allow_nan=False))
    except (TypeError, ValueError):
        raise ChainError(
            f"the settings of {step} are not plain data",
            "use text, whole numbers and lists of them",
        ) from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
        good = content["format"] == FORMAT and isinstance(content["network"], str)
        good = good and all(
            isinstance(each["name"], str) and isinstance(each["sha256"], str)
            for each in content["inputs"]
        )
        good = good and all(
            isinstance(each["sha256"], str) and isinstance(each["rows"], int)
            for each in content["findings"]
        )
        good = good and isinstance(content["tools"], dict)
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise ChainError("this text is no report of cointrace", "give the text of `report(...)`")
    return content


def _files(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(file for file in place.iterdir() if file.is_file())
    if not place.is_file():
        raise ChainError(f"there is no file {place.name}", "check the path")
    return [place]


def _tools() -> dict[str, str]:
    tools = {name: version(name) for name in _PACKAGES}
    return {"casework": version("casework"), "python": platform.python_version(), **tools}


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
