"""Native coins: internal calls, failed calls, fees and balances, against GraphSense's references."""

import base64
import csv
import gzip
import json
from functools import partial

import pandas as pd
import pytest

from cointrace import ChainError, balances, fee_transfers, token_transfers, value_transfers

ALICE, BOB, CAROL = (f"0x{digit * 40}" for digit in "abc")
TX = "0x" + "22" * 32


def sent(value: object = 5, **more: object) -> dict[str, object]:
    return {
        "block": 1,
        "tx": TX,
        "sender": ALICE,
        "receiver": BOB,
        "value": value,
        "status": 1,
    } | more


def call(path: str, value: object = 3, **more: object) -> dict[str, object]:
    made = {"trace_address": path, "call_type": "call", "sender": BOB, "receiver": CAROL}
    return sent(value) | made | more


@pytest.fixture(scope="module")
def graphsense(shared_data):
    def read(case: str, name: str) -> list[dict[str, object]]:
        file = shared_data / "crypto" / "eth" / f"graphsense-{case}" / name
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
        if ".json" in name:
            return [json.loads(line) for line in text.splitlines()]
        return [
            {key: value or None for key, value in row.items()}
            for row in csv.DictReader(text.splitlines())
        ]

    return read


def test_balances_equal_those_of_graphsense(graphsense):
    """Genesis, calls, a delegated call, a failed call, rewards, fees to the miner: all in one."""
    read = partial(graphsense, "balance")
    value = value_transfers(read("transactions.csv"), read("traces.csv"))
    fees = fee_transfers(read("transactions.csv"), read("blocks.csv.gz"))
    reasons = value.skipped["reason"].str.split(":").str[0]
    assert sorted(reasons) == ["delegatecall", "failed"]
    listed = read("reference/balances.csv")
    native = balances(value, fees)
    expected = sorted(int(row["balance"]) for row in listed if row["currency"] == "ETH")
    found = native[native["amount"] != 0]
    assert sorted(found["amount"]) == expected

    names = {
        "USDT": "0xdac17f958d2ee523a2206206994597c13d831ec7",
        "USDC": "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
        "WETH": "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
    }
    tokens = balances(token_transfers(read("logs.json")))
    for name, contract in names.items():
        held = tokens.loc[tokens["token"] == contract, "amount"]
        assert sorted(held) == sorted(int(r["balance"]) for r in listed if r["currency"] == name)


@pytest.mark.parametrize("case", ["simple_graph", "complex_graph"])
def test_relations_between_accounts_equal_those_of_graphsense(graphsense, case):
    """The two differ in their transactions; their traces, and so the expected relations, agree."""
    traces = graphsense(case, "traces.csv")
    value = value_transfers([], traces)
    moved = value[value["sender"].notna()]
    found = {
        pair: (len(rows), sum(rows["amount"]))
        for pair, rows in moved.groupby(["sender", "receiver"])
    }
    account = {
        row["addressId"]: "0x" + base64.b64decode(row["address"]).hex()
        for row in graphsense(case, "reference/addresses.json")
    }
    expected = {
        (account[row["srcAddressId"]], account[row["dstAddressId"]]): (
            row["noTransactions"],
            row["value"]["value"],
        )
        for row in graphsense(case, "reference/address_relations.json")
    }
    assert found == expected
    received = moved.groupby("receiver")["amount"].sum().to_dict()
    for row in graphsense(case, "reference/addresses.json"):
        total = row["totalReceived"]["value"]
        if row["noIncomingTxs"]:
            assert received[account[row["addressId"]]] == total


def test_real_transactions_count_unless_they_failed(shared_data):
    file = shared_data / "crypto" / "eth" / "17173049-50" / "transactions.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    value = value_transfers(rows)
    assert (len(value), len(value.skipped)) == (289, 9)
    assert sum(value["amount"]) == sum(row["value"] for row in rows if row["receipt_status"])
    made = next(row for row in rows if row["to_address"] is None)
    at = value["tx"] == made["hash"]
    assert value.loc[at, "receiver"].tolist() == [made["receipt_contract_address"]]
    headers = [
        json.loads(line)
        for line in gzip.decompress((file.parent / "blocks.jsonl.gz").read_bytes()).splitlines()
    ]
    fees = fee_transfers(rows, headers)
    paid = sum(row["receipt_gas_used"] * row["receipt_effective_gas_price"] for row in rows)
    assert sum(fees["amount"]) == paid
    burnt = fees[fees["kind"] == "fee burnt"]
    assert sum(burnt["amount"]) == sum(h["gas_used"] * h["base_fee_per_gas"] for h in headers)
    assert set(fees["receiver"].dropna()) == {header["miner"] for header in headers}


def test_without_traces_only_the_transaction_itself_is_known():
    value = value_transfers([sent()])
    assert value[["kind", "trace", "amount"]].values.tolist() == [["transaction", "", 5]]


def test_the_outermost_call_is_not_counted_twice():
    calls = [call("", 5, sender=ALICE, receiver=BOB), call("0", 3)]
    assert value_transfers([sent()], calls)["amount"].tolist() == [5, 3]
    inner = value_transfers([sent()], calls[1:], internal_only=True)
    assert inner["kind"].tolist() == ["transaction", "call"]
    assert inner["amount"].tolist() == [5, 3]


def test_a_transaction_that_the_traces_leave_out_counts_itself():
    other = sent(9, tx="0x" + "33" * 32)
    value = value_transfers([sent(), other], [call("", 5)])
    assert value["amount"].tolist() == [9, 5]


def test_a_failed_transaction_moves_nothing_inside_either():
    value = value_transfers([sent(status=0)], [call("", 5), call("0")])
    assert value.empty
    assert value.skipped["reason"].tolist() == ["failed: the transaction was undone"] * 3


def test_calls_below_a_failed_one_are_undone_with_it():
    calls = [
        call("", 5),
        call("0", 1, status=None, error="Reverted"),
        call("0,0", 2),
        call("0,0,4", 2),
        call("1", 3),
        call("10", 4),
    ]
    value = value_transfers([sent()], calls)
    assert value["trace"].tolist() == ["", "1", "10"]
    assert value.skipped["reason"].tolist() == [
        "failed: the call was undone",
        "failed: a call above it was undone",
        "failed: a call above it was undone",
    ]


@pytest.mark.parametrize("path", [[0, 2], "0,2", "[0, 2]", (0, 2)])
def test_the_path_of_a_call_is_read_in_every_form(path):
    assert value_transfers([], [call(path)])["trace"].tolist() == ["0,2"]


@pytest.mark.parametrize("kind", ["delegatecall", "callcode", "staticcall"])
def test_borrowed_code_moves_nothing(kind):
    value = value_transfers([], [call("0", 9, call_type=kind)])
    assert value.empty and value.skipped["reason"].str.startswith(kind).all()


def test_amounts_stay_exact_in_every_form():
    most = 2**256 - 1
    forms = [most, str(most), hex(most), "1e20", 0, None]
    rows = [sent(form, tx=str(n)) for n, form in enumerate(forms)]
    found = value_transfers(rows)["amount"].tolist()
    assert found == [most, most, most, 10**20, 0, 0]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [sent(1e20)],
            "^transaction 0: value came as the rounded number 1e.20, so it is no longer",
        ),
        ([sent(-1)], "^transaction 0: value should be a whole number from 0"),
        ([sent("1.5")], "should be a whole number"),
        ([sent("nan")], "should be a whole number"),
        ([sent(2**256)], "should be a whole number"),
        ([sent(True)], "should be a whole number"),
        ([sent("1e999999999")], "should be a whole number"),
        ([sent(sender="0x12")], "^transaction 0: the sender '0x12' is not an account"),
        ([sent(sender=None)], "^transaction 0: it has no id or no sender"),
        ([sent(block=None)], "^transaction 0: the number of its block is missing"),
        ([{"block": 1}], "^transaction 0: the field 'tx' is missing"),
    ],
)
def test_what_is_not_a_transaction_is_refused(rows, sentence):
    with pytest.raises(ChainError, match=sentence):
        value_transfers(rows)


def test_a_row_given_twice_counts_once_and_two_that_differ_are_refused():
    value = value_transfers([sent(), sent()], [call("0"), call("0")], internal_only=True)
    assert value["amount"].tolist() == [5, 3]
    assert value.skipped["reason"].str.startswith("repeated").tolist() == [True, True]
    with pytest.raises(ChainError, match=r"^transaction 1: another transaction says otherwise"):
        value_transfers([sent(), sent(6)])
    with pytest.raises(ChainError, match=r"^trace 1: another trace says otherwise"):
        value_transfers([], [call("0"), call("0", 4)])
    paid = sent(gas_used=21000, gas_price=7)
    assert fee_transfers([paid, paid])["amount"].tolist() == [147_000]


def test_a_call_without_a_sender_is_refused():
    with pytest.raises(ChainError, match=r"^trace 0: a call has no sender"):
        value_transfers([], [call("", sender=None)])


def test_fees_need_what_they_are_made_of():
    paid = sent(gas_used=21000, gas_price=7)
    alone = fee_transfers([paid])
    assert alone[["kind", "amount"]].values.tolist() == [["fee", 147_000]]
    assert alone["receiver"].isna().all()
    with pytest.raises(ChainError, match="below the base fee of its block"):
        fee_transfers([paid], [{"number": 1, "miner": CAROL, "base_fee": 8}])
    with pytest.raises(ChainError, match=r"^transaction 0: the gas used or its price is missing"):
        fee_transfers([paid | {"gas_used": None}])


def test_nothing_gives_empty_tables_of_the_same_types():
    full = value_transfers([sent(), sent(status=0, tx="0x" + "33" * 32)])
    empty = value_transfers(pd.DataFrame(), pd.DataFrame())
    pd.testing.assert_series_equal(full.dtypes, empty.dtypes)
    pd.testing.assert_series_equal(full.skipped.dtypes, empty.skipped.dtypes)
    assert balances().empty and balances(empty).empty
    with pytest.raises(ChainError, match="transfers are a table, not a list"):
        balances([sent()])
    with pytest.raises(ChainError, match="a table of transfers lacks amount"):
        balances(pd.DataFrame({"kind": []}))
