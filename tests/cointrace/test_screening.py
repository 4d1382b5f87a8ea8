"""Screening has a day: the day before, the day of, and what a list cannot say."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cointrace import ChainError, read_blocks, read_list, screen
from tests.cointrace import mint

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
OTHER = "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"
ETHER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
SEGWIT = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
HEAD = "list,list_date,address,currency,from,to,programme,source\n"
ENTRY = f"Meridia,2024-06-30,{GENESIS},BTC,2023-05-01,2024-02-29,CYBER,Gazette 12\n"
# A payment in block 574200 (README of the shared data).
LISTED = "1NpHuti9NSM9fVTXLkvSDU4AnhqGQ5N53d"


def written(tmp_path: Path, text: str, name: str = "list.csv") -> Path:
    (tmp_path / name).write_text(text)
    return tmp_path / name


@pytest.fixture
def meridia(tmp_path) -> pd.DataFrame:
    return read_list(written(tmp_path, HEAD + ENTRY))


@pytest.mark.parametrize(
    ("on", "status", "note"),
    [
        ("2023-04-30", None, "listed only from 2023-05-01"),
        ("2023-05-01", "listed", "listed from 2023-05-01"),
        ("2024-02-28", "listed", "listed from 2023-05-01"),
        ("2024-02-29", None, "taken off on 2024-02-29"),
        ("2024-03-01", None, "taken off on 2024-02-29"),
    ],
)
def test_what_was_listed_on_a_day_and_on_the_days_around_it(meridia, on, status, note):
    found = screen(GENESIS, meridia, on=on)
    if status:
        assert found[["status", "note", "list", "programme", "source"]].values.tolist() == [
            [status, note, "Meridia", "CYBER", "Gazette 12"]
        ]
        assert found["list_date"].tolist() == [pd.Timestamp("2024-06-30")]
        assert found.cleared.empty
    else:
        assert found.empty
        assert found.cleared["finding"].tolist() == [f"no hit on Meridia as of {on}; {note}"]
        assert found.cleared["as_of"].tolist() == [pd.Timestamp(on)]


def test_no_hit_is_a_record_of_its_own(meridia):
    found = screen([OTHER, GENESIS], meridia, on="2024-01-01")
    assert found["address"].tolist() == [GENESIS]
    assert found.cleared[["address", "list", "finding"]].values.tolist() == [
        [OTHER, "Meridia", "no hit on Meridia as of 2024-01-01"]
    ]
    assert found.searched[["list", "entries", "currencies"]].values.tolist() == [
        ["Meridia", 1, "BTC"]
    ]
    assert len(found.searched["sha256"][0]) == 64
    assert {"owners", "contacts"} <= set(found.not_checked["what"])


def test_a_list_older_than_the_day_asked_cannot_say(tmp_path):
    entry = ENTRY.replace("2024-02-29", "")
    found = screen([GENESIS, OTHER], written(tmp_path, HEAD + entry), on="2024-07-10")
    assert found["status"].tolist() == ["not known"]
    assert found["note"].tolist() == [
        "listed from 2023-05-01, but the list is of 2024-06-30, before the day asked"
    ]
    assert found.cleared["finding"].tolist() == [
        "no hit on Meridia as of 2024-06-30; what was listed after that, until 2024-07-10, is not known"
    ]
    late = found.not_checked.set_index("what")["reason"]["Meridia"]
    assert late == "the 10 days between its date and the day asked"


def test_a_list_without_a_date_says_so(tmp_path):
    file = written(
        tmp_path, f"{GENESIS}\n\n# remark\n{OTHER} # another\n", "sanctioned_addresses_XBT.txt"
    )
    found = screen([GENESIS, SEGWIT], file, on="2024-01-01")
    assert found[["status", "note"]].values.tolist() == [["not known", "the list has no date"]]
    assert found["list_date"].isna().all()
    assert found.cleared["finding"].tolist() == ["no hit on OFAC SDN as of a day that is not known"]
    assert "OFAC SDN" in set(found.not_checked["what"])
    assert screen(GENESIS, file)["status"].tolist() == ["not known"]
    dated = read_list(file, list_date="2024-01-01")
    assert screen(GENESIS, dated, on="2024-01-01")["status"].tolist() == ["listed"]
    assert screen(GENESIS, dated)["status"].tolist() == ["listed"]
    before = screen(GENESIS, dated, on="2023-12-31")
    assert before["note"].tolist() == ["on the list of 2024-01-01, which does not say since when"]


def test_an_address_is_found_however_it_is_written(tmp_path):
    rows = "".join(f"Meridia,2024-06-30,{one},,,,,\n" for one in (ETHER, SEGWIT, GENESIS))
    file = written(tmp_path, HEAD + rows)
    forms = [ETHER.lower(), ETHER.upper().replace("X", "x", 1), SEGWIT.upper(), f" {GENESIS} "]
    found = screen(forms, file)
    assert found["address"].tolist() == forms
    assert found["listed_as"].tolist() == [ETHER, ETHER, SEGWIT, GENESIS]
    assert screen(GENESIS.lower(), file).empty, "in base 58 capitals count"


def test_the_real_list_finds_the_real_payment(shared_data):
    folder = shared_data / "crypto"
    ofac = read_list(folder / "tags" / "ofac", list_date="2024-09-27")
    assert ofac["currency"].value_counts()[["BTC", "ETH"]].tolist() == [435, 152]
    chain = read_blocks(folder / "btc-blocks" / "block574200.blk", "mainnet")
    found = screen(chain, ofac, on="2024-09-27")
    assert found[["address", "status", "list"]].values.tolist() == [[LISTED, "listed", "OFAC SDN"]]
    assert found["where"].tolist() == ["sanctioned_addresses_XBT.txt, line 179"]
    known = pd.concat([chain.outputs["address"], chain.inputs["address"]]).dropna().nunique()
    assert len(found.cleared) == known - 1
    wrong = found.problems.set_index("address")["problem"]
    assert wrong["TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq"] == (
        "under BTC, but it has the form of TRX, not of BTC"
    )
    later = read_list(folder / "tags" / "ofac-addresses-amiexposed.json", name="OFAC, collected")
    both = screen(LISTED, [ofac, later], on="2024-09-27")
    assert both["status"].tolist() == ["listed", "not known"]
    assert both["list_date"].astype(str).tolist() == ["2024-09-27", "2026-03-22"]


def test_a_cluster_table_keeps_its_clusters(meridia):
    table = pd.DataFrame(
        {"address": [GENESIS, OTHER, None], "cluster": [7, 7, 8], "size": [2, 2, 1]}
    )
    found = screen(table, meridia, on="2023-06-01")
    assert found[["address", "cluster"]].values.tolist() == [[GENESIS, 7]]
    assert found.cleared[["address", "cluster"]].values.tolist() == [[OTHER, 7]]


def test_what_no_list_covers_is_said(meridia):
    asked = [ETHER, "rGeyCsqc6vKXuyTGF39WJxmTRemoV3c97h", GENESIS[:-1] + "b", "somebody"]
    reasons = screen(asked, meridia).not_checked.set_index("what")["reason"]
    assert reasons[ETHER] == "no list at hand has addresses of ETH and chains like it"
    assert reasons[asked[1]] == "no list at hand has addresses of XRP"
    assert reasons[asked[2]] == "its checksum is wrong, so it may not be the address that was meant"
    assert reasons["somebody"] == "it does not have the form of any address known here"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (ENTRY + ENTRY, "it is on the list 2 times for the same days"),
        (ENTRY.replace("2024-02-29", "2023-05-01"), "taken off the list before it was put on"),
        (
            ENTRY.replace("2023-05-01", "2024-07-01").replace("2024-02-29", ""),
            "before the day it was",
        ),
        (ENTRY.replace(",BTC,", ",ETH,"), "under ETH, but it has the form of BCH or BSV or BTC"),
        (ENTRY.replace(GENESIS, GENESIS[:-1] + "b"), "under BTC, but its checksum is wrong"),
    ],
)
def test_entries_that_contradict_themselves_are_listed(tmp_path, rows, problem):
    found = screen(OTHER, written(tmp_path, HEAD + rows)).problems
    assert found["problem"].str.contains(problem).tolist() == [True]
    assert found["where"][0].startswith("list.csv, line ")


def test_an_address_put_on_again_later_is_no_contradiction(tmp_path):
    again = ENTRY.replace("2023-05-01,2024-02-29", "2024-05-01,")
    file = written(tmp_path, HEAD + again + ENTRY)
    assert screen(GENESIS, file).problems.empty
    days = ("2023-04-30", "2023-05-01", "2024-03-01", "2024-05-01")
    assert [len(screen(GENESIS, file, on=day)) for day in days] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "list,date\nx,y\n",
            r"^list\.csv: the column 'address' is missing; a list has list, list_date",
        ),
        ("", r"^list\.csv: the column 'list' is missing"),
        (
            HEAD + ENTRY.replace("2023-05-01", "2023-02-29"),
            "line 2: from should be a day that exists",
        ),
        (
            HEAD + ENTRY.replace("2024-06-30", "June"),
            "line 2: list_date should be a day .* not 'June'",
        ),
        (HEAD + ENTRY + "Meridia,,,,,,,\n", "line 3: the entry has no address"),
        (HEAD + ENTRY.replace("Meridia", ""), "line 2: nothing says which list this is"),
        (HEAD + ENTRY.strip() + ",a,b\n", "line 2: there are more fields than columns"),
        (HEAD + 'a,"b\n', "this is not CSV"),
    ],
)
def test_a_list_that_cannot_be_understood_is_refused_with_its_line(tmp_path, text, sentence):
    with pytest.raises(ChainError, match=sentence):
        screen(GENESIS, written(tmp_path, text))


def test_other_files_are_refused_with_their_name(tmp_path):
    for name, text, sentence in (
        ("a.json", "{", r"^a\.json: a list in JSON is"),
        ("a.json", '{"addresses": [1]}', r"^a\.json: a list in JSON is"),
        ("a.json", '{"addresses": ["x"]}', r"^a\.json, entry 1: nothing says which list this is"),
        ("a.txt", "one two\n", r"^a\.txt, line 1: there is more than one address"),
    ):
        with pytest.raises(ChainError, match=sentence):
            read_list(written(tmp_path, text, name))
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ChainError, match=r"^b\.csv, byte 0: this is not text"):
        read_list(tmp_path / "b.csv")
    with pytest.raises(ChainError, match="the file cannot be read"):
        read_list(tmp_path / "nowhere.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ChainError, match="the folder holds no list"):
        read_list(tmp_path / "empty")
    with pytest.raises(ChainError, match="cannot be read from a int"):
        read_list(5)
    table = pd.DataFrame({"list": ["L"], "address": [["x"]]})
    with pytest.raises(ChainError, match=r"^table, row 0: address should be text, not a list"):
        read_list(table)


def test_what_cannot_be_asked_is_refused(meridia):
    for asked, on, sentence in (
        (GENESIS, "2023-02-30", "on should be a day that exists"),
        (GENESIS, 5, "on should be a day that exists"),
        (GENESIS, pd.NaT, "on should be a day that exists"),
        ([GENESIS, None], None, "'None' is not an address"),
        ([""], None, "'' is not an address"),
        (5, None, "addresses cannot be taken from a int"),
        (pd.DataFrame({"a": []}), None, "the table has no column 'address'"),
    ):
        with pytest.raises(ChainError, match=sentence):
            screen(asked, meridia, on=on)
    with pytest.raises(ChainError, match="there is no list to compare with"):
        screen(GENESIS, [])


def test_nothing_asked_and_an_empty_list_give_empty_tables_of_the_same_types(meridia, tmp_path):
    full = screen([GENESIS, OTHER], meridia, on="2023-06-01")
    for empty in (screen([], meridia), screen([], written(tmp_path, HEAD, "none.csv"))):
        for one, other in (
            (full, empty),
            (full.cleared, empty.cleared),
            (full.searched, empty.searched),
        ):
            pd.testing.assert_series_equal(one.dtypes, other.dtypes)
    nothing = screen(GENESIS, written(tmp_path, HEAD, "none.csv"))
    assert nothing.empty and "lists" in set(nothing.not_checked["what"])


def test_a_chain_of_ones_own_is_screened_through_its_outputs():
    chain = read_blocks(mint.small_chain(3))
    address = chain.outputs["address"].dropna().iloc[0]
    table = pd.DataFrame({"list": ["Meridia"], "address": [address], "from": ["2024-01-01"]})
    assert screen(chain, table, on="2024-01-02")["status"].tolist() == ["not known"]
    dated = table.assign(list_date="2024-01-02")
    assert screen(chain, dated, on="2024-01-02")["status"].tolist() == ["listed"]


DAYS = st.one_of(st.none(), st.integers(0, 9))


@given(DAYS, DAYS, DAYS, DAYS)
@settings(deadline=None)
def test_an_address_is_a_hit_or_cleared_and_a_hit_only_while_listed(begins, ends, stands, on):
    def day(number: int | None) -> str | None:
        return None if number is None else f"2024-01-1{number}"

    row = {
        "list": "L",
        "address": GENESIS,
        "from": day(begins),
        "to": day(ends),
        "list_date": day(stands),
    }
    found = screen(GENESIS, pd.DataFrame([row]), on=day(on))
    assert len(found) + len(found.cleared) == 1
    asked = stands if on is None else on
    if asked is not None:
        outside = (begins is not None and asked < begins) or (ends is not None and asked >= ends)
        assert found.empty == outside
        sure = stands is not None and (asked <= stands or ends is not None)
        sure = sure and (begins is not None or asked >= stands)
        if len(found):
            assert found["status"].tolist() == ["listed" if sure else "not known"]
