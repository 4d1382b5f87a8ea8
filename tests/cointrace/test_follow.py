"""Ways between two points, and what lies around one: held against a plain recursive search."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cointrace import ChainError, neighbourhood, paths
from tests.cointrace.coins import Block, chains, name, tables


def graph(blocks):
    """Return for each coin (txid, n) the coins that its spender made."""
    after, every = {}, []
    for height, block in enumerate(blocks):
        for position, (spent, values) in enumerate([([], block.coinbase), *block.txs]):
            made = [(name(height, position), n) for n in range(len(values))]
            every += made
            for coin in spent:
                after[coin] = made
    return every, after


def ways(after, coin, end, longest):
    """Every way from a coin to the first coin of `end` that it meets."""
    if longest < 1:
        return
    if coin in end:
        yield (coin,)
        return
    for other in after.get(coin, []):
        for rest in ways(after, other, end, longest - 1):
            yield (coin, *rest)


def told(table):
    rows = table.groupby("path", sort=True)
    return [tuple(zip(way["txid"], way["vout"], strict=True)) for _, way in rows]


@given(chains(), st.data(), st.integers(1, 8))
def test_all_ways_are_found_and_the_shortest_come_first(blocks, data, longest):
    every, after = graph(blocks)
    start, end = (data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=3)) for _ in "ab")
    found = paths(tables(blocks), start, end, most=100_000, longest=longest)
    wanted = [way for coin in sorted(set(start)) for way in ways(after, coin, set(end), longest)]
    assert sorted(told(found.table)) == sorted(wanted)
    lengths = [len(way) for way in told(found.table)]
    assert lengths == sorted(lengths)
    assert found.cut == ""


@given(chains(), st.data(), st.integers(1, 4), st.sampled_from(["forward", "backward", "both"]))
def test_a_neighbourhood_holds_every_coin_within_reach_and_no_other(blocks, data, depth, direction):
    every, after = graph(blocks)
    start = data.draw(st.sampled_from(every))
    before = {}
    for coin, made in after.items():
        for other in made:
            before.setdefault(other, []).append(coin)
    wanted = {start}
    for step in {"forward": [after], "backward": [before], "both": [after, before]}[direction]:
        edge = {start}
        for _ in range(depth):
            edge = {other for coin in edge for other in step.get(coin, [])}
            wanted |= edge
    found = neighbourhood(tables(blocks), start, depth=depth, direction=direction, most=100_000)
    assert set(zip(found.table["source"], found.table["vout"], strict=True)) == wanted
    assert found.cut == ""


LADDER = [
    Block([10]),
    Block([10], [([(name(0, 0), 0)], [6, 4])]),
    Block([10], [([(name(1, 1), 0)], [3, 3]), ([(name(1, 1), 1)], [2, 2])]),
]


def test_a_limit_is_told_and_the_nearest_come_first():
    chain = tables(LADDER)
    around = neighbourhood(chain, name(0, 0), depth=5, direction="forward", most=3)
    assert around.cut == "There is more around it than these 3 coins."
    assert around.table["value"].tolist() == [10, 6, 4]
    both = paths(chain, name(0, 0), [name(2, 1), name(2, 2)], most=3)
    assert both.cut == "There are more than these 3 ways."
    assert both.table["path"].nunique() == 3
    short = paths(chain, name(0, 0), [name(2, 1), name(2, 2)], reach=2)
    assert short.cut == "The search gave up after 2 coins."


def test_a_point_may_be_a_transaction_an_address_a_coin_or_several():
    chain = tables(LADDER)
    same = [f"{name(1, 1)}:0", (name(1, 1), 0), [(name(1, 1), 0)], "addr6"]
    results = [paths(chain, name(0, 0), point).table for point in same]
    for result in results[1:]:
        pd.testing.assert_frame_equal(result, results[0])
    assert results[0]["value"].tolist() == [10, 6]


def test_money_at_rest_has_no_target():
    table = neighbourhood(tables(LADDER), name(2, 1), depth=1, direction="forward").table
    assert table["target"].isna().all()


@pytest.mark.parametrize(
    ("point", "sentence"),
    [
        ("nowhere", "the start 'nowhere' is not in the chain"),
        (f"{name(0, 0)}:7", "is not in the chain"),
        ([], "is not in the chain"),
        (None, "is not in the chain"),
        (7, "is not in the chain"),
    ],
)
def test_a_point_that_is_nowhere_is_told(point, sentence):
    for call in (
        lambda: paths(tables(LADDER), point, "addr6"),
        lambda: neighbourhood(tables(LADDER), point),
    ):
        with pytest.raises(ChainError, match="give a txid, an address, or a coin") as error:
            call()
        assert sentence in str(error.value)


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "3"])
def test_a_limit_must_be_a_positive_number(bad):
    with pytest.raises(ChainError, match="give a whole number from 1"):
        paths(tables(LADDER), "addr6", "addr3", most=bad)
    with pytest.raises(ChainError, match="give a whole number from 1"):
        neighbourhood(tables(LADDER), "addr6", depth=bad)
    with pytest.raises(ChainError, match="choose 'forward', 'backward' or 'both'"):
        neighbourhood(tables(LADDER), "addr6", direction="sideways")
