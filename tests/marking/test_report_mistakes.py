"""Which wrong answers are one: the same message with other numbers, the same code with other comments."""

import pandas as pd
import pytest

from autograder.report.mistakes import bare, commonest, visible, without_names, wording


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Your function says 77053.", "Your function says 12."),
        ("It gave 'abc'.", "It gave 'something else'."),
        ("It gave datetime(2020, 1, 2).", "It gave datetime(2019, 12, 31)."),
        ("Balance of bcrt1q9zmx0wrong0address is -3.5", "Balance of bcrt1qother0address0000 is 7"),
        ("You have 1,390 satoshi", "You have  -2 satoshi"),
    ],
)
def test_messages_that_differ_in_numbers_and_quotations_are_one(one, other):
    assert wording(one) == wording(other)


def test_messages_that_differ_in_words_are_two():
    assert wording("Your fees are negative.") != wording("Your fees are in bitcoin.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1 # mine", "x=1"),
        ("def f(a):\n    '''What it does.'''\n    return (a)", "def f(a):\n\n  return a\n"),
        ("%matplotlib inline\n# note\nx = 1  ", "%matplotlib inline\n\nx = 1"),
    ],
)
def test_code_that_differs_in_comments_and_layout_is_one(one, other):
    assert bare(one) == bare(other)


@pytest.mark.parametrize(
    "code",
    [
        "(" * 5000,
        "-" * 4999 + "1",
        "a." * 2000 + "b",
        "x = 1\0",
        "'\ud800'",
        "\n" * 100_000,
        "1+" * 200_000 + "1",
        "def f(:",
        "'\\d'",
    ],
)
def test_no_code_of_a_trainee_stops_the_report(code, recwarn):
    assert isinstance(bare(code), str)
    assert not recwarn.list


def test_signs_that_hide_or_turn_text_are_written_out():
    assert visible("a\u202eb\x1b[31m\u200b\n\tc") == "a\\u202eb\\u001b[31m\\u200b\n\tc"
    assert visible("Ünïcode 区块 – fine") == "Ünïcode 区块 – fine"


def test_names_are_taken_out_as_whole_words_and_words_of_python_stay():
    hide = without_names(["ada", "Chen Li", "max", "bo", "o'neil"])
    assert hide("ada_answer by ADA, not canada") == "[name]_answer by [name], not canada"
    assert hide("Chen Li, Chen, li") == "[name], [name], li"
    assert hide("max(bo)") == "max(bo)"
    assert hide("o'neil") == "[name]"
    assert without_names([])("anything") == "anything"


def table(rows):
    columns = ["student", "question", "outcome", "message", "code"]
    return pd.DataFrame(rows, columns=columns)


def test_the_commonest_comes_first_with_the_code_of_most_and_the_rest_is_counted():
    rows = [(f"s{n}", 1, "failed", f"You say {n}.", "x = 1 # own") for n in range(3)]
    rows += [("s3", 1, "failed", "You say 99.", "x = 2"), ("s4", 1, "passed", "", "x = 3")]
    rows += [(f"t{n}", 1, "failed", f"Wrong in way {'abcdef'[n]}.", "y") for n in range(6)]
    rows += [("s5", 1, "failed", "You say 5.", "x = 1"), ("s6", 1, "not_checked", "gone", "z")]
    told = table(rows)
    fates = pd.DataFrame({1: "none"}, index=told["student"])
    fates.loc["s4", 1], fates.loc["s5", 1], fates.loc["s6", 1] = "full", "blank", "unchecked"
    found = commonest(told, fates)[1]
    first = found.shown[0]
    assert (first.count, first.same, first.answers) == (4, 3, 2)
    assert (first.code, first.variants) == ("x = 1", 4)
    assert first.message in {"You say 0.", "You say 1.", "You say 2."}
    assert first.students == ("s0", "s1", "s2", "s3")
    assert [len(found.shown), found.others] == [5, 2]
    assert commonest(told, fates) == commonest(told.sample(frac=1, random_state=1), fates)


def test_where_nothing_is_wrong_there_is_nothing_to_tell():
    told = table([("ada", 1, "passed", "", "x")])
    assert commonest(told, pd.DataFrame({1: ["full"]}, index=["ada"])) == {}
    assert commonest(table([]), pd.DataFrame()) == {}


def test_a_very_long_answer_is_cut():
    rows = table([("ada", 1, "failed", "No.", "x = [" + "1, " * 9000 + "]\n" + "y\n" * 900)])
    shown = commonest(rows, pd.DataFrame({1: ["none"]}, index=["ada"]))[1].shown[0]
    assert len(shown.code) < 2500 and "cut here" in shown.code
