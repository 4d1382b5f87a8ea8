"""Blocks become one chain, wherever and in whatever order they were kept."""

import random
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from cointrace import ChainError, raw_blocks, read_blocks
from tests.cointrace import mint

BLOCKS = mint.small_chain(6)
HASHES = [mint.block_hash(raw)[::-1].hex() for raw in BLOCKS]


def test_the_genesis_block_of_regtest_is_the_published_one():
    """Its hash stands in Bitcoin Core's chainparams.cpp."""
    chain = read_blocks(BLOCKS[0])
    published = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
    assert chain.blocks["hash"].tolist() == [published]
    assert chain.blocks["height"].tolist() == [0]
    assert chain.blocks["time"][0] == pd.Timestamp("2011-02-02 23:16:42", tz="UTC")
    assert (chain.blocks["size"][0], chain.blocks["weight"][0]) == (285, 4 * 285)


def test_bytes_file_folder_and_list_give_the_same_chain(tmp_path):
    folder = tmp_path / "blocks"
    folder.mkdir()
    (folder / "blk00000.dat").write_bytes(mint.framed(*BLOCKS[:3]))
    (folder / "blk00001.dat").write_bytes(mint.framed(*BLOCKS[3:]))
    (folder / "rev00000.dat").write_bytes(b"undo data are not blocks")
    whole = tmp_path / "all.dat"
    whole.write_bytes(mint.framed(*BLOCKS))
    sources = (
        mint.framed(*BLOCKS),
        memoryview(mint.framed(*BLOCKS)),
        whole,
        str(whole),
        folder,
        sorted(folder.glob("blk*.dat")),
        BLOCKS,
        iter(BLOCKS),
    )
    for source in sources:
        assert read_blocks(source).blocks["hash"].tolist() == HASHES


def test_space_reserved_with_zeros_is_passed_over():
    stored = mint.framed(*BLOCKS[:2]) + bytes(100) + mint.framed(*BLOCKS[2:]) + bytes(9_999)
    assert read_blocks(stored).blocks["hash"].tolist() == HASHES


@pytest.mark.parametrize("key", [bytes(8), bytes.fromhex("0123456789abcdef")])
def test_files_hidden_behind_the_key_of_bitcoin_core_28_are_read(tmp_path, key):
    plain = mint.framed(*BLOCKS)
    hidden = bytes(octet ^ key[at % 8] for at, octet in enumerate(plain))
    (tmp_path / "blk00000.dat").write_bytes(hidden)
    (tmp_path / "xor.dat").write_bytes(key)
    assert read_blocks(tmp_path).blocks["hash"].tolist() == HASHES
    assert read_blocks(tmp_path / "blk00000.dat").blocks["hash"].tolist() == HASHES


def test_blocks_out_of_order_and_stored_twice_become_one_chain():
    mixed = [*BLOCKS, *BLOCKS[2:4]]
    random.Random(5).shuffle(mixed)
    chain = read_blocks(mint.framed(*mixed))
    assert chain.blocks["hash"].tolist() == HASHES
    assert chain.blocks["height"].tolist() == list(range(6))
    for table in (chain.txs, chain.inputs, chain.outputs):
        assert table["height"].is_monotonic_increasing
    assert raw_blocks(mint.framed(*mixed)) == BLOCKS


def test_the_shorter_branch_is_set_apart_as_stale():
    first = mint.coinbase(4, [])
    rival = mint.mined(mint.block_hash(BLOCKS[3]), [first], 1_400_000_000)
    chain = read_blocks([*BLOCKS[:4], rival, *BLOCKS[4:]])
    assert chain.blocks["hash"].tolist() == HASHES
    assert chain.stale["hash"].tolist() == [mint.block_hash(rival)[::-1].hex()]
    assert chain.stale["height"].tolist() == [4]
    assert first.txid[::-1].hex() not in set(chain.txs["txid"])
    longer = mint.mined(mint.block_hash(rival), [mint.coinbase(5, [])], 1_400_000_600)
    longest = mint.mined(mint.block_hash(longer), [mint.coinbase(6, [])], 1_400_001_200)
    turned = read_blocks([*BLOCKS, rival, longer, longest])
    assert turned.blocks["height"].tolist() == list(range(7))
    assert turned.stale["hash"].tolist() == HASHES[4:]


def test_a_chain_with_a_gap_keeps_the_heights_that_coinbases_state():
    chain = read_blocks([BLOCKS[5], BLOCKS[4], BLOCKS[0], BLOCKS[1]])
    assert chain.blocks["height"].tolist() == [0, 1, 4, 5]
    assert chain.blocks["hash"].tolist() == [HASHES[n] for n in (0, 1, 4, 5)]


def test_where_no_coinbase_states_a_height_it_is_missing():
    old = mint.mined(bytes([7]) * 32, [mint.coinbase(4, [])], 1_400_000_000, version=1)
    assert read_blocks(old).blocks["height"].isna().tolist() == [True]
    assert read_blocks([old, BLOCKS[0]]).txs["height"].isna().tolist() == [False, True]


def test_inputs_know_what_they_spend():
    inputs = read_blocks(BLOCKS).inputs
    spends = inputs[inputs["spent_vout"] == 0].reset_index(drop=True)
    assert spends["value"].tolist() == [50_0000_0000] * 4
    assert spends["kind"].tolist() == ["other"] * 4
    coinbases = inputs[inputs["spent_vout"] == 0xFFFFFFFF]
    assert coinbases[["value", "address", "kind"]].isna().all(axis=None)


def test_an_output_number_that_its_transaction_has_not_is_not_joined():
    coinbase = mint.coinbase(1, [])
    wrong = mint.Tx([(coinbase.txid, 1)], [(1, b"\x51")])
    raw = mint.mined(mint.block_hash(BLOCKS[0]), [coinbase, wrong], 1_400_000_000)
    assert read_blocks([BLOCKS[0], raw]).inputs["value"].isna().all()


def test_an_empty_witness_item_is_told_from_no_witness():
    tx = mint.Tx([(b"\1" * 32, 0)], [(1, b"\x51")], witness=[b"", b"\xab", b""])
    raw = mint.mined(bytes(32), [mint.coinbase(0, [tx]), tx], 1_400_000_000)
    assert read_blocks(raw).inputs["witness"].tolist() == ["00" * 32, "0 ab 0"]


def test_types_hold_for_every_chain():
    for chain in (read_blocks(BLOCKS), read_blocks(BLOCKS[0])):
        assert chain.outputs["value"].dtype == np.int64
        assert chain.inputs["value"].dtype == "Int64"
        assert str(chain.blocks["time"].dt.tz) == "UTC"
        assert str(chain.stale["time"].dt.tz) == "UTC"
        assert list(chain.stale) == list(chain.blocks)
        assert chain.stale.dtypes.equals(chain.blocks.dtypes)
        for table in (chain.blocks, chain.txs, chain.inputs, chain.outputs):
            assert (table["height"].dtype == "Int64") and not table["height"].isna().any()


def test_the_chain_says_in_one_line_what_it_holds():
    assert repr(read_blocks(BLOCKS)) == (
        "<Chain of regtest: 6 blocks, 10 transactions, 10 inputs, 18 outputs>"
    )


def test_what_is_no_source_is_named(tmp_path):
    with pytest.raises(ChainError, match="cannot be read from a int; give the bytes"):
        read_blocks(7)
    with pytest.raises(ChainError, match=r"nowhere\.dat: the file cannot be read \(no such file"):
        read_blocks(tmp_path / "nowhere.dat")
    with pytest.raises(ChainError, match=r"the folder holds no blk\*\.dat file; name the folder"):
        read_blocks(tmp_path)
    with pytest.raises(ChainError, match="these bytes: there are no bytes here"):
        read_blocks(b"")
    with pytest.raises(ChainError, match="there are no blocks to read"):
        read_blocks([])


def test_the_public_world_is_read_whole_and_its_money_adds_up(house):
    folder = house / "data" / "public" / "world" / "chain"
    if not folder.is_dir():
        pytest.skip("the public world is not built here: run `make world`")
    chain = read_blocks(folder)
    assert chain.blocks["height"].tolist() == list(range(len(chain.blocks)))
    assert len(chain.stale) == 0
    spending = chain.inputs[chain.inputs["spent_vout"] != 0xFFFFFFFF]
    assert spending["value"].notna().all()
    spent = spending["value"].groupby(spending["txid"]).sum()
    made = chain.outputs.groupby("txid")["value"].sum()
    fees = spent - made.reindex(spent.index)
    assert (fees > 0).all()
    coinbases = made[chain.txs.loc[chain.txs["coinbase"], "txid"]].to_numpy()
    subsidies = 50_0000_0000 >> (chain.blocks["height"].to_numpy(np.int64) // 150)
    assert coinbases.sum() == subsidies.sum() + fees.sum()


def test_pandas_and_numpy_are_enough():
    """The library stands alone: neither pyarrow nor the programs it is checked against are needed."""
    code = (
        "import sys\n"
        "for name in ('pyarrow', 'embit', 'pbk', 'casework', 'world'):\n"
        "    sys.modules[name] = None\n"
        "import cointrace\n"
        "chain = cointrace.read_blocks(sys.stdin.buffer.read())\n"
        "print(chain.outputs['value'].sum(), chain.inputs['value'].sum())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=mint.framed(*BLOCKS), capture_output=True, check=True
    )
    assert done.stdout.split() == [b"49999960000", b"20000000000"]
