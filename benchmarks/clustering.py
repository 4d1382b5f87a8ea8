"""How fast are addresses clustered, against graphsense-clustering (Rust) on the same table?

    python benchmarks/clustering.py [--quick] [--json PATH]

One million synthetic transactions with 3.2 million inputs and up to 3 million addresses, once as whole numbers and once as
text. Both begin with the same pandas table and end with the cluster of every address. The peer takes numbered addresses in lists, so
its part contains what its user would write: `pandas.factorize`, and a cut wherever the txid changes (it is spared our check
whether a transaction's inputs stand apart). Joining alone, from numbers to clusters, is a row of its own. Wall clock, least of
several runs in turn, because both use more than one processor. Our first call compiles; that is printed apart. Partitions are
compared, so that nobody wins by being wrong.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import gs_clustering
import numpy as np
import pandas as pd
import pyarrow as pa

from cointrace import clusters
from cointrace.clusters import join
from cointrace.numbering import number_runs, number_values


def synthetic(transactions: int) -> pd.DataFrame:
    """Return inputs as whole numbers: 3.2 a transaction, of wallets that mostly reuse their own addresses."""
    random = np.random.default_rng(20261124)
    rows, addresses = int(3.2 * transactions), 3 * transactions
    extra = random.integers(0, transactions, rows - transactions)
    sizes = 1 + np.bincount(extra, minlength=transactions)
    txid = np.repeat(np.arange(transactions), sizes)
    # Each transaction draws from a stretch of addresses: clusters of many sizes, and no single giant.
    start = random.integers(0, addresses, transactions)
    reach = random.geometric(0.2, rows)
    return pd.DataFrame({"txid": txid, "address": (np.repeat(start, sizes) + reach) % addresses})


def as_text(inputs: pd.DataFrame) -> pd.DataFrame:
    """Return the same table with text of the length of real ids and addresses."""
    odd = 0x9E3779B97F4A7C15
    txid = [f"{odd * (number + 1) % 2**64:064x}" for number in inputs["txid"].unique().tolist()]
    address = [f"bc1q{odd * (n + 1) % 2**64:038x}" for n in range(int(inputs["address"].max()) + 1)]
    return pd.DataFrame(
        {
            "txid": pd.array(txid, dtype="str").take(inputs["txid"].to_numpy()),
            "address": pd.array(address, dtype="str").take(inputs["address"].to_numpy()),
        }
    )


def with_graphsense(inputs: pd.DataFrame) -> np.ndarray:
    """Return the cluster of each address, in order of first appearance, as the Rust library finds it."""
    txid = inputs["txid"].array
    begins = np.flatnonzero(np.asarray(txid[1:] != txid[:-1], dtype=bool)) + 1
    code, addresses = pd.factorize(inputs["address"])
    return joined_by_graphsense(np.concatenate([[0], begins, [len(code)]]), code, len(addresses))


def joined_by_graphsense(ends: np.ndarray, code: np.ndarray, addresses: int) -> np.ndarray:
    """Return the cluster of each numbered address; `ends` are where transactions begin, and the end."""
    lists = pa.ListArray.from_arrays(
        pa.array(ends.astype(np.int32)), pa.array(code.astype(np.uint32))
    )
    engine = gs_clustering.Clustering(max_address_id=addresses - 1)
    engine.process_transactions_arrow(lists)
    return engine.get_mapping().column("cluster_id").to_numpy()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure, print a table, write rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs, under 40 seconds")
    parser.add_argument("--json", type=Path, help="write rows of name, ours, peer, ratio here")
    arguments = parser.parse_args()
    runs = 3 if arguments.quick else 9
    numbers = synthetic(1_000_000)
    text = as_text(numbers)
    print(f"{len(numbers):,} inputs of {numbers['txid'].nunique():,} transactions")
    first = timed(lambda: clusters(numbers))
    rows = []
    print(
        f"{'one million transactions':<28}{'cointrace':>11}{'graphsense':>12}{'ratio':>8}   (seconds)"
    )
    tx, txids = number_runs(numbers["txid"])
    code, distinct = number_values(numbers["address"])
    ends = np.append(np.flatnonzero(np.diff(tx, prepend=-1)), len(tx))
    works = {
        "joining alone": (
            lambda: join(tx, code, len(txids), len(distinct)),
            lambda: joined_by_graphsense(ends, code, len(distinct)),
        ),
        "from whole numbers": (
            lambda: clusters(numbers)["cluster"].to_numpy(),
            lambda: with_graphsense(numbers),
        ),
        "from text": (
            lambda: clusters(text)["cluster"].to_numpy(),
            lambda: with_graphsense(text),
        ),
    }
    for name, (our_work, peer_work) in works.items():
        same = our_work() == peer_work()
        if not same.all():
            raise SystemExit(f"{name}: the two programs disagree on {(~same).sum():,} addresses")
        pairs = [(timed(our_work), timed(peer_work)) for _ in range(runs)]
        ours, peer = (min(times) for times in zip(*pairs, strict=True))
        print(f"{name:<28}{ours:>11.3f}{peer:>12.3f}{peer / ours:>7.2f}x")
        rows.append({"name": f"clusters: {name}", "ours": ours, "peer": peer, "ratio": peer / ours})
    print(f"the first call, compiling included: {first:.2f} s; clusters: {same.size:,} addresses")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
