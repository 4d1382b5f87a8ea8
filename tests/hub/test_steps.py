"""What is built before the hub starts: what changed and nothing else, and told in words."""

import sys

import pytest

from hub.steps import StepError, _run, fingerprint, readable


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "reading sources... [ 33%] book/start-here\n",
            "reading sources... [ 33%] book/start-here",
        ),
        ("\x1b[92m=====\x1b[0m\n", ""),
        ("\x1b[01mbuild succeeded\x1b[39;49;00m.\n", "build succeeded."),
        ("\n", ""),
    ],
)
def test_progress_is_shown_in_words_without_colours_or_rules(line, shown):
    assert readable(line) == shown


def test_a_step_that_fails_shows_what_it_said_and_what_was_called():
    said = []
    program = "print('first'); print('=' * 20); raise SystemExit(3)"
    with pytest.raises(StepError, match="first") as failure:
        _run([sys.executable, "-c", program], "The book could not be built", said.append)
    assert said == ["first"]
    assert "The book could not be built" in str(failure.value)


def test_a_changed_file_changes_the_fingerprint_and_an_untouched_tree_does_not(house):
    before = fingerprint([house / "_toc.yml"])
    assert fingerprint([house / "_toc.yml"]) == before
    assert fingerprint([house / "_config.yml"]) != before
