"""How many real CoinJoins are found, and how many transactions flagged wrongly, against graphsense-lib 2.18?

    GRAPHSENSE_PYTHON=/path/to/its/python python benchmarks/coinjoins.py [--quick] [--json PATH]

Both look at the same 3,222 labelled mainnet transactions in the same run. graphsense-lib asks for other versions of
packages than the house has, so it lives in an environment of its own: `pip install "graphsense-lib[all]==2.18.1"` there.

"Found" counts transactions that carry the label of a kind and are named so. "Wrong" counts transactions that are named so and
carry another label: among them 1,416 that are listed only because they spend a CoinJoin's output, and some of those
are CoinJoins themselves, which counts against both. At the end stand the labels that we do not follow, with the reason.
"""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from cointrace import Chain, coinjoins

HOUSE = Path(__file__).parents[1]
sys.path.insert(0, str(HOUSE))
from tests.cointrace.graphsense_rules import MISSING, flagged, graphsense_python  # noqa: E402
from tests.cointrace.samples import dumplings, labelled  # noqa: E402

SAMPLE = HOUSE.parent / "shared" / "data" / "crypto" / "btc-coinjoin"
KINDS = ("whirlpool", "whirlpool_tx0", "wasabi1", "wasabi2", "joinmarket")


def counted(flags: pd.DataFrame, labels: pd.DataFrame, kind: str) -> tuple[int, int]:
    """Return how many of a kind were found, and how many others were flagged as that kind."""
    named = set(flags["txid"][flags["kind"] == kind])
    meant = set(labels["txid"][labels["label"] == kind])
    return len(named & meant), len(named - meant)


def not_followed(found: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return transactions labelled as a CoinJoin that we name otherwise, or not at all."""
    table = labels[labels["label"] != "none"].merge(found, on="txid", how="left")
    return table[table["kind"].fillna("none") != table["label"]]


def refusal(chain: Chain, txid: str) -> str:
    """Say what speaks against a transaction that we do not name."""
    inputs = chain.inputs[chain.inputs["txid"] == txid]
    outputs = chain.outputs[chain.outputs["txid"] == txid]
    return (
        f"no CoinJoin: its {len(inputs)} inputs have {inputs['address'].nunique()} different keys, its "
        f"{len(outputs)} outputs {outputs['script'].nunique()} different scripts."
    )


def a_fourth(chain: Chain, labels: pd.DataFrame) -> tuple[Chain, pd.DataFrame]:
    """Return every fourth transaction of the sample, by txid."""
    part = labels.sort_values("txid").iloc[::4]
    keep = set(part["txid"])
    tables = {n: getattr(chain, n) for n in ("txs", "inputs", "outputs")}
    tables = {name: table[table["txid"].isin(keep)] for name, table in tables.items()}
    return Chain(blocks=chain.blocks, stale=chain.stale, network=chain.network, **tables), part


def main() -> None:
    """Count, print a table, write rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every fourth transaction only")
    parser.add_argument("--json", type=Path, help="write rows of name, ours, peer, ratio here")
    arguments = parser.parse_args()
    if not SAMPLE.is_dir():
        raise SystemExit(f"the labelled transactions are not here: {SAMPLE} is missing")
    chain, labels = dumplings(SAMPLE), labelled(SAMPLE)
    if arguments.quick:
        chain, labels = a_fourth(chain, labels)
    ours = coinjoins(chain)
    python = graphsense_python()
    theirs = None if python is None else flagged(chain, python)
    rows = []
    print(
        f"{'kind':<16}{'labelled':>9}{'found':>14}{'graphsense':>12}{'wrong':>9}{'graphsense':>12}"
    )
    for kind in KINDS:
        found, wrong = counted(ours, labels, kind)
        peer = ("-", "-") if theirs is None else counted(theirs, labels, kind)
        meant = int((labels["label"] == kind).sum())
        print(f"{kind:<16}{meant:>9}{found:>14}{peer[0]:>12}{wrong:>9}{peer[1]:>12}")
        for name, mine, other in (("found", found, peer[0]), ("wrongly flagged", wrong, peer[1])):
            known = None if other == "-" else other
            ratio = mine / known if known else None
            rows.append({"name": f"{kind}: {name}", "ours": mine, "peer": known, "ratio": ratio})
    if theirs is None:
        print(f"\nNo comparison: {MISSING}.")
    print("\nLabels that we do not follow:")
    for row in not_followed(ours, labels).itertuples():
        reason = refusal(chain, row.txid) if pd.isna(row.kind) else row.reason
        print(f"  {row.txid[:16]} labelled {row.label}: {reason}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
