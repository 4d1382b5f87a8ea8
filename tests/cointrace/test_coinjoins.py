"""Real CoinJoins of every kind are found and named, better than graphsense-lib does it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from cointrace import (
    COINJOIN_KINDS,
    COINJOIN_PERIODS,
    Chain,
    ChainError,
    clusters,
    coinjoins,
    read_blocks,
)
from cointrace.coinjoins import MEASURED
from cointrace.coinjoins.rules import RULES
from cointrace.coinjoins.shapes import possible_shapes
from tests.cointrace.graphsense_rules import NAMES, with_graphsense
from tests.cointrace.samples import EMULATED, dumplings, emulated, labelled

KINDS = ("whirlpool", "whirlpool_tx0", "wasabi1", "wasabi2", "joinmarket")
LEAST_FOUND = {
    "whirlpool": 1,
    "whirlpool_tx0": 1,
    "wasabi1": 186 / 196,
    "wasabi2": 10 / 11,
    "joinmarket": 35 / 36,
}


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "crypto" / "btc-coinjoin"


@pytest.fixture(scope="module")
def sample(folder) -> Chain:
    return dumplings(folder)


@pytest.fixture(scope="module")
def labels(folder) -> pd.DataFrame:
    return labelled(folder)


@pytest.fixture(scope="module")
def found(sample) -> pd.DataFrame:
    return coinjoins(sample)


def only(chain: Chain, txids: set[str], **changes) -> Chain:
    parts = {
        name: getattr(chain, name)[getattr(chain, name)["txid"].isin(txids)]
        for name in ("txs", "inputs", "outputs")
    }
    return dataclasses.replace(chain, **{**parts, **changes})


def named(found: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    return labels.merge(found, on="txid", how="left").fillna({"kind": "none"})


def test_the_sample_is_named_as_it_is_labelled(found, labels):
    table = named(found, labels)
    for kind, share in LEAST_FOUND.items():
        assert (table["kind"][table["label"] == kind] == kind).mean() >= share
    assert not (table["kind"][table["class"] == "not_coinjoin_weak"] != "none").any()
    wrong = table[(table["kind"] != table["label"]) & (table["class"] != "post_mix")]
    # What is left is told in the benchmark: labels that the transactions themselves contradict.
    assert wrong.groupby(["label", "kind"]).size().to_dict() == {
        ("joinmarket", "none"): 1,
        ("wasabi1", "joinmarket"): 10,
        ("wasabi2", "none"): 1,
    }


@pytest.mark.parametrize("half", [0, 1])
def test_either_half_of_the_sample_gives_the_same_picture(sample, labels, half):
    part = labels.sort_values("txid").iloc[half::2]
    table = named(coinjoins(only(sample, set(part["txid"]))), part)
    assert not (table["kind"][table["class"] == "not_coinjoin_weak"] != "none").any()
    for kind, share in LEAST_FOUND.items():
        mine = table["kind"][table["label"] == kind] == kind
        assert mine.mean() >= share - 0.1


def test_every_kind_is_found_at_least_as_often_and_flagged_wrongly_less_than_by_graphsense(
    sample, found, labels
):
    theirs = with_graphsense(sample)
    table = named(found, labels).set_index("txid")
    rows = []
    for kind in KINDS:
        mine = table.index[table["kind"] == kind]
        peer = theirs["txid"][theirs["kind"] == kind]
        labelled_so = set(table.index[table["label"] == kind])
        rows.append(
            (
                len(labelled_so & set(mine)) - len(labelled_so & set(peer)),
                len(set(mine) - labelled_so) - len(set(peer) - labelled_so),
            )
        )
    assert min(more for more, _ in rows) >= 0
    assert max(wrong for _, wrong in rows) <= 0
    # Nobody can do better on Whirlpool mixes: both find all, and flag nothing else.
    better = {
        kind for kind, (more, wrong) in zip(KINDS, rows, strict=True) if more > 0 or wrong < 0
    }
    assert better == set(KINDS) - {"whirlpool"}
    assert set(NAMES.values()) == set(KINDS)


def test_the_confidence_is_what_was_measured(sample, found, labels):
    disputed = named(found, labels)
    disputed = set(
        disputed["txid"][(disputed["label"] == "wasabi1") & (disputed["kind"] != "wasabi1")]
    )
    counted = labels[(labels["class"] != "post_mix") & ~labels["txid"].isin(disputed)]
    known = only(sample, set(counted["txid"]))
    unknown = dataclasses.replace(known, inputs=known.inputs.drop(columns="value"))
    measured = dict.fromkeys(MEASURED, (0, 0))
    for chain, wanted in ((known, None), (unknown, "unfunded")):
        label = dict(zip(counted["txid"], counted["label"], strict=True))
        for shape in possible_shapes(chain):
            match = next((match for rule in RULES if (match := rule(shape))), None)
            if match and (wanted in (None, match.evidence)):
                right, all_of = measured[match.kind, match.evidence]
                hit = label[shape.txid] == match.kind
                measured[match.kind, match.evidence] = (right + hit, all_of + 1)
    assert measured == MEASURED


def test_a_reason_is_one_sentence_and_the_table_has_its_columns(found):
    assert list(found.columns) == ["txid", "kind", "confidence", "reason"]
    assert found["reason"].str.endswith(".").all()
    assert set(found["kind"]) <= set(COINJOIN_KINDS)
    assert found["confidence"].between(0, 1).all()
    assert found["txid"].is_unique


@pytest.mark.parametrize("kind", KINDS)
def test_before_its_time_a_kind_is_not_named(sample, labels, kind):
    mine = set(labels["txid"][labels["label"] == kind])
    old = sample.blocks.assign(time=pd.Timestamp("2014-03-01", tz="UTC"))
    found = coinjoins(only(sample, mine, blocks=old))
    assert set(found["kind"]) == {"other"}
    assert found["reason"].str.contains("1 March 2014, when that kind did not exist").all()
    assert (found["confidence"] == 0.5).all()
    trial = coinjoins(only(sample, mine, blocks=old, network="regtest"))
    assert kind in set(trial["kind"])


def test_after_the_seizure_a_whirlpool_is_not_named(sample, labels):
    mine = set(labels["txid"][labels["label"] == "whirlpool"])
    late = sample.blocks.assign(time=pd.Timestamp("2024-05-20", tz="UTC"))
    assert set(coinjoins(only(sample, mine, blocks=late))["kind"]) == {"other"}


def test_every_period_has_a_source_and_the_right_order():
    assert {period.kind for period in COINJOIN_PERIODS} == set(KINDS)
    for period in COINJOIN_PERIODS:
        assert period.source
        assert period.last is None or period.first < period.last
        assert (period.denomination is None) == (not period.kind.startswith("whirlpool"))


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"value": lambda v: v + 1}, None),
        ({"script": lambda s: s.iloc[0]}, None),
    ],
)
def test_a_whirlpool_mix_that_is_spoiled_is_not_one(sample, labels, change, kind):
    txid = labels["txid"][labels["label"] == "whirlpool"].iloc[0]
    chain = only(sample, {txid})
    outputs = chain.outputs.copy()
    for column, turn in change.items():
        outputs.loc[outputs.index[-1], column] = (
            turn(outputs[column]) if column == "script" else turn(outputs[column].iloc[-1])
        )
    assert len(coinjoins(dataclasses.replace(chain, outputs=outputs))) == 0


def test_order_of_rows_and_missing_tables_do_not_matter(sample, labels, found):
    some = set(labels.groupby("class")["txid"].head(20))
    chain = only(sample, some)
    mixed = dataclasses.replace(
        chain,
        inputs=chain.inputs.sample(frac=1, random_state=3),
        outputs=chain.outputs.sample(frac=1, random_state=4),
        blocks=chain.blocks[:0],
        txs=chain.txs[:0],
    )
    a = coinjoins(chain).set_index("txid")["kind"].sort_index()
    b = coinjoins(mixed).set_index("txid")["kind"].sort_index()
    pd.testing.assert_series_equal(a, b)
    pd.testing.assert_series_equal(
        a, found.set_index("txid")["kind"].sort_index().loc[a.index], check_names=False
    )


def test_real_blocks_hold_just_the_two_that_are_known(shared_data):
    names = ("block169482.dat", "block277647.blk", "block413567.raw", "block574200.blk")
    found = {}
    for name in names:
        chain = read_blocks(shared_data / "crypto" / "btc-blocks" / name, "mainnet")
        found[name] = {
            txid[:16]: kind for txid, kind in coinjoins(chain)[["txid", "kind"]].to_numpy()
        }
    assert found.pop("block413567.raw") == {
        "79150a157185d883": "joinmarket",
        "d5e8c0fa8848f8c2": "joinmarket",
    }
    assert not any(found.values())


def test_on_the_emulated_chain_all_rounds_are_found_and_no_two_wallets_merged(shared_data):
    folder = shared_data / "crypto" / "btc-emulated" / EMULATED
    chain = emulated(folder)
    found = coinjoins(chain)
    rounds = chain.txs["txid"][(chain.txs["inputs"] > 10) & ~chain.txs["coinbase"]]
    assert found["txid"].tolist() == rounds.tolist()
    assert set(found["kind"]) == {"wasabi2"}
    apart = clusters(chain)
    assert len(apart) == 147
    assert (apart["size"] == 1).all()
    collapsed = clusters(chain, exclude_coinjoins=False)
    wallet = pd.read_json(folder / "truth_addresses.json.gz", orient="index")["wallet"]
    owners = collapsed.assign(wallet=collapsed["address"].map(wallet)).dropna()
    assert owners.groupby("cluster")["wallet"].nunique().max() > 5


def test_an_empty_chain_has_none(sample):
    assert len(coinjoins(only(sample, set()))) == 0
    empty = coinjoins(only(sample, set()))
    assert list(empty.columns) == ["txid", "kind", "confidence", "reason"]
    assert empty["confidence"].dtype == np.float64


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("inputs", "txid", "the table of inputs has no column 'txid'"),
        ("outputs", "value", "the table of outputs has no column 'value'"),
    ],
)
def test_a_table_without_a_needed_column_is_refused(sample, table, column, said):
    chain = dataclasses.replace(sample, **{table: getattr(sample, table).drop(columns=column)})
    with pytest.raises(ChainError, match=said):
        coinjoins(chain)
