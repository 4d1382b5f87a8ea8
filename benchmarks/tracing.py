"""How fast does cointrace turn raw blocks into checked tables, against embit doing the same?

    python benchmarks/tracing.py [--quick] [--json PATH]

Both start from the bytes of real blocks and end with tables of transactions, inputs and outputs, addresses included. embit is
the fastest parser in pure Python that we know; unlike cointrace it does not check the Merkle root, the witness commitment or the
proof of work. Where the real blocks are absent (../shared/data), the block file of the public world is read instead.
"""

import argparse
import json
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pandas as pd
from embit.script import Script
from embit.transaction import Transaction

import cointrace

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
    """Return tables of transactions, inputs and outputs, made with embit and pandas."""
    from embit.networks import NETWORKS

    words = NETWORKS["main" if network == "mainnet" else "regtest"]
    txs, inputs, outputs = [], [], []
    for raw in raw_blocks:
        stream = BytesIO(raw)
        stream.seek(80)
        for _ in range(_count(stream)):
            tx = Transaction.read_from(stream)
            txid = tx.txid().hex()
            txs.append((txid, tx.version, tx.locktime, len(tx.vin), len(tx.vout)))
            inputs += [(txid, n, i.txid.hex(), i.vout, i.sequence) for n, i in enumerate(tx.vin)]
            outputs += [
                (txid, n, o.value, o.script_pubkey.data.hex(), _address(o.script_pubkey, words))
                for n, o in enumerate(tx.vout)
            ]
    return (
        pd.DataFrame(txs, columns=["txid", "version", "locktime", "inputs", "outputs"]),
        pd.DataFrame(inputs, columns=["txid", "n", "spent_txid", "spent_vout", "sequence"]),
        pd.DataFrame(outputs, columns=["txid", "n", "value", "script", "address"]),
    )


def _count(stream: BytesIO) -> int:
    from embit.compact import read_from

    return read_from(stream)


def _address(script: Script, words: dict[str, object]) -> str | None:
    try:
        return script.address(words)
    except Exception:  # embit raises its own and built-in errors for scripts that have no address
        return None


def seconds(work: Callable[[], object], runs: int) -> float:
    """Return the least processor time of several runs: other programs only ever add to it."""
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Measure, print a table, write rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs, under 40 seconds")
    parser.add_argument("--json", type=Path, help="write rows of name, ours, peer, ratio here")
    arguments = parser.parse_args()
    runs = 2 if arguments.quick else 7
    rows = []
    print(f"{'blocks':<18}{'cointrace':>12}{'embit':>12}{'ratio':>8}   (seconds of processor time)")
    for name, (network, raw_blocks) in blocks_at_hand().items():

        def ours(blocks: list[bytes] = raw_blocks, network: str = network) -> None:
            chain = cointrace.read_blocks(iter(blocks), network=network)
            assert len(chain.txs) and len(chain.inputs) and len(chain.outputs)

        ours_took = seconds(ours, runs)
        embit_took = seconds(lambda b=raw_blocks, n=network: with_embit(b, n), runs)
        ratio = embit_took / ours_took
        print(f"{name:<18}{ours_took:>12.4f}{embit_took:>12.4f}{ratio:>7.1f}x")
        rows.append(
            {"name": f"tables of {name}", "ours": ours_took, "peer": embit_took, "ratio": ratio}
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
