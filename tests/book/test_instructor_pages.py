"""What the pages for instructors claim is still so: the tests, limits, kinds and exceptions that they name."""

import re

import pytest
from making import HOUSE

from autograder.judge.raised import MODULES
from autograder.judge.standins import MOST_CALLS_BACK, MOST_ITEMS
from autograder.limits import MB, Limits
from autograder.wire import Caps
from autograder.wire.crossing import CROSSES, INSTEAD


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


def rows(page: str, heading: str) -> list[tuple[str, ...]]:
    """The rows of the table under a heading of two columns."""
    table = page.split(f"| {heading} |\n| --- | --- |\n")[1].split("\n\n")[0]
    return [
        tuple(cell.strip() for cell in row.strip("| ").split(" | ")) for row in table.splitlines()
    ]


def test_the_page_for_authors_says_what_the_grader_lets_across() -> None:
    page = (HOUSE / "book/for-authors.md").read_text(encoding="utf-8")
    assert rows(page, "the name or the answer is | the test gets") == list(CROSSES)
    assert rows(page, "instead of | ask for") == [
        (kind, better.rstrip(",")) for kind, better in INSTEAD.items()
    ]
    classes = re.search(r"The real classes are those of ([^.]*(?:\.\w[^.]*)*)\. Others", page)
    assert classes is not None
    assert tuple(re.findall(r"`([\w.]+)`", classes[1])) == MODULES
    assert f"at most {MOST_CALLS_BACK:,} times" in page
    assert f"at most {MOST_ITEMS:,} items" in page
    assert f"at most {Caps().depth} levels deep" in page
