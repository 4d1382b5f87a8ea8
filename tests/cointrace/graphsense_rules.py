"""Ask graphsense-lib which transactions are CoinJoins, in this Python or in another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from cointrace import Chain

NAMES = {
    "wasabi_1": "wasabi1",
    "wasabi_2": "wasabi2",
    "joinmarket": "joinmarket",
    "whirlpool_coinjoin": "whirlpool",
    "whirlpool_tx0": "whirlpool_tx0",
}
PYTHON = "GRAPHSENSE_PYTHON"
MISSING = (
    "graphsense-lib 2.18 is not importable: pip install 'graphsense-lib[all]==2.18.1' in an environment "
    f"of its own and name its Python in {PYTHON}"
)
ASK = Path(__file__).with_name("ask_graphsense.py")


def graphsense_python() -> str | None:
    """Return a Python that can import graphsense-lib, or None."""
    python = os.environ.get(PYTHON, sys.executable)
    test = [python, "-c", "import graphsenselib.db.asynchronous.services.heuristics_service"]
    return python if subprocess.run(test, capture_output=True).returncode == 0 else None


def flagged(chain: Chain, python: str) -> pd.DataFrame:
    """Return txid and kind for each kind that graphsense-lib sees in a transaction."""
    lines = []
    inputs = dict(list(chain.inputs.groupby("txid")))
    for txid, rows in chain.outputs.groupby("txid", sort=False):
        given = inputs[txid][["address", "value"]].to_numpy().tolist()
        # graphsense-lib has no address for an OP_RETURN.
        taken = [
            [None if script.startswith("6a") else script, value]
            for script, value in rows[["script", "value"]].to_numpy().tolist()
        ]
        lines.append(json.dumps([txid, given, taken]))
    done = subprocess.run(
        [python, str(ASK)], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return pd.DataFrame([(txid, NAMES[name]) for txid, name in rows], columns=["txid", "kind"])


def with_graphsense(chain: Chain) -> pd.DataFrame:
    """Return `flagged`, or skip the test with a message."""
    python = graphsense_python()
    if python is None:
        pytest.skip(MISSING)
    return flagged(chain, python)
