"""A trainee's process may lie in every answer, and call what it was not given. It wins nothing by it."""

import pytest

LIARS = {
    "names an object that was not handed over": {"value": 1, "changed": [[99, [1]]]},
    "changes a list into a dict": {"value": 1, "changed": [[0, {"t": "dict", "v": []}]]},
    "changes what is no pair": {"value": 1, "changed": [1, 2]},
    "gives another's object": {"value": {"t": "same", "n": 7}},
    "gives another's function": {"value": {"t": "yours", "ref": 0}},
    "gives a function of the judge by name": {"value": {"t": "builtin", "name": "open"}},
    "raises an error of the test that there was not": {
        "raised": ["builtins", "ValueError", []],
        "own": 0,
    },
    "raises nonsense": {"raised": [[[]]], "text": 7},
    "raises a class above itself": {"raised": ["m", "n", [["m", "n", [5]]]], "text": "x"},
}


@pytest.mark.parametrize("lie", LIARS)
def test_a_process_that_lies_in_its_answers_wins_nothing(judge, lie):
    verdict = judge(
        f"""
import gc, json
from autograder.inside.answers import Answers
def lie(self, message, buffers): return {LIARS[lie]!r}, []
Answers._called = lie
def f(rows, given): return 1
""",
        ("q", "kept = [1]\nrows = [2]\nassert f(rows, 3) == 5\n"),
        ("kept", "assert kept == [1] and rows == [2] and False"),
    )
    assert [check.points for check in verdict.checks.values()] == [0, 0]
    assert all(check.message for check in verdict.checks.values())


FORGED = {
    "calls back what it was not given": "ask(question.number, 3)",
    "calls back in another's name": "ask(question.number + 5, 0)",
    "calls back without end": "\n        while True: ask(question.number, 0)",
    "calls back with no arguments that are any": "self._channel.send({'id': question.number, 'back': 0, 'args': 5})",
    "calls back by a word": "self._channel.send({'id': question.number, 'back': 'open', 'args': [[], {'t': 'dict', 'v': []}]})",
    "floods with old calls": "\n        while True: ask(1, 0)",
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_process_that_forges_calls_back_wins_nothing_and_is_stopped(judge, forged):
    verdict = judge(
        f"""
from autograder.inside.answers import Answers
def forge(self, message, buffers):
    question = self._question
    question.number = message["id"]
    def ask(number, ref):
        self._channel.send({{"id": number, "back": ref, "args": [[], {{"t": "dict", "v": []}}]}})
    {FORGED[forged]}
    return {{"value": 4}}, []
Answers._called = forge
def f(given): return 1
""",
        ("q", "count = []\nassert f(lambda: count.append(1)) == 5"),
        ("w", "assert 1 == 2"),
    )
    assert [check.points for check in verdict.checks.values()] == [0, 0]
    assert all(check.message for check in verdict.checks.values())
    honest = judge("x = 5", ("q", "assert x == 5"))
    assert honest.checks["q"].points == 2


def test_a_function_of_a_test_cannot_be_called_when_its_call_is_over(judge):
    verdict = judge(
        "kept = []\ndef keep(f): kept.append(f)\ndef use():\n    try: return kept[0]()\n    except RuntimeError as error: return str(error)",
        (
            "q",
            "called = []\nkeep(lambda: called.append(1))\nsaid = use()\nassert called == [] and 'can only be called' in said",
        ),
        "try:\n    kept[0]()\nexcept RuntimeError:\n    x = 1",
        ("w", "assert x == 1 and called == []"),
    )
    assert [check.points for check in verdict.checks.values()] == [2, 2]


def test_calls_to_and_fro_without_end_fail_their_question_only(judge):
    verdict = judge(
        "def ping(back): return back()\ndef slow(back):\n    while True: back()\ndef stuck(back):\n    try: back()\n    finally:\n        pass\ndef quick(n): return n",
        ("endless", "def pong(): return ping(pong)\nping(pong)"),
        ("slow", "slow(lambda: 1)"),
        ("stuck", "def wait():\n    while True: pass\nstuck(wait)"),
        ("after", "assert quick(1) == 1"),
    )
    points = {name: check.points for name, check in verdict.checks.items()}
    assert points == {"endless": 0, "slow": 0, "stuck": 0, "after": 2}, {
        n: c.message for n, c in verdict.checks.items()
    }


SAYS_YES = """
import dataclasses
from collections import namedtuple
yes = lambda *given, **more: True
@dataclasses.dataclass
class Data:
    equals: object = yes
    startswith: object = yes
class Plain:
    equals = startswith = lambda self, other: True
    def __eq__(self, other): return True
    def __getattr__(self, name): return yes
class Text(str):
    def startswith(self, other): return True
class Failing(Exception):
    equals = startswith = yes
def data(): return Data()
def named(): return namedtuple("Named", "equals startswith")(yes, yes)
def plain(): return Plain()
def text(): return Text("x")
def itself(*given): return True
itself.equals = itself.startswith = yes
def function(): return itself
def failing():
    error = Failing()
    error.equals = error.startswith = yes
    return error
def generator():
    yield 1
"""


@pytest.mark.parametrize(
    "answer", ["data", "named", "plain", "text", "function", "failing", "generator"]
)
def test_nothing_arrives_that_can_say_of_itself_that_it_is_right(judge, answer):
    verdict = judge(
        SAYS_YES,
        ("equals", f"got = {answer}()\nassert got.equals('the truth')"),
        ("starts", f"got = {answer}()\nassert got.startswith('the truth')"),
        ("same", f"got = {answer}()\nassert got == 'the truth'"),
    )
    assert [check.points for check in verdict.checks.values()] == [0, 0, 0]
