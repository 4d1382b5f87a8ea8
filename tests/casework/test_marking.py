"""The expected answers: there for the judge, and for nobody else."""

import json

import pytest

from casework import CaseworkError, open_case, places
from casework.marking import expected
from cointrace import read_blocks
from tests.cointrace import mint


@pytest.fixture
def judge(small_world, monkeypatch):
    """The environment in which hidden tests run."""
    monkeypatch.setenv("CASEWORK_TRUTH", str(small_world / "truth"))
    return small_world


def test_the_answers_are_those_of_the_case_that_was_given(judge, monkeypatch):
    assert expected("crypto-1")["balance"] == 0
    monkeypatch.setenv("CASEWORK_CASES", '{"crypto-1": 1}')
    assert expected("crypto-1")["balance"] == 1


def test_the_unseen_block_comes_along(judge):
    unseen = expected("crypto-1")["unseen"]
    assert unseen == {"block": mint.small_chain(5)[4], "transaction_count": 2}


def test_the_public_truth_is_never_taken_for_that_of_another_world(small_world):
    with pytest.raises(CaseworkError, match="only the instructor's grader has them"):
        expected("crypto-1")


def test_where_there_is_no_truth_one_sentence_says_so(small_world, monkeypatch):
    monkeypatch.setenv("CASEWORK_TRUTH", str(small_world / "nowhere"))
    with pytest.raises(CaseworkError, match=r"^The expected answers are not here: .*\.$"):
        expected("crypto-1")


def test_a_missing_unseen_block_is_named(judge):
    (judge / "truth/cases/crypto-1/unseen.dat").unlink()
    with pytest.raises(CaseworkError, match=r"unseen\.dat is missing"):
        expected("crypto-1")


def test_a_damaged_truth_file_is_named(judge):
    (judge / "truth/cases/crypto-1/00.json").write_text("[]")
    with pytest.raises(CaseworkError, match=r"00\.json is damaged"):
        expected("crypto-1")


@pytest.mark.parametrize("number", range(12))
def test_what_the_tables_say_is_what_the_books_of_the_public_world_say(monkeypatch, number):
    """The truth is written by the world's own books, the tables are read from its bytes."""
    for name in ("CASEWORK_WORLD", "CASEWORK_TRUTH"):
        monkeypatch.delenv(name, raising=False)
    if not (places._PUBLIC / "truth").is_dir():
        pytest.skip("the public world is not built here: run `make world`")
    monkeypatch.setenv("CASEWORK_CASES", json.dumps({"crypto-1": number}))
    case, truth = open_case("crypto-1"), expected("crypto-1")
    chain = case.chain()
    block = chain.blocks[chain.blocks["height"] == case.height].iloc[0]
    assert block["time"].timestamp() == truth["block_time"]
    assert block["hash"] == truth["block_hash"]
    assert block["transactions"] == truth["transaction_count"]
    spent = chain.inputs.groupby("txid")["value"].sum()
    made = chain.outputs.groupby("txid")["value"].sum()
    assert {txid: spent[txid] - made[txid] for txid in truth["fees"]} == truth["fees"]
    received = chain.outputs.loc[chain.outputs["address"] == case.address, "value"].sum()
    paid_on = chain.inputs.loc[chain.inputs["address"] == case.address, "value"].sum()
    assert (received, paid_on) == (truth["received"], truth["spent"])
    assert received - paid_on == truth["balance"]


def test_the_unseen_block_of_the_public_truth_is_what_it_says(monkeypatch):
    for name in ("CASEWORK_WORLD", "CASEWORK_CASES", "CASEWORK_TRUTH"):
        monkeypatch.delenv(name, raising=False)
    if not (places._PUBLIC / "truth").is_dir():
        pytest.skip("the public world is not built here: run `make world`")
    unseen = expected("crypto-1")["unseen"]
    block = read_blocks(unseen["block"]).blocks.iloc[0]
    assert block["transactions"] == unseen["transaction_count"] > 252
    assert block["hash"] == unseen["block_hash"]
    assert block["time"].timestamp() == unseen["block_time"]
