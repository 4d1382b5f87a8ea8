"""Peel chains of the public world, against what its books say; flows and reports of them."""

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pandas as pd
import pytest

import cointrace
from cointrace import ChainError, draw_flow, neighbourhood, peel_chain, report, rerun

PUBLIC = Path(__file__).parents[2] / "data/public"
BLOCKS = PUBLIC / "world/chain/blk00000.dat"


@pytest.fixture(scope="module")
def chain():
    return cointrace.read_blocks(BLOCKS, network="regtest")


@pytest.fixture(scope="module")
def books():
    return pd.read_csv(PUBLIC / "truth/transactions.csv")


@pytest.fixture(scope="module")
def crew(books):
    return books[books["payer"] == "ransomware-crew-01"]


def test_the_ransom_is_followed_through_every_peel_and_no_step_is_a_strangers(chain, crew):
    found = peel_chain(chain, crew["txid"].iloc[0])
    assert set(found.table["txid"]) <= set(crew["txid"])
    assert found.table["txid"].nunique() >= 10
    change = pd.read_csv(PUBLIC / "truth/change.csv")
    kept = found.table[["txid", "kept_vout"]].rename(columns={"kept_vout": "vout"})
    assert len(kept.merge(change)) == len(kept), "every kept output is change in truth"
    assert found.stopped.startswith("Stopped")
    assert found.cut == ""


def test_values_are_those_of_the_chain_and_each_step_spends_the_coin_kept_before(chain, crew):
    table = peel_chain(chain, crew["txid"].iloc[0]).table
    values = chain.outputs.set_index(["txid", "n"])["value"]
    for row in table.itertuples():
        assert values[row.txid, row.kept_vout] == row.kept_value
        assert values[row.txid, row.peeled_vout] == row.peeled_value
    spends = chain.inputs.set_index("txid")[["spent_txid", "spent_vout"]]
    steps = table.drop_duplicates("txid")
    for before, after in zip(steps[:-1].itertuples(), steps[1:].itertuples(), strict=True):
        assert tuple(spends.loc[after.txid]) == (before.txid, before.kept_vout)


def test_backward_finds_the_same_steps_from_the_other_end(chain, crew):
    forward = peel_chain(chain, crew["txid"].iloc[0]).table
    backward = peel_chain(chain, forward["txid"].iloc[-1], direction="backward")
    steps = forward["txid"].drop_duplicates().tolist()
    assert backward.table["txid"].drop_duplicates().tolist()[-len(steps) :] == steps
    assert backward.stopped.startswith("Begins")


def test_a_limit_on_steps_is_told(chain, crew):
    short = peel_chain(chain, crew["txid"].iloc[0], most=4)
    assert short.table["txid"].nunique() == 4
    assert short.cut == "The chain goes on after these 4 steps."


def test_it_stops_at_a_coinjoin_a_batch_and_an_unspent_coin(chain, books):
    joint = books.loc[books["kind"] == "joinmarket", "txid"].iloc[0]
    assert "it is a CoinJoin" in peel_chain(chain, joint).stopped
    wages = books.loc[books["purpose"] == "wages", "txid"].iloc[0]
    assert re.search(
        r"it has \d+ outputs, more than 3|it spends \d+ coins", peel_chain(chain, wages).stopped
    )
    coinbase = books.loc[books["kind"] == "coinbase", "txid"].iloc[0]
    assert "it is a coinbase" in peel_chain(chain, coinbase).stopped
    assert peel_chain(chain, coinbase).table.empty


def test_the_larger_output_is_another_rule_and_can_be_wrong(chain, books):
    starts = books.loc[books["purpose"] == "purchase", "txid"].sample(300, random_state=1)
    change = pd.read_csv(PUBLIC / "truth/change.csv").rename(columns={"vout": "kept_vout"})
    right = {}
    for rule in ("votes", "larger"):
        first = [
            peel_chain(chain, txid, by=rule, most=1, most_inputs=20).table for txid in starts[:40]
        ]
        kept = pd.concat(first).drop_duplicates("txid")
        right[rule] = len(kept.merge(change)) / len(kept)
    assert right["votes"] > right["larger"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"by": "luck"}, "there is no rule 'luck'"),
        ({"direction": "up"}, "there is no direction 'up'"),
        ({"most": 0}, "most is 0"),
        ({"most_inputs": None}, "most_inputs is None"),
    ],
)
def test_bad_settings_are_one_sentence(chain, crew, settings, sentence):
    with pytest.raises(ChainError, match=re.escape(sentence)):
        peel_chain(chain, crew["txid"].iloc[0], **settings)


def test_an_unknown_transaction_is_one_sentence(chain):
    with pytest.raises(ChainError, match="is not in the chain"):
        peel_chain(chain, "ff" * 32)


def test_a_flow_has_its_words_its_table_and_no_way_for_markup_to_get_in(chain, crew):
    edges = neighbourhood(chain, crew["txid"].iloc[0], depth=2, direction="forward").table
    hostile = '</title><script>alert("x")</script>\\'
    flow = draw_flow(edges, title=hostile, names={crew["txid"].iloc[0]: hostile})
    root = ElementTree.fromstring(flow.svg)
    tags = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert "script" not in tags and {"title", "desc"} <= tags
    assert root[0].text == hostile
    assert root.get("role") == "img"
    assert "<script" not in flow._repr_html_()
    assert sum(flow.table["payments"]) == len(edges)
    assert flow.description.startswith(f"{len(flow.table)} arrow")


def test_too_much_too_little_and_a_missing_column_are_one_sentence(chain):
    edges = chain.inputs.rename(columns={"spent_txid": "source", "txid": "target"})
    with pytest.raises(ChainError, match="do not make a picture"):
        draw_flow(edges[edges["value"].notna()].head(2_000))
    with pytest.raises(ChainError, match="nothing to draw"):
        draw_flow(edges[:0])
    with pytest.raises(ChainError, match="no column 'source'"):
        draw_flow(edges.drop(columns="source"))


@pytest.fixture
def findings(crew):
    first = crew["txid"].iloc[0]
    return [
        {"says": "The ransom was peeled.", "step": "peel_chain", "settings": {"txid": first}},
        {
            "says": "So much arrived.",
            "step": "taint",
            "settings": {"sources": [[first, 0]], "policy": "fifo"},
        },
    ]


def test_a_report_is_run_again_to_the_same_result(findings, tmp_path):
    made = report(findings, [BLOCKS], network="regtest")
    copy = shutil.copy(BLOCKS, tmp_path / "copied.dat")
    assert rerun(made.text, [copy]) == []
    assert (
        report(findings, [copy], network="regtest").content["findings"] == made.content["findings"]
    )
    assert made.sha256 in repr(made)
    assert json.loads(made.text) == made.content


def test_each_difference_is_named(findings, tmp_path):
    made = report(findings, [BLOCKS], network="regtest")
    content = json.loads(made.text)
    content["tools"]["pandas"] = "0.1"
    content["inputs"][0]["sha256"] = "00"
    content["findings"][1]["settings"]["policy"] = "lifo"
    told = " ".join(rerun(json.dumps(content), [BLOCKS]))
    assert "The file blk00000.dat is not the same" in told
    assert "pandas is" in told and "was 0.1" in told
    assert "Step 2 (taint) gives another result" in told
    assert "Step 1" not in told


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "cointrace report 1"}', "[" * 5_000])
def test_a_text_that_is_no_report_is_one_sentence(text):
    with pytest.raises(ChainError, match="no report of cointrace"):
        rerun(text, [BLOCKS])


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        ({"says": "x", "step": "os.system", "settings": {}}, "a report knows no step 'os.system'"),
        (
            {"says": "x", "step": "clusters", "settings": {"colour": 1}},
            "clusters does not take these settings",
        ),
        (
            {"says": "x", "step": "clusters", "settings": {"exclude_coinjoins": {1, 2}}},
            "no plain data|not plain data",
        ),
        ({"says": " ", "step": "clusters", "settings": {}}, "says nothing"),
        ({"says": "x", "step": "clusters", "settings": [1]}, "are no mapping"),
    ],
)
def test_a_step_that_is_not_known_or_not_data_is_refused(finding, sentence):
    with pytest.raises(ChainError, match=sentence):
        report([finding], [BLOCKS], network="regtest")


def test_a_report_needs_data(findings, tmp_path):
    with pytest.raises(ChainError, match="without data proves nothing"):
        report(findings, [])
    with pytest.raises(ChainError, match=r"there is no file missing\.dat"):
        report(findings, [tmp_path / "missing.dat"])
