"""Towns share a chain; a class is large enough; the same seed gives the same bytes."""

import pytest

from world.blocks import framed, subsidy
from world.build import make_files
from world.errors import WorldError
from world.ledger import play
from world.sizes import SIZES, Size, size_of
from world.story import draw_plan

TWO = Size("two", 2, 150, cases=False)


@pytest.fixture(scope="module")
def two():
    return play(draw_plan("a seed for two towns", TWO))


def test_towns_share_every_block_and_its_reward(two):
    for height, block in enumerate(two.records[1:], start=1):
        coinbase = block[0]
        miners = [output.owner for output in coinbase.outputs]
        assert len(miners) == len(set(miners)) == 2
        fees = sum(record.fee for record in block[1:])
        assert sum(output.value for output in coinbase.outputs) == subsidy(height) + fees
    payers = {record.payer for block in two.records for record in block}
    assert {"household-01", "household-31"} <= payers


def test_nobody_has_the_name_or_the_key_of_somebody_in_another_town(two):
    people = [entity.id for entity in two.plan.entities]
    assert len(people) == len(set(people))
    owner = {}
    for block in two.records:
        for record in block:
            for output in record.outputs:
                if output.owner:
                    assert owner.setdefault(output.script, output.owner) == output.owner


def test_two_builds_of_one_seed_are_equal_and_of_two_seeds_different(two):
    again = play(draw_plan("a seed for two towns", TWO))
    assert framed(again.blocks) == framed(two.blocks)
    other = play(draw_plan("another seed for two", TWO))
    assert not {b.hash for b in other.blocks[1:]} & {b.hash for b in two.blocks[1:]}
    txids = [{r.txid for b in each.records for r in b} for each in (two, other)]
    assert not txids[0] & txids[1]


def test_a_tiny_world_has_everything_but_cases():
    made = make_files("a seed for a tiny world", size=SIZES["tiny"])
    assert "world/chain/blk00000.dat" in made
    assert not [path for path in made if path.startswith("world/cases")]


def test_an_unknown_size_is_told_with_those_there_are():
    with pytest.raises(
        WorldError, match="there is no size 'huge'; choose one of tiny, public, class"
    ):
        size_of("huge")


@pytest.mark.slow
def test_a_class_world_is_large_enough_and_every_case_of_it_lies_in_the_band():
    """Building refuses a case outside of its band; so that it builds at all is half of the test."""
    made = make_files("a seed for a whole class", size=SIZES["class"])
    assert made["truth/transactions.csv"].count(b"\n") - 1 >= 200_000
    for kind in ("crypto-1", "crypto-2"):
        cases = [path for path in made if path.startswith(f"world/cases/{kind}/")]
        assert len(cases) >= 200
        assert len({made[path] for path in cases}) == len(cases)
