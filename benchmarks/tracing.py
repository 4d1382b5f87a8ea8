"""How fast does cointrace turn raw blocks into checked tables, against embit doing the same?

    python benchmarks/tracing.py [--quick] [--json PATH]

Two rows for each block. "tables": both start from the bytes and end with the same columns, value for value (that is checked before
the clock runs): transactions, inputs with what they spend, outputs, addresses included. "reading": both end with the parsed
transactions and their ids in memory. embit is the fastest parser in pure Python that we know. cointrace also checks the Merkle
root, the witness commitment and, for tables, the proof of work; embit checks none of them. The two take turns, so that a busy
machine slows both. Where the real blocks are absent (../shared/data), the block file of the public world is read instead.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pandas as pd
from embit.script import Script
from embit.transaction import Transaction

import cointrace
from cointrace.blocks import read_block

HOUSE = Path(__file__).parents[1]
REAL = HOUSE.parent / "shared" / "data" / "crypto" / "btc-blocks"
REAL_BLOCKS = ("block413567.raw", "block481829.dat", "block574200.blk")


def blocks_at_hand() -> dict[str, tuple[str, list[bytes]]]:
    """Return what to read: a name, its network, and raw blocks without framing."""
    world = HOUSE / "data" / "public" / "world" / "chain"
    found = {"public world": ("regtest", list(cointrace.raw_blocks(world, network="regtest")))}
    for name in REAL_BLOCKS:
        if (REAL / name).is_file():
            found[name] = ("mainnet", list(cointrace.raw_blocks(REAL / name, network="mainnet")))
    return found


def with_embit(raw_blocks: list[bytes], network: str) -> tuple[pd.DataFrame, ...]:
    """Return the tables of transactions, inputs and outputs, made with embit and pandas."""
    from embit.networks import NETWORKS

    words = NETWORKS["main" if network == "mainnet" else "regtest"]
    txs, inputs, outputs = [], [], []
    made = {}
    for tx, txid, wtxid, size in _read_with_embit(raw_blocks):
        counts = (len(tx.vin), len(tx.vout))
        txs.append((txid, wtxid, tx.version, tx.locktime, size, *counts))
        for n, spent in enumerate(tx.vin):
            witness = " ".join([item.hex() or "0" for item in spent.witness.items])
            place = (spent.txid.hex(), spent.vout)
            script_sig = spent.script_sig.data.hex()
            inputs.append((txid, n, *place, spent.sequence, script_sig, witness))
        for n, output in enumerate(tx.vout):
            script = output.script_pubkey
            kind, address = script.script_type(), _address(script, words)
            outputs.append((txid, n, output.value, script.data.hex(), kind, address))
            made[txid, n] = (address, output.value, kind)
    nothing = (None, None, None)
    inputs = [row + made.get((row[2], row[3]), nothing) for row in inputs]
    return (
        pd.DataFrame(txs, columns=TXS),
        pd.DataFrame(inputs, columns=INPUTS),
        pd.DataFrame(outputs, columns=OUTPUTS),
    )


TXS = ["txid", "wtxid", "version", "locktime", "size", "inputs", "outputs"]
INPUTS = ["txid", "n", "spent_txid", "spent_vout", "sequence", "script_sig", "witness"]
INPUTS += ["address", "value", "kind"]
OUTPUTS = ["txid", "n", "value", "script", "kind", "address"]


def check_same(raw_blocks: list[bytes], network: str) -> None:
    """Stop where the two programs disagree about a value, or about an address that embit knows."""
    chain = cointrace.read_blocks(iter(raw_blocks), network=network)
    for ours, peer in zip(
        (chain.txs, chain.inputs, chain.outputs), with_embit(raw_blocks, network), strict=True
    ):
        for name in peer:
            same = ours[name].astype(object).fillna("") == peer[name].astype(object).fillna("")
            # embit has no word for keys, multisig, notes and odd scripts, and no address for them.
            known = peer["kind"].notna() if name in ("kind", "address") else True
            assert (same | ~(peer[name].notna() & known)).all(), name


def _read_with_embit(raw_blocks: list[bytes]) -> Iterator[tuple[Transaction, str, str, int]]:
    """Yield each transaction with its id, the hash of all of it, and its size."""
    for raw in raw_blocks:
        stream = BytesIO(raw)
        stream.seek(80)
        for _ in range(_count(stream)):
            start = stream.tell()
            tx = Transaction.read_from(stream)
            whole = raw[start : stream.tell()]
            wtxid = sha256(sha256(whole).digest()).digest()[::-1].hex()
            yield tx, tx.txid().hex(), wtxid, len(whole)


def _count(stream: BytesIO) -> int:
    from embit.compact import read_from

    return read_from(stream)


def _address(script: Script, words: dict[str, object]) -> str | None:
    try:
        return script.address(words)
    except Exception:  # embit raises its own and built-in errors for scripts that have no address
        return None


def seconds(first: Callable[[], object], second: Callable[[], object], runs: int) -> list[float]:
    """Return the least processor time of each, run in turns: other programs only ever add to it."""
    best = [float("inf"), float("inf")]
    for _ in range(runs):
        for number, work in enumerate((first, second)):
            start = time.process_time()
            work()
            best[number] = min(best[number], time.process_time() - start)
    return best


def row(name: str, ours: float, peer: float) -> dict[str, object]:
    """Print one comparison; return it."""
    print(f"{name:<26}{ours:>12.4f}{peer:>12.4f}{peer / ours:>7.1f}x")
    return {"name": name, "ours": ours, "peer": peer, "ratio": peer / ours}


def main() -> None:
    """Measure, print a table, write rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs, under 40 seconds")
    parser.add_argument("--json", type=Path, help="write rows of name, ours, peer, ratio here")
    arguments = parser.parse_args()
    runs = 5 if arguments.quick else 15
    rows = []
    print(f"{'':<26}{'cointrace':>12}{'embit':>12}{'ratio':>8}   (seconds of processor time)")
    for name, (network, raw_blocks) in blocks_at_hand().items():
        check_same(raw_blocks, network)
        jobs = {
            "tables": (
                partial(cointrace.read_blocks, raw_blocks, network),
                partial(with_embit, raw_blocks, network),
            ),
            "reading": (
                lambda blocks=raw_blocks: [read_block(raw) for raw in blocks],
                lambda blocks=raw_blocks: list(_read_with_embit(blocks)),
            ),
        }
        for job, (ours, peer) in jobs.items():
            rows.append(row(f"{job} of {name}", *seconds(ours, peer, runs)))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
