"""A world of four blocks and two cases, with its truth, in the format of the public world."""

import json
from pathlib import Path

import pytest

from tests.cointrace import mint

BRIEF = "A firm paid <ransom> & reported it. Find out when."


@pytest.fixture
def small_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with `world` and `truth`, the environment pointing at the world only."""
    world, truth = tmp_path / "world", tmp_path / "truth"
    blocks = mint.small_chain(5)
    (world / "chain").mkdir(parents=True)
    (world / "chain" / "blk00000.dat").write_bytes(mint.framed(*blocks))
    for folder in (world, truth):
        (folder / "cases" / "crypto-1").mkdir(parents=True)
    for number in range(2):
        facts = {
            "number": number,
            "title": f"The payment of {number}",
            "brief": BRIEF,
            "address": f"address-{number}",
            "tip_address": "tip<b>",
            "height": 2,
            "until_height": 3,
        }
        expected = {"block_time": 1_300_001_200, "balance": number}
        name = f"cases/crypto-1/{number:02d}.json"
        (world / name).write_text(json.dumps(facts))
        (truth / name).write_text(json.dumps(expected))
    (truth / "cases/crypto-1/unseen.dat").write_bytes(blocks[4])
    (truth / "cases/crypto-1/unseen.json").write_text(json.dumps({"transaction_count": 2}))
    monkeypatch.setenv("CASEWORK_WORLD", str(world))
    monkeypatch.delenv("CASEWORK_CASES", raising=False)
    monkeypatch.delenv("CASEWORK_TRUTH", raising=False)
    return tmp_path
