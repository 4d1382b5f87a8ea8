"""Are the answers right, and are the cases equally hard? Worked out again from the bytes."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from world.cases import BAND, check_band, difficulty, tell
from world.errors import WorldError
from world.inquiries import LOOKALIKES
from world.ledger import play
from world.sizes import Size
from world.story import draw_plan

from .conftest import double_sha256

FIELDS = ["number", "title", "brief", "height", "address", "tip_address", "until_height"]


def test_there_are_twelve_cases_told_in_the_agreed_fields(briefs, answers):
    assert [brief["number"] for brief in briefs] == list(range(12))
    assert [answer["number"] for answer in answers] == list(range(12))
    assert all(list(brief) == FIELDS for brief in briefs)
    for field in ("title", "address", "tip_address"):
        assert len({brief[field] for brief in briefs}) == 12


def test_a_brief_is_two_to_four_short_sentences(briefs):
    for brief in briefs:
        sentences = [each for each in brief["brief"].split(". ") if each]
        assert 2 <= len(sentences) <= 4
        assert all(len(sentence.split()) <= 26 for sentence in sentences), brief["brief"]
        assert "{" not in brief["brief"]


@pytest.mark.parametrize("number", range(12))
def test_the_answers_follow_from_the_block_file(number, chain, outputs, briefs, answers):
    brief, answer = briefs[number], answers[number]
    height, address, last = brief["height"], brief["address"], brief["until_height"]
    block = chain.blocks[height]
    assert answer["block_time"] == chain.time(height)
    assert answer["block_hash"] == chain.hash(height)
    assert answer["transaction_count"] == len(block)
    assert answer["fees"] == {
        tx.txid: sum(outputs[each][0] for each in tx.spends())
        - sum(output.value for output in tx.embit.vout)
        for tx in block[1:]
    }
    case = [tx for tx in chain.transactions if tx.height <= last]
    received = Counter()
    spent, evidence = 0, []
    daily, monthly = Counter(), Counter()
    for tx in case:
        ours = [outputs[tx.txid, vout] for vout in range(len(tx.embit.vout))]
        value = sum(each[0] for each in ours if each[1] == address)
        spends = [outputs[each] for each in tx.spends() if each in outputs]
        spent += sum(each[0] for each in spends if each[1] == address)
        if value:
            received[tx.txid] += value
            moment = datetime.fromtimestamp(chain.time(tx.height), UTC)
            daily[f"{moment:%Y-%m-%d}"] += value
            monthly[f"{moment:%Y-%m}"] += value
            if brief["tip_address"] in {each[1] for each in spends}:
                evidence.append(tx.txid)
    assert answer["received"] == received.total()
    assert answer["spent"] == spent
    assert answer["balance"] == received.total() - spent > 0
    assert answer["tip_txids"] == evidence
    assert answer["tip_supported"] == bool(evidence)
    assert answer["daily"] == dict(daily)
    assert answer["monthly"] == dict(monthly)
    assert {each["txid"]: each["sat"] for each in answer["payments"]} == received
    assert any(tx.txid in received for tx in block), "the first block holds one of the payments"


def test_half_of_the_tips_are_false_and_the_number_of_a_case_does_not_tell(answers):
    assert sum(answer["tip_supported"] for answer in answers) == 6
    public = [answer["tip_supported"] for answer in answers]
    others = [
        [inquiry.supported for inquiry in draw_plan(seed, Size("short", 1, 1)).inquiries]
        for seed in ("second", "third", "fourth", "fifth")
    ]
    assert all(sum(each) == 6 for each in others)
    assert len({tuple(each) for each in [public, *others]}) == 5


def test_every_lookalike_comes_up_equally_often_and_never_twice_in_a_case(answers):
    counted = Counter(kind for answer in answers for kind in answer["lookalikes"])
    assert counted == dict.fromkeys(LOOKALIKES, 4)
    assert all(len(set(answer["lookalikes"])) == 2 for answer in answers)


def owner_of(truth):
    return {row["address"]: row["entity"] for row in truth("owners")}


def test_the_owner_of_the_tip_address_has_no_other_address(truth, briefs, answers):
    """So "this address paid" and "this person paid" are the same question in these cases."""
    owners = owner_of(truth)
    held = Counter(owners.values())
    for brief, answer in zip(briefs, answers, strict=True):
        assert owners[brief["tip_address"]] == answer["tip_owner"]
        assert held[answer["tip_owner"]] == 1
        assert owners[brief["address"]] == answer["collector"]


def touching(chain, outputs, until):
    """Yield each transaction with the addresses it spends from and those it pays."""
    for tx in chain.transactions[1:]:
        if tx.height <= until:
            from_ = {outputs[each][1] for each in tx.spends() if each in outputs}
            yield tx, from_, {outputs[tx.txid, at][1] for at in range(len(tx.embit.vout))}


def test_each_lookalike_is_really_on_the_chain_and_proves_nothing(
    chain, outputs, truth, briefs, answers
):
    owners = owner_of(truth)
    for brief, answer in zip(briefs, answers, strict=True):
        address, tip = brief["address"], brief["tip_address"]
        seen = list(touching(chain, outputs, brief["until_height"]))
        paid_by_tip = {each for _, from_, to in seen if tip in from_ for each in to}
        for kind in answer["lookalikes"]:
            if kind == "batch":
                found = [to for _, from_, to in seen if {address, tip} <= to and tip not in from_]
            elif kind == "refund":
                found = [to for _, from_, to in seen if address in from_ and tip in to]
            elif kind == "other address":
                same = {each for each in paid_by_tip if owners.get(each) == answer["collector"]}
                found = same - {address}
            elif kind == "two hops":
                found = [
                    to
                    for _, from_, to in seen
                    if address in to
                    and {owners.get(each) for each in from_}
                    & {owners.get(e) for e in paid_by_tip} - {answer["tip_owner"]}
                ]
            elif kind == "twin":
                found = [each for each in paid_by_tip if owners.get(each) == answer["twin"]]
            else:
                found = [
                    each
                    for each in paid_by_tip
                    if each and each != address and each[:9] == address[:9]
                ]
            assert found, f"case {brief['number']} has no {kind}"


def test_the_honest_twin_has_the_same_habits_as_the_collector(truth, chain, outputs, answers):
    owners = owner_of(truth)
    received = {}
    for value, address, _ in outputs.values():
        received.setdefault(owners.get(address), Counter())[address] += bool(value)
    for answer in answers:
        most = received[answer["twin"]].most_common(1)[0][1]
        assert most >= 8, "the twin, too, is paid again and again at one address"


def test_the_public_cases_lie_in_the_stated_band(chain, outputs, truth, briefs, answers):
    payers = {row["txid"]: row["payer"] for row in truth("transactions")}
    for brief, answer in zip(briefs, answers, strict=True):
        address, tip = brief["address"], brief["tip_address"]
        seen = list(touching(chain, outputs, brief["until_height"]))
        paying = [tx for tx, _, to in seen if address in to]
        measured = {
            "transactions in the first block": answer["transaction_count"],
            "payments received": len(paying),
            "different payers": len({payers[tx.txid] for tx in paying}),
            "days from first to last payment": (
                chain.time(paying[-1].height) - chain.time(paying[0].height)
            )
            // 86_400,
            "transactions that spend from it": sum(address in from_ for _, from_, _ in seen),
            "payments by the tip address": len(answer["tip_txids"]),
            "transactions with both addresses that prove nothing": sum(
                address in from_ | to and tip in from_ | to and tx.txid not in answer["tip_txids"]
                for tx, from_, to in seen
            ),
            "lookalikes": len(answer["lookalikes"]),
            "transactions of the tip address": sum(tip in from_ | to for _, from_, to in seen),
        }
        assert measured.keys() == BAND.keys()
        for scale, value in measured.items():
            low, high = BAND[scale]
            assert low <= value <= high, f"case {brief['number']}: {scale} is {value}"


def test_the_unseen_block_needs_the_long_form_of_its_count(public):
    folder = public / "truth/cases/crypto-1"
    raw = (folder / "unseen.dat").read_bytes()
    expected = json.loads((folder / "unseen.json").read_text())
    assert raw[80] == 0xFD
    count = int.from_bytes(raw[81:83], "little")
    assert expected == {
        "block_time": int.from_bytes(raw[68:72], "little"),
        "block_hash": double_sha256(raw[:80])[::-1].hex(),
        "transaction_count": count,
    }
    assert count > 252
    assert raw not in (public / "world/chain/blk00000.dat").read_bytes()


@pytest.mark.slow
def test_other_seeds_give_cases_in_the_band_too():
    for seed in ("a class of its own", "another class"):
        ledger = play(draw_plan(seed))
        # Few find out too late that they lack a coin, and stay away.
        assert ledger.skipped < sum(map(len, ledger.records)) // 100
        assert sum(map(len, ledger.records)) >= 5_500
        for story in tell(ledger):
            check_band(ledger, story)


def test_a_case_outside_the_band_is_refused_with_its_scale(monkeypatch, played):
    story = tell(played)[0]
    have = difficulty(played, story)["payments received"]
    monkeypatch.setitem(BAND, "payments received", (have + 1, have + 2))
    with pytest.raises(WorldError, match=r"case 0 of seed .* \(payments received: "):
        check_band(played, story)


@pytest.fixture(scope="module")
def played():
    return play(draw_plan("casework-public-1"))
