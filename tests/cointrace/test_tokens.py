"""Logs of token contracts become transfers, and what is not one is kept apart with a reason."""

import gzip
import json
import pickle

import pandas as pd
import pytest
from eth_abi import encode
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from cointrace import ChainError, balances, token_transfers
from cointrace.tokens import (
    APPROVAL_FOR_ALL,
    DEPOSIT,
    SIGNATURES,
    TRANSFER,
    TRANSFER_BATCH,
    TRANSFER_SINGLE,
    WRAPPED,
)

ALICE, BOB, CAROL, TOKEN = (f"0x{digit * 40}" for digit in "abc7")
MOST = 2**256 - 1


def word(value: int | str) -> str:
    return f"0x{int(value, 16) if isinstance(value, str) else value:064x}"


def log(topics: list[str], data: str = "0x", index: int = 0, **more: object) -> dict[str, object]:
    log = {"block": 5, "tx": "0x" + "11" * 32, "log_index": index, "address": TOKEN}
    return log | {"topics": topics, "data": data} | more


def transfer(amount: int = 7, index: int = 0, **more: object) -> dict[str, object]:
    return log(["0x" + TRANSFER, word(ALICE), word(BOB)], word(amount), index, **more)


def reasons(logs: list[dict[str, object]]) -> list[str]:
    found = token_transfers(logs)
    assert len(found) + len(found.skipped) >= len(logs)
    return found.skipped["reason"].tolist()


@pytest.fixture(scope="module")
def real(shared_data):
    folder = shared_data / "crypto" / "eth" / "17173049-50"
    return {
        name: [
            json.loads(line)
            for line in gzip.decompress((folder / f"{name}.jsonl.gz").read_bytes()).splitlines()
        ]
        for name in ("logs", "token_transfers")
    }


def test_each_signature_hashes_to_its_topic():
    for topic, signature in SIGNATURES.items():
        assert keccak(signature.encode()).hex() == topic


def test_two_real_blocks_give_the_reference_of_ethereum_etl(real):
    found = token_transfers(real["logs"])
    moved = found[(found["kind"] == "transfer") & found["standard"].isin(["erc20", "erc721"])]
    value = moved["amount"].where(moved["standard"] == "erc20", moved["token_id"])
    columns = [moved[name] for name in ("block", "tx", "log_index", "token", "sender", "receiver")]
    expected = [
        tuple(
            row[name]
            for name in (
                "block_number",
                "transaction_hash",
                "log_index",
                "token_address",
                "from_address",
                "to_address",
                "value",
            )
        )
        for row in real["token_transfers"]
    ]
    assert sorted(zip(*columns, value, strict=True)) == sorted(expected)
    assert len(expected) == 291


def test_every_real_log_is_either_decoded_or_skipped_with_a_reason(real):
    found = token_transfers(real["logs"])
    places = [*found["log_index"], *found.skipped["log_index"]]
    assert len(found) + len(found.skipped) == len(real["logs"]) == len(places)
    assert set(found.skipped["reason"]) == {"another event: not one of a token standard"}
    assert found["block"].is_monotonic_increasing


def test_a_table_json_rpc_and_text_give_the_same(real):
    expected = token_transfers(real["logs"])
    rpc = [
        {
            "blockNumber": hex(row["block_number"]),
            "transactionHash": row["transaction_hash"],
            "logIndex": hex(row["log_index"]),
            "address": row["address"].upper().replace("0X", "0x"),
            "topics": row["topics"],
            "data": row["data"],
            "removed": False,
        }
        for row in real["logs"]
    ]
    flat = pd.DataFrame(real["logs"])
    flat["topics"] = flat["topics"].map(",".join)
    shuffled = pd.DataFrame(real["logs"]).sample(frac=1, random_state=3)
    for source in (rpc, flat, shuffled, iter(rpc)):
        pd.testing.assert_frame_equal(token_transfers(source), expected)


def test_amounts_of_256_bits_stay_exact():
    found = token_transfers([transfer(MOST), transfer(MOST - 1, 1)])
    assert found["amount"].tolist() == [MOST, MOST - 1]
    assert all(type(amount) is int for amount in found["amount"])


def test_the_number_of_topics_tells_erc20_from_erc721():
    nft = log(["0x" + TRANSFER, word(ALICE), word(BOB), word(42)], "0x", 1)
    found = token_transfers([transfer(42), nft])
    assert found["standard"].tolist() == ["erc20", "erc721"]
    assert found["amount"].tolist() == [42, 1]
    assert found["token_id"].tolist() == [None, 42]


def test_permissions_name_owner_and_spender():
    approval = next(topic for topic, name in SIGNATURES.items() if name.startswith("Approval("))
    found = token_transfers(
        [
            log(["0x" + approval, word(ALICE), word(CAROL)], word(MOST)),
            log(["0x" + approval, word(ALICE), word(CAROL), word(9)], "0x", 1),
            log(["0x" + APPROVAL_FOR_ALL, word(ALICE), word(CAROL)], word(1), 2),
            log(["0x" + APPROVAL_FOR_ALL, word(ALICE), word(CAROL)], word(0), 3),
        ]
    )
    assert found["kind"].tolist() == ["approval"] * 2 + ["approval_for_all"] * 2
    assert set(found["sender"]) == {ALICE} and set(found["spender"]) == {CAROL}
    assert found["receiver"].isna().all()
    assert found["amount"].tolist() == [MOST, None, None, None]
    assert found["approved"].tolist() == [pd.NA, pd.NA, True, False]
    assert balances(found).empty, "a permission moves nothing"


def test_a_batch_of_erc1155_is_one_row_for_each_token():
    topics = [word(CAROL), word(ALICE), word(BOB)]
    single = "0x" + encode(["uint256", "uint256"], [5, 30]).hex()
    batch = "0x" + encode(["uint256[]", "uint256[]"], [[5, 6], [1, MOST]]).hex()
    found = token_transfers(
        [
            log(["0x" + TRANSFER_SINGLE, *topics], single),
            log(["0x" + TRANSFER_BATCH, *topics], batch, 1),
        ]
    )
    assert found["token_id"].tolist() == [5, 5, 6]
    assert found["amount"].tolist() == [30, 1, MOST]
    assert found["item"].tolist() == [0, 0, 1]
    assert set(found["spender"]) == {CAROL}
    uneven = "0x" + encode(["uint256[]", "uint256[]"], [[5, 6], [1]]).hex()
    nothing = "0x" + encode(["uint256[]", "uint256[]"], [[], []]).hex()
    wild = "0x" + "ff" * 64
    for data, reason in ((uneven, "as many amounts"), (nothing, "moves nothing"), (wild, "type")):
        assert reason in reasons([log(["0x" + TRANSFER_BATCH, *topics], data)])[0]


def test_wrapping_counts_only_for_contracts_known_to_wrap():
    other = log(["0x" + DEPOSIT, word(ALICE)], word(3))
    assert reasons([other]) == ["another event: the contract is not known to wrap the native coin"]
    found = token_transfers([other | {"address": WRAPPED[0]}])
    assert found[["kind", "receiver", "amount"]].values.tolist() == [["deposit", ALICE, 3]]
    assert len(token_transfers([other], wrapped=[TOKEN.upper().replace("0X", "0x")])) == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (log([]), "anonymous: no topic"),
        (log(["0x" + TRANSFER], "0x" + "00" * 96), "not standard: .* with 0 indexed fields"),
        (log(["0x" + TRANSFER, word(ALICE)], "0x" + "00" * 64), "with 1 indexed field$"),
        (transfer() | {"data": "0x"}, "not standard: 0 bytes of data where erc20 has 32"),
        (transfer() | {"data": word(1) + "00" * 32}, "not standard: 64 bytes of data"),
        (transfer() | {"data": None}, "not standard: 0 bytes"),
        (transfer() | {"data": "0xzz"}, "damaged: the data are not hexadecimal"),
        (transfer() | {"data": "0x1"}, "damaged: the data are not hexadecimal"),
        (transfer() | {"address": "0x12"}, "damaged: the contract's address"),
        (log(["0x" + TRANSFER, "0x12", word(BOB)], word(1)), "damaged: a log has at most four"),
        (log(["0x" + TRANSFER] * 5), "damaged: a log has at most four"),
        (log(["0x" + TRANSFER, "0x" + "ff" * 32, word(BOB)], word(1)), "not of its type"),
        (log(["0x" + APPROVAL_FOR_ALL, word(ALICE), word(BOB)], word(2)), "not of its type"),
        (transfer(removed=True), "removed: its block left the chain"),
        (transfer(removed="true"), "removed"),
        (log(["0x" + "12" * 32]), "another event"),
    ],
)
def test_what_is_not_a_token_movement_is_kept_apart(bad, reason):
    found = token_transfers([bad])
    assert found.empty
    assert found.skipped["reason"].str.contains(reason).tolist() == [True]
    assert found.skipped[["block", "log_index"]].values.tolist() == [[5, 0]]


def test_a_log_given_twice_counts_once():
    assert reasons([transfer(), transfer()]) == ["repeated: the same log came before"]
    assert len(token_transfers([transfer(), transfer()])) == 1
    again = [transfer(removed=True), transfer()]
    assert len(token_transfers(again)) == 1, "undone, then done again"


def test_logs_that_contradict_each_other_are_all_kept_apart():
    assert (
        reasons([transfer(1), transfer(2)])
        == ["contradiction: another log is said to stand at the same place"] * 2
    )
    moved = [transfer(), transfer(index=1) | {"block": 6}]
    assert (
        reasons(moved) == ["contradiction: its transaction is said to stand in several blocks"] * 2
    )


@pytest.mark.parametrize(
    ("logs", "sentence"),
    [
        ([{"block": 1}], r"^log 0: the field 'tx' is missing; name it tx or transaction_hash"),
        ([transfer(), 3], "^log 1: a log should be a mapping of names to values, not a int"),
        ("0x", "logs cannot be taken from a str"),
        (None, "logs cannot be taken from a NoneType"),
        ([transfer() | {"block": None}], "^log 0: block is missing or too large"),
        ([transfer() | {"block": "many"}], "^log 0: block should be a whole number"),
        ([transfer() | {"log_index": -1}], "^log 0: log_index should be a whole number"),
        ([transfer() | {"block": 1.7e19}], "^log 0: block came as the rounded number"),
        (pd.DataFrame({"block": [1]}), "^the table of logs: the field 'tx' is missing"),
    ],
)
def test_logs_that_cannot_be_placed_are_refused(logs, sentence):
    with pytest.raises(ChainError, match=sentence) as caught:
        token_transfers(logs)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_no_logs_give_tables_with_the_same_types():
    full, empty = token_transfers([transfer(), log([], index=1)]), token_transfers([])
    pd.testing.assert_series_equal(full.dtypes, empty.dtypes)
    pd.testing.assert_series_equal(full.skipped.dtypes, empty.skipped.dtypes)


def test_a_table_survives_pickle_and_parquet(tmp_path):
    found = token_transfers([transfer(MOST), log([], index=1)])
    again = pickle.loads(pickle.dumps(found))
    pd.testing.assert_frame_equal(again, found)
    pd.testing.assert_frame_equal(again.skipped, found.skipped)
    found.astype({"amount": "str", "token_id": "str"}).to_parquet(tmp_path / "tokens.parquet")
    kept = pd.read_parquet(tmp_path / "tokens.parquet")
    pd.testing.assert_frame_equal(balances(kept), balances(found))


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=5), st.binary(max_size=40)), max_size=6),
    st.one_of(st.none(), st.text(max_size=8), st.binary(max_size=100)),
    st.sampled_from(sorted(SIGNATURES)),
)
def test_any_log_is_decoded_or_skipped(topics, data, signature):
    for shown in (topics, ["0x" + signature, *topics]):
        found = token_transfers([log(shown, data)])
        assert (len(found) > 0) != (len(found.skipped) > 0)


@given(st.lists(st.integers(0, MOST), max_size=20))
def test_what_was_encoded_is_decoded_and_balances_add_up(amounts):
    found = token_transfers([transfer(amount, n) for n, amount in enumerate(amounts)])
    assert found["amount"].tolist() == amounts
    held = balances(found).set_index("address")["amount"]
    assert held.to_dict() == ({ALICE: -sum(amounts), BOB: sum(amounts)} if amounts else {})
