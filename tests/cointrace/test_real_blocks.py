"""Real mainnet blocks give the tables that two other programs and a list of sums give."""

import gzip
import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pbk
import pytest
from embit import compact
from embit.networks import NETWORKS
from embit.transaction import Transaction

from cointrace import Chain, raw_blocks, read_blocks

FILES = (
    "block169482.dat",
    "block227835.dat",
    "block227836.dat",
    "block277647.blk",
    "block413567.raw",
    "block481829.dat",
    "block574200.blk",
    "genesis_to_438.blk",
)
READ: dict[str, Chain] = {}


@pytest.fixture(params=FILES)
def file(request, shared_data) -> Path:
    return shared_data / "crypto" / "btc-blocks" / request.param


@pytest.fixture
def chain(file) -> Chain:
    if file.name not in READ:
        READ[file.name] = read_blocks(file, "mainnet")
    return READ[file.name]


def test_counts_and_sums_are_the_listed_ones(file, chain):
    listed = json.loads(file.with_name("expected.json").read_text())[file.name]
    found = {
        "hash": chain.blocks["hash"].iloc[0],
        "last_hash": chain.blocks["hash"].iloc[-1],
        "time": chain.blocks["time"].iloc[0].timestamp(),
        "n_blocks": len(chain.blocks),
        "bytes": chain.blocks["size"].sum(),
        "n_tx": len(chain.txs),
        "n_in": len(chain.inputs),
        "n_out": len(chain.outputs),
        "sum_out_sat": chain.outputs["value"].sum(),
        "coinbase_out_sat": chain.outputs["value"][: chain.txs["outputs"].iloc[0]].sum(),
        "txids_sha256": sha256("\n".join(chain.txs["txid"]).encode()).hexdigest(),
        "in_block_spends": chain.inputs["value"].notna().sum(),
        "multi_input_txs": (chain.txs["inputs"] > 1).sum(),
        "segwit_txs": (chain.txs["txid"] != chain.txs["wtxid"]).sum(),
        "out_types": chain.outputs["kind"]
        .replace("op_return", "nulldata")
        .value_counts()
        .to_dict(),
    }
    checked = [name for name in listed if name in found]
    assert len(checked) >= 4
    assert {name: found[name] for name in checked} == {name: listed[name] for name in checked}


def test_every_transaction_equals_what_embit_reads(file, chain):
    """Ids, sizes, inputs, witnesses, amounts, scripts; and the address wherever embit has one."""
    row = spent = made = 0
    txs = chain.txs.to_dict("list")
    inputs = chain.inputs.to_dict("list")
    outputs = chain.outputs.to_dict("list")
    for raw in raw_blocks(file, "mainnet"):
        stream = BytesIO(raw)
        stream.seek(80)
        for _ in range(compact.read_from(stream)):
            tx = Transaction.read_from(stream)
            assert txs["txid"][row] == tx.txid().hex()
            assert txs["size"][row] == len(tx.serialize())
            assert txs["version"][row] == tx.version
            assert txs["locktime"][row] == tx.locktime
            assert (txs["inputs"][row], txs["outputs"][row]) == (len(tx.vin), len(tx.vout))
            for n, given in enumerate(tx.vin):
                assert inputs["n"][spent] == n
                assert inputs["txid"][spent] == txs["txid"][row]
                assert inputs["spent_txid"][spent] == given.txid.hex()
                assert inputs["spent_vout"][spent] == given.vout
                assert inputs["sequence"][spent] == given.sequence
                assert inputs["script_sig"][spent] == given.script_sig.data.hex()
                stack = [item.hex() or "0" for item in given.witness.items]
                assert inputs["witness"][spent] == " ".join(stack)
                spent += 1
            for n, output in enumerate(tx.vout):
                assert outputs["n"][made] == n
                assert outputs["txid"][made] == txs["txid"][row]
                assert outputs["value"][made] == output.value
                assert outputs["script"][made] == output.script_pubkey.data.hex()
                if outputs["kind"][made] in ("p2pkh", "p2sh", "p2wpkh", "p2wsh", "p2tr"):
                    address = output.script_pubkey.address(NETWORKS["main"])
                    assert outputs["address"][made] == address
                made += 1
            row += 1
        assert not stream.read()
    assert (row, spent, made) == (len(chain.txs), len(chain.inputs), len(chain.outputs))


def test_every_block_equals_what_the_rules_of_bitcoin_core_read(file, chain):
    for number, raw in enumerate(raw_blocks(file, "mainnet")):
        block = pbk.Block(raw)
        assert chain.blocks["hash"][number] == str(block.block_hash)
        assert chain.blocks["prev_hash"][number] == str(block.block_header.prev_hash)
        assert chain.blocks["bits"][number] == block.block_header.bits
        assert chain.blocks["nonce"][number] == block.block_header.nonce
        assert chain.blocks["version"][number] == block.block_header.version
        assert chain.blocks["time"][number] == block.block_header.timestamp
        height = chain.blocks["height"][number]
        mine = chain.txs if len(chain.blocks) == 1 else chain.txs[chain.txs["height"] == height]
        assert mine["txid"].tolist() == [str(tx.txid) for tx in block.transactions]


@pytest.mark.parametrize(
    ("name", "height"),
    [
        ("block169482.dat", None),
        ("block227835.dat", None),
        ("block227836.dat", 227836),
        ("block277647.blk", 277647),
        ("block413567.raw", 413567),
        ("block481829.dat", 481829),
        ("block574200.blk", 574200),
        ("genesis_to_438.blk", 0),
    ],
)
def test_heights_are_those_that_coinbases_state(shared_data, name, height):
    """BIP 34 begins with version 2: the two blocks of version 1 state none."""
    found = read_blocks(shared_data / "crypto" / "btc-blocks" / name, "mainnet").blocks["height"]
    assert found.isna().all() if height is None else found.iloc[0] == height


def test_two_blocks_in_a_row_join_what_the_second_spends_of_the_first(shared_data):
    folder = shared_data / "crypto" / "btc-blocks"
    pair = [folder / "block227836.dat", folder / "block227835.dat"]
    chain = read_blocks(pair, "mainnet")
    assert chain.blocks["height"].tolist() == [227835, 227836]
    apart = sum(read_blocks(file, "mainnet").inputs["value"].notna().sum() for file in pair)
    assert chain.inputs["value"].notna().sum() > apart == 19


def test_fees_of_a_whole_block_come_out_with_its_spent_outputs(shared_data):
    """Block 277647: the 62 outputs made in the block are joined with the value they really had."""
    folder = shared_data / "crypto" / "btc-blocks"
    chain = read_blocks(folder / "block277647.blk", "mainnet")
    listed = json.loads(gzip.decompress((folder / "block277647.prevouts.json.gz").read_bytes()))
    value = {(output["txid"], output["vout"]): output["value"] for output in listed}
    inputs = chain.inputs[1:]
    spent = [value[key] for key in zip(inputs["spent_txid"], inputs["spent_vout"], strict=True)]
    known = inputs["value"].notna()
    assert known.sum() == 62
    assert inputs["value"][known].tolist() == [v for v, k in zip(spent, known, strict=True) if k]
    coinbase = chain.txs["txid"][0]
    made = chain.outputs.loc[chain.outputs["txid"] != coinbase, "value"].sum()
    assert sum(spent) - made == 4_737_355
