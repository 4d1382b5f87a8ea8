"""What the pages for instructors claim is still so: the tests they name, the limits they give."""

import re

import pytest
from making import HOUSE

from autograder.limits import MB, Limits


def test_every_test_that_the_page_on_protection_names_exists() -> None:
    page = (HOUSE / "book/how-grading-is-protected.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    written = "".join(path.read_text("utf-8") for path in (HOUSE / "tests").glob("*/test_*.py"))
    assert len(named) > 20
    assert {name for name in named if f"def {name}(" not in written} == set()


@pytest.mark.parametrize(
    ("value", "unit", "name"),
    re.findall(
        r"\| ([\d,]+) ?(seconds|MB)? \| `(\w+)` \|",
        (HOUSE / "book/for-instructors.md").read_text(encoding="utf-8"),
    ),
)
def test_the_limits_on_the_page_are_those_of_the_grader(value: str, unit: str, name: str) -> None:
    given = int(value.replace(",", "")) * (MB if unit == "MB" else 1)
    assert given == getattr(Limits(), name)
