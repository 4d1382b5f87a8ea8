"""Each change heuristic says what its plain definition says, and is measured against the truth."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cointrace import (
    CHANGE_HEURISTICS,
    Chain,
    ChainError,
    change_error_rates,
    change_outputs,
    change_votes,
    coinjoins,
    read_blocks,
)
from tests.cointrace.samples import EMULATED, emulated

HOUSE = Path(__file__).parents[2]
KINDS = ("p2pkh", "p2wpkh", "p2sh", "op_return")


@dataclasses.dataclass
class Tx:
    """A transaction in plain words: what it spends (txid, vout or a stranger's address), what it pays."""

    txid: str
    given: list[tuple[str, int, str | None, int | None, str | None]]
    taken: list[tuple[int, str, str | None]]
    version: int
    locktime: int
    vsize: int


def kind_for(address: str | None) -> str:
    return "op_return" if address is None else KINDS[int(address[1:]) % 3]


@st.composite
def histories(draw) -> list[Tx]:
    addresses = st.integers(0, 9).map("a{}".format)
    txs, coins = [], []
    for number in range(draw(st.integers(0, 7))):
        txid, given = f"tx{number}", []
        for _ in range(draw(st.integers(1, 3))):
            if coins and draw(st.booleans()):
                given.append(coins.pop(draw(st.integers(0, len(coins) - 1))))
            else:
                known = draw(st.booleans())
                address = draw(addresses) if known else None
                value = draw(st.integers(1, 40)) * 5_000 if known else None
                given.append(
                    ("elsewhere", number, address, value, kind_for(address) if known else None)
                )
        taken = []
        for vout in range(draw(st.integers(1, 4))):
            address = draw(st.one_of(addresses, addresses, addresses, st.none()))
            value = 0 if address is None else draw(st.integers(1, 30)) * 5_000
            taken.append((value, kind_for(address), address))
            if address is not None:
                coins.append((txid, vout, address, value, kind_for(address)))
        numbers = [
            draw(st.integers(1, 2)),
            draw(st.integers(0, 1)) * 500_000,
            draw(st.integers(1, 3)) * 100,
        ]
        txs.append(Tx(txid, given, taken, *numbers))
    return txs


def chain_of(txs: list[Tx]) -> Chain:
    heads = [(tx.txid, n, False, tx.version, tx.locktime, tx.vsize) for n, tx in enumerate(txs)]
    names = ["txid", "height", "coinbase", "version", "locktime", "vsize"]
    inputs = [(tx.txid, n, *given) for tx in txs for n, given in enumerate(tx.given)]
    outputs = [(tx.txid, n, *taken) for tx in txs for n, taken in enumerate(tx.taken)]
    blocks = pd.DataFrame({"height": [], "time": []})
    return Chain(
        blocks=blocks,
        txs=pd.DataFrame(heads, columns=names),
        inputs=pd.DataFrame(
            inputs, columns=["txid", "n", "spent_txid", "spent_vout", "address", "value", "kind"]
        ).astype({"value": "Int64", "address": "str", "kind": "str"}),
        outputs=pd.DataFrame(outputs, columns=["txid", "n", "value", "kind", "address"]).astype(
            {"value": "int64", "address": "str", "kind": "str"}
        ),
        stale=blocks,
        network="regtest",
    )


def plainly(txs: list[Tx]) -> dict[tuple[str, int], dict[str, bool | None]]:
    """Answer by the definitions, one transaction after the other, with nothing shared with the product."""
    by_id = {tx.txid: tx for tx in txs}
    spender = {(given[0], given[1]): tx for tx in txs for given in tx.given if given[0] in by_id}
    answers, seen = {}, set()

    def fee_of(tx):
        if any(given[3] is None for given in tx.given):
            return None
        return sum(given[3] for given in tx.given) - sum(value for value, _, _ in tx.taken)

    for tx in txs:
        mine = {given[2] for given in tx.given if given[2] is not None}
        seen |= mine
        outs = [(n, *taken) for n, taken in enumerate(tx.taken) if taken[1] != "op_return"]
        paid = [address for _, _, _, address in outs]
        nexts = [spender.get((tx.txid, n)) for n, _, _, _ in outs]
        fits: dict[str, list[bool] | None] = {}
        kinds = {given[4] for given in tx.given}
        fits["address_type"] = [kinds == {kind} for _, _, kind, _ in outs]
        fits["round_amount"] = [value % 10_000 != 0 for _, value, _, _ in outs]
        values = [given[3] for given in tx.given]
        fits["optimal_change"] = (
            None if None in values else [value < min(values) for _, value, _, _ in outs]
        )
        new = [address not in seen and paid.count(address) == 1 for address in paid]
        old = [address in seen for address in paid]
        decided = all(a or b for a, b in zip(new, old, strict=True)) and not mine & set(paid)
        fits["fresh_address"] = new if decided else None
        fits["address_reuse"] = [address in mine for address in paid]
        spent = None not in nexts
        fits["locktime"] = (
            [(after.locktime > 0) == (tx.locktime > 0) for after in nexts] if spent else None
        )
        fits["version"] = [after.version == tx.version for after in nexts] if spent else None
        fits["fee"] = None
        if spent and min([fee_of(t) if fee_of(t) is not None else -1 for t in [tx, *nexts]]) >= 0:
            rate = fee_of(tx) / tx.vsize
            fits["fee"] = [
                abs(fee_of(after) / after.vsize - rate) <= 0.01 * rate
                or fee_of(after) == fee_of(tx)
                for after in nexts
            ]

        def peels(t):
            return len(t.given) == 1 and sum(kind != "op_return" for _, kind, _ in t.taken) == 2

        fits["peeling"] = (
            [after is not None and peels(after) for after in nexts] if peels(tx) else None
        )
        if len(outs) >= 2:
            for place, (n, *_) in enumerate(outs):
                answers[tx.txid, n] = {
                    name: said[place] if said is not None and sum(said) == 1 else None
                    for name, said in fits.items()
                }
        seen |= set(paid)
    return answers


@settings(deadline=None, max_examples=150)
@given(histories())
def test_every_heuristic_says_what_its_definition_says(txs):
    table = change_votes(chain_of(txs))
    wanted = plainly(txs)
    assert list(zip(table["txid"], table["vout"], strict=True)) == list(wanted)
    for row, answer in zip(table.to_dict("records"), wanted.values(), strict=True):
        for name in CHANGE_HEURISTICS:
            told = None if pd.isna(row[name]) else bool(row[name])
            assert told == answer[name], (name, row["txid"], row["vout"])
        assert row["votes"] == sum(said is True for said in answer.values())


@settings(deadline=None, max_examples=40)
@given(histories())
def test_the_combinations_are_what_they_are_called(txs):
    chain = chain_of(txs)
    table = change_votes(chain)
    key = ["txid", "vout"]

    def chosen(combine, names=None):
        found = change_outputs(chain, names, combine)
        return set(map(tuple, found[key].to_numpy().tolist()))

    said = {
        name: set(map(tuple, table[key][table[name].fillna(False)].to_numpy().tolist()))
        for name in CHANGE_HEURISTICS
    }
    assert chosen("any") == set().union(*said.values())
    assert chosen("all", ["locktime", "version"]) == said["locktime"] & said["version"]
    assert chosen("minus", ["peeling", "fee", "version"]) == (
        said["peeling"] - said["fee"] - said["version"]
    )
    votes = change_outputs(chain)
    assert votes["txid"].is_unique
    for txid, rows in table.groupby("txid"):
        ordered = sorted(rows["votes"], reverse=True)
        assert (txid in set(votes["txid"])) == (ordered[0] > ordered[1])


@settings(deadline=None, max_examples=60)
@given(histories())
def test_confidence_is_the_rule_of_succession_and_sums_to_one(txs):
    table = change_votes(chain_of(txs))
    for _, rows in table.groupby("txid"):
        opinions = sum(rows[name].notna().any() for name in CHANGE_HEURISTICS)
        expected = (rows["votes"] + 1) / (opinions + len(rows))
        assert np.allclose(rows["confidence"], expected)
        assert rows["confidence"].sum() == pytest.approx(1)


def test_no_coinbase_and_no_coinjoin_is_asked(shared_data):
    chain = emulated(shared_data / "crypto" / "btc-emulated" / EMULATED)
    found = set(change_votes(chain)["txid"])
    assert found
    assert not found & set(coinjoins(chain)["txid"])
    assert not found & set(chain.txs["txid"][chain.txs["coinbase"]])


def test_the_graphsense_chain_pays_back_to_an_input_where_it_is_written_so(shared_data):
    folder = shared_data / "crypto" / "utxo-graphsense"
    txs, coins = [], {}
    for line in map(json.loads, (folder / "test_txs.json").read_text().splitlines()):
        given = [
            (
                *coins.get("+".join(i["address"]), ("elsewhere", 0)),
                "+".join(i["address"]),
                i["value"],
                "p2pkh",
            )
            for i in line["inputs"]
        ]
        taken = [(o["value"], "p2pkh", "+".join(o["address"])) for o in line["outputs"]]
        coins |= {address: (line["txHash"], n) for n, (_, _, address) in enumerate(taken)}
        txs.append(Tx(line["txHash"], given, taken, 1, 0, 200))
    chain = chain_of(txs)
    chain.txs["coinbase"] = [not tx.given for tx in txs]
    reused = change_outputs(chain, "address_reuse")
    assert reused[["txid", "vout", "votes"]].to_numpy().tolist() == [
        ["ab3020c34bed7a86eef78534d72fd38c3c247c25d58be632201cb2027c9d2197", 1, 1]
    ]


@pytest.fixture(scope="module")
def world() -> Chain:
    return read_blocks(HOUSE / "data" / "public" / "world" / "chain")


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(HOUSE / "data" / "public" / "truth" / "change.csv")


def test_error_rates_are_counted_right_on_the_public_world(world, truth):
    rates = change_error_rates(world, truth).set_index("heuristic")
    wanted = set(map(tuple, truth[["txid", "vout"]].to_numpy().tolist()))
    for name in (*CHANGE_HEURISTICS, "votes"):
        found = change_outputs(world, None if name == "votes" else name)
        named = set(map(tuple, found[["txid", "vout"]].to_numpy().tolist()))
        row = rates.loc[name]
        assert (row["named"], row["right"]) == (len(named), len(named & wanted))
        assert row["wrong"] == len(named - wanted)
        assert row["missed"] == len(wanted - named)
        assert row["precision"] == pytest.approx(len(named & wanted) / len(named))
        assert row["recall"] == pytest.approx(len(named & wanted) / len(wanted))
        assert row["precision_low"] <= row["precision"] <= row["precision_high"]


def test_on_the_public_world_heuristics_together_are_better_than_guessing(world, truth):
    rates = change_error_rates(world, truth).set_index("heuristic")
    # Nearly all its payments have two outputs: a coin would be right about half of the time.
    assert rates.loc["votes", "precision_low"] > 0.9
    assert rates.loc["votes", "recall"] > rates.loc[list(CHANGE_HEURISTICS), "recall"].max()
    assert rates.loc["any", "recall"] >= rates.loc["votes", "recall"]
    assert rates.loc["any", "precision"] < rates.loc["votes", "precision"]


def test_wilson_gives_the_published_interval():
    # Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662.
    from cointrace.change import _wilson

    low, high = _wilson(np.array([81, 0]), np.array([263, 0]))
    assert (round(low[0], 4), round(high[0], 4)) == (0.2553, 0.3662)
    assert np.isnan(low[1])


def test_every_heuristic_says_where_it_is_published_and_where_it_fails():
    for name, heuristic in CHANGE_HEURISTICS.items():
        assert heuristic.name == name
        assert heuristic.source
        assert heuristic.fails.endswith(".")
        assert heuristic.says.endswith(".")


def test_without_amounts_and_spends_a_heuristic_is_silent(shared_data):
    block = shared_data / "crypto" / "btc-blocks" / "block481829.dat"
    table = change_votes(read_blocks(block, "mainnet"))
    lone = table.groupby("txid")["optimal_change"].transform("count") == 0
    assert lone.mean() > 0.9
    assert table["round_amount"].notna().any()


def test_an_empty_chain_gives_an_empty_table():
    table = change_outputs(chain_of([]))
    assert list(table.columns) == ["txid", "vout", *CHANGE_HEURISTICS, "votes", "confidence"]
    assert len(table) == 0
    assert table["votes"].dtype == table["vout"].dtype == "int64"
    assert table["peeling"].dtype == "boolean"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"heuristics": "astrology"}, "there is no change heuristic 'astrology'"),
        ({"heuristics": []}, "no change heuristic is named"),
        ({"combine": "most"}, "there is no combination 'most'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_one_sentence(arguments, said):
    with pytest.raises(ChainError, match=said):
        change_outputs(chain_of([]), **arguments)


def test_tables_that_do_not_belong_together_are_refused(world, truth):
    with pytest.raises(ChainError, match="row 0 of the table of inputs has a txid"):
        change_votes(dataclasses.replace(world, txs=world.txs[1:]))
    with pytest.raises(ChainError, match="the table of inputs has no column 'spent_txid'"):
        change_votes(dataclasses.replace(world, inputs=world.inputs.drop(columns="spent_txid")))
    with pytest.raises(ChainError, match="no output of the true change is in the chain"):
        change_error_rates(world, truth.assign(vout=99))
    with pytest.raises(ChainError, match="no column 'vout'"):
        change_error_rates(world, truth[["txid"]])
