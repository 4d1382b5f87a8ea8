"""A trainee opens the case they were given, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import casework
from casework import CaseworkError, open_case, places
from cointrace import raw_blocks, read_blocks
from tests.cointrace import mint

PUBLIC_CHAIN = Path(__file__).parents[2] / "data/public/world/chain"


def test_without_a_class_the_public_case_is_opened(small_world):
    case = open_case("crypto-1")
    assert (case.name, case.number, case.title) == ("crypto-1", 0, "The payment of 0")
    assert (case.address, case.height, case.until_height) == ("address-0", 2, 3)


def test_in_a_class_the_given_case_is_opened(small_world, monkeypatch):
    monkeypatch.setenv("CASEWORK_CASES", '{"crypto-1": 1}')
    assert open_case("crypto-1").address == "address-1"


def test_the_block_is_the_one_at_the_height_of_the_case(small_world):
    assert open_case("crypto-1").block == mint.small_chain(5)[2]


def test_the_chain_ends_with_the_last_block_of_the_case(small_world):
    chain = open_case("crypto-1").chain()
    assert chain.blocks["height"].tolist() == [0, 1, 2, 3]
    assert chain.outputs.loc[chain.outputs["height"] == 3, "value"].sum() == 99_9999_0000


def test_a_changed_table_does_not_change_the_next_one(small_world):
    case = open_case("crypto-1")
    spoiled = case.chain().outputs
    spoiled["value"] = 0
    spoiled.loc[0, "kind"] = "other"
    assert case.chain().outputs.loc[0, ["value", "kind"]].tolist() == [50_0000_0000, "p2pk"]


def test_the_chain_is_read_once(small_world):
    case = open_case("crypto-1")
    case.chain()
    (small_world / "world/chain/blk00000.dat").unlink()
    assert len(case.chain().blocks) == 4


def test_the_card_shows_the_facts_and_escapes_them(small_world):
    card = open_case("crypto-1")._repr_html_()
    for text in ("The payment of 0", "address-0", "tip&lt;b&gt;", "&lt;ransom&gt; &amp;", "0 to 3"):
        assert text in card
    assert 'aria-label="Case crypto-1"' in card
    assert "<script" not in card and len(card) < 2_000


def test_the_plain_text_names_case_and_title(small_world):
    assert repr(open_case("crypto-1")) == "<Case crypto-1, file 0: The payment of 0>"


@pytest.mark.parametrize("name", ["crypto-9", "crypto", "", "../truth", "crypto-1/../../x", 7])
def test_a_wrong_name_is_told_which_cases_there_are(small_world, name):
    with pytest.raises(CaseworkError, match=r'There is no case called .*: .* are "crypto-1"\.$'):
        open_case(name)


def test_a_number_nobody_made_is_told_the_range(small_world, monkeypatch):
    monkeypatch.setenv("CASEWORK_CASES", '{"crypto-1": 2}')
    with pytest.raises(CaseworkError, match="has no number 2, only 0 to 1"):
        open_case("crypto-1")


@pytest.mark.parametrize("table", ["{", "[1]", '{"crypto-1": "3"}', '{"crypto-1": -1}', "7"])
def test_a_broken_table_of_numbers_is_named(small_world, monkeypatch, table):
    monkeypatch.setenv("CASEWORK_CASES", table)
    with pytest.raises(CaseworkError, match="table of your case numbers cannot be read"):
        open_case("crypto-1")


def test_a_missing_world_says_make_world(monkeypatch, tmp_path):
    monkeypatch.setenv("CASEWORK_WORLD", str(tmp_path / "nowhere"))
    with pytest.raises(CaseworkError, match="run `make world`"):
        open_case("crypto-1")


def test_an_empty_world_says_make_world(monkeypatch, tmp_path):
    monkeypatch.setenv("CASEWORK_WORLD", str(tmp_path))
    with pytest.raises(CaseworkError, match="none yet: run `make world`"):
        open_case("crypto-1")


def test_a_damaged_case_file_is_named(small_world):
    file = small_world / "world/cases/crypto-1/00.json"
    file.write_text("{")
    with pytest.raises(CaseworkError, match=r"00\.json is damaged"):
        open_case("crypto-1")
    file.write_text('{"number": 0, "address": "z", "height": 1}')
    with pytest.raises(CaseworkError, match="says nothing about title, brief"):
        open_case("crypto-1")


def test_what_a_case_does_not_say_is_told_with_what_it_says(small_world):
    with pytest.raises(AttributeError, match=r"says nothing of 'owner'\. It says: address"):
        _ = open_case("crypto-1").owner
    assert open_case("crypto-1").facts["address"] == "address-0"


def test_a_case_without_a_chain_says_so(small_world):
    file = small_world / "world/cases/crypto-1/00.json"
    file.write_text('{"number": 0, "title": "x", "brief": "y"}')
    case = open_case("crypto-1")
    assert case.until_height is None
    with pytest.raises(CaseworkError, match="needs no chain of blocks"):
        case.chain()


def test_a_damaged_chain_is_one_sentence_with_file_and_byte(small_world):
    file = small_world / "world/chain/blk00000.dat"
    raw = bytearray(file.read_bytes())
    raw[-60] ^= 1
    file.write_bytes(raw)
    case = open_case("crypto-1")
    assert len(case.chain().blocks) == 4, "the damage lies behind the last block of the case"
    raw[8 + 70] ^= 1
    file.write_bytes(raw)
    with pytest.raises(CaseworkError, match=r"chain of this world is damaged: blk00000\.dat, byte"):
        open_case("crypto-1").chain()


def test_a_chain_that_is_too_short_is_named(small_world):
    (small_world / "world/chain/blk00000.dat").write_bytes(mint.framed(*mint.small_chain(3)))
    with pytest.raises(CaseworkError, match="needs blocks up to 3, but the chain here has 3"):
        _ = open_case("crypto-1").block


def test_no_answer_can_be_reached_through_an_open_case(small_world):
    """Whatever a case holds, no value of it is a path or a text that leads to the truth."""
    case = open_case("crypto-1")
    case.chain()
    held = json.dumps({name: str(value) for name, value in vars(case).items()})
    assert "truth" not in held
    for secret in ("block_time", "balance", "owners", "expected"):
        assert secret not in held


def test_importing_casework_loads_neither_jupyter_nor_pandas_nor_matplotlib():
    code = (
        "import sys, casework; "
        "print([m for m in ('ipywidgets', 'IPython', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_everything_that_casework_names_is_there():
    for name in casework.__all__:
        assert getattr(casework, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'truth'"):
        _ = casework.truth


def test_every_case_of_the_public_world_opens_with_its_chain(monkeypatch):
    for name in ("CASEWORK_WORLD", "CASEWORK_CASES", "CASEWORK_TRUTH"):
        monkeypatch.delenv(name, raising=False)
    folder = Path(places.__file__).parents[2] / "data" / "public" / "world"
    if not folder.is_dir():
        pytest.skip("the public world is not built here: run `make world`")
    numbers = sorted(folder.glob("cases/crypto-1/[0-9][0-9].json"))
    assert len(numbers) == 12
    for number in range(len(numbers)):
        monkeypatch.setenv("CASEWORK_CASES", json.dumps({"crypto-1": number}))
        case = open_case("crypto-1")
        chain = case.chain()
        assert case.number == number
        assert chain.blocks["height"].tolist() == list(range(case.until_height + 1))
        assert case.address in set(chain.outputs["address"])
        assert mint.block_hash(case.block)[::-1].hex() == chain.blocks["hash"][case.height]


@pytest.mark.parametrize("number", [0, 4, 10])
def test_a_case_s_chain_is_what_reading_its_blocks_alone_gives(monkeypatch, number):
    """All cases of a world are windows on one chain, which is read once."""
    monkeypatch.delenv("CASEWORK_WORLD", raising=False)
    monkeypatch.setenv("CASEWORK_CASES", f'{{"crypto-1": {number}}}')
    case = open_case("crypto-1")
    blocks = raw_blocks(PUBLIC_CHAIN, network="regtest")[: case.until_height + 1]
    alone, seen = read_blocks(blocks, network="regtest"), case.chain()
    for name in ("blocks", "txs", "inputs", "outputs", "stale"):
        pd.testing.assert_frame_equal(getattr(seen, name), getattr(alone, name))
