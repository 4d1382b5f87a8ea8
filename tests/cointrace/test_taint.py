"""Money is followed to the satoshi: held against a model that follows each satoshi alone."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cointrace import POLICIES, ChainError, link, taint
from tests.cointrace.coins import (
    Block,
    brute,
    brute_highest,
    chains,
    exact_shares,
    name,
    tables,
)

MANY = settings(max_examples=100, deadline=None)


def outputs_of(blocks: list[Block]) -> dict[tuple[str, int], int]:
    table = tables(blocks).outputs
    return {(txid, n): value for txid, n, value in table[["txid", "n", "value"]].itertuples(False)}


def chosen(data: st.DataObject, blocks: list[Block], parts: bool) -> dict[tuple[str, int], int]:
    """Some outputs with money in them, and how much of each is marked."""
    full = {point: value for point, value in outputs_of(blocks).items() if value}
    if not full:
        return {}
    points = data.draw(st.lists(st.sampled_from(sorted(full)), min_size=1, max_size=3, unique=True))
    return {
        point: data.draw(st.integers(1, full[point])) if parts else full[point] for point in points
    }


def found(result) -> dict[tuple[str, int], int]:
    columns = result.table[["txid", "vout", "tainted"]]
    return {(txid, vout): tainted for txid, vout, tainted in columns.itertuples(False)}


@MANY
@given(chains(), st.data(), st.booleans(), st.booleans())
def test_fifo_and_lifo_equal_a_queue_and_a_stack_of_single_satoshi(blocks, data, lifo, follow):
    marks = chosen(data, blocks, parts=True)
    if not marks:
        return
    model = brute(blocks, marks, lifo, follow)
    result = taint(
        tables(blocks),
        [(*point, part) for point, part in marks.items()],
        "lifo" if lifo else "fifo",
        fees="follow" if follow else "stop",
    )
    assert found(result) == {point: held for point, held in model.outputs.items() if held}
    totals = result.totals
    assert (totals["fees"], totals["lost"], totals["stopped"]) == (model.fees, model.lost, 0)
    assert totals["marked"] == model.marked
    assert totals["marked"] == totals[["resting", "fees", "lost"]].sum()


@MANY
@given(chains(), st.data())
def test_tiho_fills_the_output_of_the_highest_value_first(blocks, data):
    marks = chosen(data, blocks, parts=False)
    if not marks:
        return
    held, lost = brute_highest(blocks, marks)
    result = taint(tables(blocks), list(marks), "tiho")
    assert found(result) == {point: many for point, many in held.items() if many}
    assert result.totals["lost"] == lost
    assert result.totals["marked"] == result.totals[["resting", "fees", "lost"]].sum()


@MANY
@given(chains(), st.data(), st.sampled_from(["haircut", "tiho"]))
def test_no_satoshi_is_lost_or_made_where_amounts_are_divided(blocks, data, policy):
    marks = chosen(data, blocks, parts=True)
    if not marks:
        return
    result = taint(tables(blocks), [(*point, part) for point, part in marks.items()], policy)
    assert result.totals["marked"] == result.totals[["resting", "fees", "lost"]].sum()
    assert (result.table["tainted"] <= result.table["value"]).all()
    assert (result.table["tainted"] > 0).all()


@MANY
@given(chains(most_blocks=3), st.data())
def test_haircut_is_less_than_one_satoshi_from_the_exact_share_for_each_division(blocks, data):
    marks = chosen(data, blocks, parts=False)
    if not marks:
        return
    start = min(marks)
    exact = exact_shares(blocks, start)
    held = found(taint(tables(blocks), start, "haircut"))
    # Errors of all the inputs of a transaction may add up, so the sum over the chain is the bound.
    divisions = sum(len(block.txs) + 1 for block in blocks) * 4
    for point, share in exact.items():
        assert abs(held.get(point, 0) - share) < divisions
    once = Block([100]), Block([], [([(name(0, 0), 0)], [33, 33, 33])])
    assert found(taint(tables(list(once)), (name(0, 0), 0, 10), "haircut")) == {
        (name(0, 0), 0): 10, (name(1, 1), 0): 3, (name(1, 1), 1): 3, (name(1, 1), 2): 3,
    }  # fmt: skip


@MANY
@given(chains(), st.data(), st.sampled_from(["fifo", "lifo"]))
def test_going_backward_undoes_going_forward(blocks, data, policy):
    """A coin's origin, followed forward, must come back to the coin: for every coin of the chain."""
    marks = chosen(data, blocks, parts=True)
    if not marks:
        return
    links = link(tables(blocks))
    point, part = next(iter(marks.items()))
    back = taint(links, (*point, part), policy, "backward")
    assert back.totals["marked"] == part == back.totals[["new", "outside"]].sum()
    for earlier, held in found(back).items():
        forth = found(taint(links, earlier, policy))
        assert forth[point] >= held or earlier == point


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(chains(), st.data(), st.sampled_from(POLICIES), st.sampled_from(["forward", "backward"]))
def test_compiled_loops_say_the_same_as_plain_python(blocks, data, policy, direction):
    marks = chosen(data, blocks, parts=True)
    if not marks:
        return
    if policy not in ("fifo", "lifo"):
        direction = "forward"
    asked = [(*point, part) for point, part in marks.items()]
    one, other = (
        taint(tables(blocks), asked, policy, direction, "follow", compiled=compiled)
        for compiled in (False, True)
    )
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.origins, other.origins)
    pd.testing.assert_series_equal(one.totals, other.totals)


# The example of Clayton's case in small: 3 stolen coins come first, 7 honest ones second.
FIRST, SECOND, MIXED = name(0, 0), name(1, 0), (name(2, 1))
MIXING = [
    Block([3]),
    Block([7]),
    Block([0], [([(FIRST, 0), (SECOND, 0)], [2, 5, 3])]),
]


@pytest.mark.parametrize(
    ("policy", "shares"),
    [
        ("poison", [2, 5, 3]),
        ("haircut", [0, 2, 1]),
        ("fifo", [2, 1, 0]),
        ("lifo", [0, 0, 3]),
        ("tiho", [0, 3, 0]),
    ],
)
def test_the_same_theft_looks_different_under_each_policy(policy, shares):
    held = found(taint(tables(MIXING), (FIRST, 0), policy))
    assert [held.get((MIXED, n), 0) for n in range(3)] == shares


def test_the_result_says_where_the_money_rests_and_shows_it():
    result = taint(tables(MIXING), FIRST, "fifo")
    assert list(result.table) == [
        "txid", "vout", "value", "tainted", "share", "height", "address", "spent", "source",
    ]  # fmt: skip
    assert result.table["tainted"].dtype == np.int64
    assert result.table["spent"].tolist() == [True, False, False]
    assert result.table["share"].tolist() == [1.0, 1.0, 0.2]
    assert result.resting["tainted"].tolist() == [2, 1]
    assert result.by_address().to_dict("list") == {
        "address": ["addr2", "addr5", "addr3"],
        "received": [2, 1, 3],
        "resting": [2, 1, 0],
        "outputs": [1, 1, 1],
    }
    assert "10 largest" in result._repr_html_() or "largest of 2" in result._repr_html_()
    assert "marked 3" in repr(result) and len(result) == 3


def test_sources_may_be_named_in_many_ways():
    chain = tables(MIXING)
    for same in (
        (FIRST, 0),
        [(FIRST, 0)],
        FIRST,
        [FIRST],
        "addr3",
        (FIRST, np.int64(0), 3),
        pd.DataFrame({"txid": [FIRST], "vout": [0]}),
        pd.DataFrame({"txid": [FIRST, FIRST], "n": [0, 0], "part": [3, 2]}),
    ):
        rows = taint(chain, same, "fifo").table
        assert (rows["txid"].iloc[0], rows["source"].iloc[0]) == (FIRST, 3)
    later = taint(chain, ("addr3", 1), "fifo").table
    assert later["txid"].tolist() == [MIXED] and later["source"].tolist() == [3]


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ([], "no sources were given"),
        ((FIRST, 9), "has no output 9"),
        ((FIRST, 0, 4), "between 1 and 3"),
        ((FIRST, 0, 0), "between 1 and 3"),
        (("f" * 64, 0), "is not in the chain"),
        ("<script>nobody", "nothing was paid to"),
        (("addr3", 99), "from height 99 on"),
        (3.5, "says of no output"),
        ([(FIRST, 0.5)], "is not a source"),
        ([None], "is not a source"),
        ([(FIRST, -1)], "is not a source"),
        (7, "is not in the chain"),
        (pd.DataFrame({"txid": [FIRST]}), "no columns txid and vout"),
    ],
)
def test_a_source_that_is_not_there_gives_one_clear_sentence(sources, said):
    with pytest.raises(ChainError, match=said) as error:
        taint(tables(MIXING), sources, "fifo")
    assert str(error.value).count("\n") == 0 and str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"policy": "fair"}, "is not a policy"),
        ({"policy": None}, "is not a policy"),
        ({"direction": "up"}, "is not a direction"),
        ({"policy": "haircut", "direction": "backward"}, "cannot be followed backward"),
        ({"fees": "keep"}, "what happens to fees"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(asked, said):
    with pytest.raises(ChainError, match=said):
        taint(tables(MIXING), FIRST, **asked)


def test_where_an_input_is_unknown_the_trail_stops_and_says_so():
    chain = tables(MIXING)
    chain.txs = chain.txs[chain.txs["txid"] != SECOND]
    chain.outputs = chain.outputs[chain.outputs["txid"] != SECOND]
    for policy in ("haircut", "fifo", "lifo", "tiho"):
        result = taint(chain, FIRST, policy)
        assert result.totals["stopped"] == 3
        assert result.stopped["txid"].tolist() == [MIXED]
    assert taint(chain, FIRST, "poison").totals["resting"] == 10
    back = taint(chain, (MIXED, 0), "fifo", "backward")
    assert back.totals.to_dict() == {"marked": 2, "new": 0, "outside": 0, "stopped": 2}
    chain.inputs["value"] = pd.array([None, 7], "Int64")
    assert taint(chain, FIRST, "fifo").resting["tainted"].tolist() == [2, 1]
    assert taint(chain, (MIXED, 2), "fifo", "backward").totals["outside"] == 3


def test_tables_in_any_order_and_ids_that_are_numbers_give_the_same():
    chain = tables(MIXING)
    expected = taint(chain, FIRST, "fifo").table
    mixed = SimpleNamespace(
        txs=chain.txs.iloc[::-1], inputs=chain.inputs.iloc[::-1], outputs=chain.outputs.iloc[::-1]
    )
    pd.testing.assert_frame_equal(taint(mixed, FIRST, "fifo").table, expected)
    number = {txid: 100 + n for n, txid in enumerate(chain.txs["txid"])}
    for table in (chain.txs, chain.inputs, chain.outputs):
        for column in ("txid", "spent_txid"):
            if column in table:
                table[column] = table[column].map(number).astype("int64")
    numbered = taint(chain, number[FIRST], "fifo").table
    assert numbered["tainted"].tolist() == expected["tainted"].tolist()


def damaged(table: str, change) -> SimpleNamespace:
    chain = tables(MIXING)
    setattr(chain, table, change(getattr(chain, table)))
    return chain


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        (damaged("outputs", lambda t: t.drop(columns="value")), "no column 'value'"),
        (damaged("outputs", lambda t: t.assign(value=-1)), "-1 satoshi"),
        (damaged("outputs", lambda t: t.assign(value=t["value"] + 0.5)), "whole"),
        (damaged("outputs", lambda t: t.assign(value=2**62)), "21 million"),
        (damaged("outputs", lambda t: pd.concat([t, t.tail(1)])), "each once"),
        (damaged("outputs", lambda t: t.drop(index=[3])), "each once"),
        (damaged("outputs", lambda t: t.assign(txid=None)), "has no txid"),
        (damaged("inputs", lambda t: t.assign(spent_vout=4)), "no such output"),
        (damaged("inputs", lambda t: pd.concat([t, t.assign(n=t["n"] + 2)])), "spent twice"),
        (damaged("inputs", lambda t: t.assign(spent_txid=MIXED)), "later in the chain"),
        (damaged("inputs", lambda t: t.head(1)), "pays 10 satoshi out of 3"),
        (damaged("txs", lambda t: t.head(2)), "not in the table of txs"),
        (SimpleNamespace(), "no table of txs"),
    ],
)
def test_tables_that_contradict_themselves_are_refused_in_one_sentence(chain, said):
    with pytest.raises(ChainError, match=said) as error:
        taint(chain, FIRST, "fifo")
    assert str(error.value).count("\n") == 0


def test_an_empty_chain_has_links_and_nothing_to_follow():
    empty = tables([])
    assert len(link(empty).height) == 0
    with pytest.raises(ChainError, match="not in the chain"):
        taint(empty, FIRST)


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_large_amounts_are_divided_without_overflow(compiled):
    whole = 2_100_000_000_000_000
    blocks = [
        Block([whole - 1]),
        Block([1]),
        Block([0], [([(name(0, 0), 0), (name(1, 0), 0)], [whole // 3, whole - whole // 3 - 7])]),
    ]
    result = taint(tables(blocks), (name(0, 0), 0), "haircut", compiled=compiled)
    first = (whole - 1) * (whole // 3) // whole
    assert found(result)[name(2, 1), 0] == first
    assert result.totals["marked"] == whole - 1 == result.totals["resting"] + result.totals["lost"]
