"""Read the real and emulated samples beside the checkout into chains."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import pandas as pd

from cointrace import Chain, kind_of, read_blocks

FILES = ("whirlpool", "whirlpool_tx0", "wasabi1", "wasabi2", "other", "postmix")
EMULATED = "wasabi2-2024-04-05_15-19"


def labelled(folder: Path) -> pd.DataFrame:
    """Return txid, label ("none" for what is no CoinJoin) and why, for each transaction of the sample."""
    table = pd.read_csv(folder / "labels.csv.gz")
    words = {"whirlpool_mix": "whirlpool", "post_mix": "none", "not_coinjoin_weak": "none"}
    return table.assign(label=table["class"].replace(words))


def dumplings(folder: Path, network: str = "mainnet") -> Chain:
    """Return the sample's lines as a chain in which each transaction has a block of its own."""
    txs, inputs, outputs = [], [], []
    for name in FILES:
        for line in gzip.decompress((folder / f"{name}.txt.gz").read_bytes()).decode().split():
            txid, _, _, seconds, given, taken = line.split(":::")
            height = len(txs)
            txs.append((txid, height, False, pd.Timestamp(int(seconds), unit="s", tz="UTC")))
            for n, text in enumerate(given.split("}{")):
                value, script, _ = text.split("-", 2)[2].split("+")
                kind = kind_of(bytes.fromhex(script))
                inputs.append((txid, n, height, int(value), script, kind))
            for n, text in enumerate(taken.split("}{")):
                value, script, _ = text.split("+")
                kind = kind_of(bytes.fromhex(script))
                outputs.append((txid, n, height, int(value), script, kind))
    txs = pd.DataFrame(txs, columns=["txid", "height", "coinbase", "time"])
    blocks = txs[["height", "time"]]
    columns = ["txid", "n", "height", "value"]
    return Chain(
        blocks=blocks,
        txs=txs.drop(columns="time"),
        # The script stands for the address: one tells keys apart as well as the other.
        inputs=pd.DataFrame(inputs, columns=[*columns, "address", "kind"]),
        outputs=pd.DataFrame(outputs, columns=[*columns, "script", "kind"]),
        stale=blocks[:0],
        network=network,
    )


def emulated(folder: Path) -> Chain:
    """Return the emulated regtest chain, put together again from the answers of a node."""
    raw = []
    for line in gzip.decompress((folder / "blocks.jsonl.gz").read_bytes()).splitlines():
        block = json.loads(line)
        before = bytes.fromhex(block.get("previousblockhash", "00" * 32))[::-1]
        root, bits = bytes.fromhex(block["merkleroot"])[::-1], int(block["bits"], 16)
        head = struct.pack(
            "<i32s32sIII", block["version"], before, root, block["time"], bits, block["nonce"]
        )
        txs = [bytes.fromhex(tx["hex"]) for tx in block["tx"]]
        raw.append(head + bytes([len(txs)]) + b"".join(txs))
    return read_blocks(raw, "regtest")
