"""The public world as these tests read it: with embit and the csv module, not with `world`."""

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from embit import compact
from embit.networks import NETWORKS
from embit.transaction import Transaction


def double_sha256(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


@dataclass(frozen=True)
class Tx:
    txid: str
    height: int
    embit: Transaction
    raw: bytes

    def spends(self) -> list[tuple[str, int]]:
        return [(each.txid.hex(), each.vout) for each in self.embit.vin]


@dataclass(frozen=True)
class Chain:
    raw: list[bytes]
    blocks: list[list[Tx]]

    def hash(self, height: int) -> str:
        return double_sha256(self.raw[height][:80])[::-1].hex()

    def time(self, height: int) -> int:
        return int.from_bytes(self.raw[height][68:72], "little")

    @property
    def transactions(self) -> list[Tx]:
        return [tx for block in self.blocks for tx in block]


def address_of(script) -> str | None:
    return script.address(NETWORKS["regtest"]) if script.script_type() else None


def unframe(data: bytes) -> list[bytes]:
    """Cut a block file into raw blocks, and insist on the frame around each."""
    found, at = [], 0
    while at < len(data):
        assert data[at : at + 4].hex() == "fabfb5da"
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append(data[at + 8 : at + 8 + size])
        at += 8 + size
    assert at == len(data)
    return found


def parse(raw: bytes, height: int) -> list[Tx]:
    stream = io.BytesIO(raw)
    stream.read(80)
    made = []
    for _ in range(compact.read_from(stream)):
        start = stream.tell()
        tx = Transaction.read_from(stream)
        made.append(Tx(tx.txid().hex(), height, tx, raw[start : stream.tell()]))
    assert not stream.read()
    return made


@pytest.fixture(scope="session")
def public(house: Path) -> Path:
    return house / "data" / "public"


@pytest.fixture(scope="session")
def chain(public: Path) -> Chain:
    raw = unframe((public / "world" / "chain" / "blk00000.dat").read_bytes())
    return Chain(raw, [parse(block, height) for height, block in enumerate(raw)])


@pytest.fixture(scope="session")
def outputs(chain: Chain) -> dict[tuple[str, int], tuple[int, str | None, int]]:
    """Every output: (txid, vout) -> satoshi, address, height."""
    return {
        (tx.txid, vout): (output.value, address_of(output.script_pubkey), tx.height)
        for tx in chain.transactions
        for vout, output in enumerate(tx.embit.vout)
    }


@pytest.fixture(scope="session")
def truth(public: Path):
    """Read a table of the truth: name -> list of rows."""

    def read(name: str) -> list[dict[str, str]]:
        with (public / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def briefs(public: Path) -> list[dict]:
    folder = public / "world" / "cases" / "crypto-1"
    return [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]


@pytest.fixture(scope="session")
def answers(public: Path) -> list[dict]:
    folder = public / "truth" / "cases" / "crypto-1"
    return [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("[0-9]*.json"))]
