"""What a worker of a cluster says is believed only where it is a verdict on the notebook that was sent."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.cluster_messages import (
    MOST_BYTES,
    Refusal,
    ReplyError,
    Rules,
    order,
    read_order,
    read_reply,
    refusal_reply,
    verdict_reply,
)
from autograder.judge.verdict import Check, Outcome, Verdict

TEST = {"nbgrader": {"grade": True, "solution": False, "grade_id": "sum-test", "points": 2}}
TEXT = {"output_type": "stream", "name": "stdout", "text": "6\n"}


def notebook():
    return new_notebook(
        cells=[
            new_markdown_cell("Add."),
            new_code_cell("print(6)"),
            new_code_cell("assert total([1, 2]) == 3", metadata=TEST),
        ]
    )


def said(**changes) -> dict:
    check = {"grade_id": "sum-test", "points": 2, "max_points": 2, "outcome": "passed"}
    check |= {"message": "Right."}
    return {"outputs": [[1, [TEXT]]], "checks": [check], "notes": ["One."]} | changes


def check(**changes) -> dict:
    return said(checks=[said()["checks"][0] | changes])


def read(reply, size: int = 1000):
    data = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return read_reply(data, notebook(), size)


def test_a_verdict_arrives_as_it_was_sent():
    sent = Verdict(
        {1: [TEXT]},
        {"sum-test": Check("sum-test", 0.5, 2.0, Outcome.PARTIAL, "Half – 半.")},
        ("A note.",),
    )
    assert read(verdict_reply(sent)) == sent


def test_an_order_arrives_as_it_was_sent():
    rules = Rules("world", "", {"cell_seconds": 3.0}, False, {"world": "ab"})
    assert read_order(order(rules, notebook(), {"A": "1"}))[0] == rules
    assert read_order(order(rules))[1:] == (None, {})


def test_a_refusal_is_a_word_and_a_sentence():
    assert read(refusal_reply("unfit", "No.\x1b[2J")) == Refusal("unfit", "No.[2J")
    assert read_reply(refusal_reply("ready")) == Refusal("ready")


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\xff",
        b"null",
        b"[" * 100_000,
        b'{"refusal": "ready"}',
        b'{"refusal": ["ready"], "why": ""}',
        b'{"refusal": "everything is right", "why": ""}',
        b"9" * 10_000,
        said() | {"more": 1},
        {"outputs": [], "notes": []},
        said(checks=[]),
        said(checks=said()["checks"] * 2),
        said(checks={"sum-test": 2}),
        said(checks=[None]),
        said(outputs={"1": [TEXT]}),
        said(outputs=[[0, [TEXT]]]),
        said(outputs=[[2, [TEXT]]]),
        said(outputs=[[True, [TEXT]]]),
        said(outputs=[[1, [TEXT]], [1, [TEXT]]]),
        said(outputs=[[1]]),
        said(notes="One."),
        said(notes=[1]),
        said(notes=["n"] * 100_000),
        check(grade_id="product-test"),
        check(grade_id=["sum-test"]),
        check(points=3),
        check(points=200, max_points=200),
        check(points=-1, outcome="partial"),
        check(points=True, max_points=True),
        check(points="2"),
        check(points=1e400),
        check(points=float("nan"), outcome="partial"),
        check(points=1),
        check(points=2, outcome="failed"),
        check(points=2, outcome="partial"),
        check(points=0.5, outcome="not_checked"),
        check(outcome="perfect"),
        check(outcome={}),
        check(message=None),
        check(more=1),
    ],
)
def test_whatever_is_not_a_verdict_on_this_notebook_is_refused(reply):
    with pytest.raises(ReplyError):
        read(reply)


@pytest.mark.parametrize("reply", [None, "text", bytearray(b"{}"), {"refusal": "ready"}, 1])
def test_what_is_not_bytes_is_refused(reply):
    with pytest.raises(ReplyError):
        read_reply(reply, notebook(), 1000)


def test_a_verdict_where_none_was_asked_for_is_refused():
    with pytest.raises(ReplyError):
        read_reply(json.dumps(said()).encode())


def test_a_reply_that_is_too_large_is_not_even_read():
    with pytest.raises(ReplyError, match="MB"):
        read_reply(bytes(MOST_BYTES + 1), notebook(), 1000)


def test_outputs_keep_only_what_a_notebook_knows_and_not_too_much():
    strange = [{"output_type": "javascript", "code": "1"}, TEXT | {"extra": 1}, 7, TEXT]
    assert read(said(outputs=[[1, strange]])).outputs == {1: [TEXT, TEXT]}
    flood = [TEXT | {"text": "x" * 50_000}] * 9
    kept = read(said(outputs=[[1, flood]]), 10).outputs[1]
    assert len(kept) == 2 and "left out" in kept[-1]["text"]
