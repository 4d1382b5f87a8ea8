"""Run by a Python that has graphsense-lib: transactions come in, what it flags goes out, as JSON lines."""

import asyncio
import json
import sys
from types import SimpleNamespace

from graphsenselib.db.asynchronous.services.heuristics_service import calculate_heuristics


def party(address: str | None, value: int) -> SimpleNamespace:
    return SimpleNamespace(address=[address] if address else [], value=value, address_type=None)


async def main() -> None:
    for line in sys.stdin:
        txid, inputs, outputs = json.loads(line)
        tx = {
            "coinbase": False,
            "tx_hash": txid,
            "block_id": 1,
            "inputs": [party(*given) for given in inputs],
            "outputs": [party(*taken) for taken in outputs],
        }
        found = (await calculate_heuristics(tx, "btc", None, ["all_coinjoin"])).coinjoin_heuristics
        if found is None:
            continue
        for name in ("joinmarket", "whirlpool_coinjoin", "whirlpool_tx0"):
            if getattr(found, name) is not None:
                print(json.dumps([txid, name]))
        if found.wasabi is not None:
            print(json.dumps([txid, "wasabi_2" if found.wasabi.version == "2.0" else "wasabi_1"]))


asyncio.run(main())
