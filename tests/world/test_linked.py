"""Are the cases of crypto-2 right and equally hard? Worked out again from the chain by cointrace."""

import json
from dataclasses import replace

import pandas as pd
import pytest

import cointrace
from world.errors import WorldError
from world.ledger import play
from world.linked_cases import BAND, check_band, difficulty, tell
from world.story import draw_plan


@pytest.fixture(scope="module")
def ledger():
    return play(draw_plan("a seed for shops"))


@pytest.fixture(scope="module")
def whole(public):
    return cointrace.read_blocks(public / "world" / "chain", network="regtest")


def window(chain, until):
    """Return the chain up to a height."""
    seen = {}
    for name in ("blocks", "txs", "inputs", "outputs"):
        table = getattr(chain, name)
        seen[name] = table[table["height"] <= until]
    return replace(chain, **seen)


@pytest.mark.parametrize("number", range(12))
def test_the_answers_follow_from_the_chain(number, whole, public):
    case = json.loads((public / f"world/cases/crypto-2/{number:02d}.json").read_text())
    told = json.loads((public / f"truth/cases/crypto-2/{number:02d}.json").read_text())
    chain = window(whole, case["until_height"])
    table = cointrace.clusters(chain).set_index("address")["cluster"]
    mine = set(table.index[table == table[case["address"]]])
    assert mine == set(told["addresses"])
    mixed = set(cointrace.coinjoins(chain).query("kind != 'whirlpool_tx0'")["txid"])
    inputs = chain.inputs.dropna(subset=["address"])
    touching = set(inputs[inputs.address.isin(mine)]["txid"]) & mixed
    assert touching == set(told["joint"])
    company = set(inputs[inputs.txid.isin(touching)]["address"])
    assert company - mine == set(told["strangers"])
    assert (case["named_address"] in mine) == told["named_supported"]
    assert (case["named_address"] in company) == (not told["named_supported"])
    spends = inputs[inputs.address == case["named_address"]]["txid"]
    both = set(inputs[inputs.address.isin(mine - {case["named_address"]})]["txid"])
    assert set(told["named_txids"]) == set(spends) & both


def test_what_the_court_knows_of_the_seized_wallets_is_true(public, truth):
    change = {(row["txid"], int(row["vout"])) for row in truth("change")}
    for number in range(12):
        case = json.loads((public / f"world/cases/crypto-2/{number:02d}.json").read_text())
        told = {(each["txid"], each["vout"]) for each in case["seized"]}
        assert told <= change
        assert len(told) == 24


def test_half_of_the_named_addresses_are_the_shops_own(public):
    told = [
        json.loads((public / f"truth/cases/crypto-2/{number:02d}.json").read_text())
        for number in range(12)
    ]
    assert sum(each["named_supported"] for each in told) == 6


def test_other_seeds_give_cases_in_the_band_too(ledger):
    cases = tell(ledger)
    assert len(cases) == 12
    table = pd.DataFrame([difficulty(case) for case in cases])
    for scale, (low, high) in BAND.items():
        assert table[scale].between(low, high).all(), scale


def test_a_case_outside_of_the_band_is_refused(ledger):
    case = tell(ledger)[3]
    with pytest.raises(WorldError, match=r"case 3 of crypto-2 .* is not as hard as the others"):
        check_band(ledger, replace(case, strangers=()))
    wrong = replace(case, inquiry=replace(case.inquiry, supported=not case.inquiry.supported))
    with pytest.raises(WorldError, match="went against its plan"):
        check_band(ledger, wrong)
