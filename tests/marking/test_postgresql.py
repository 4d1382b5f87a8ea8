"""A gradebook on a PostgreSQL server: the same marks, and nothing lost when the server goes away."""

import pytest
from database_server import PASSWORD

pytestmark = pytest.mark.slow

RIGHT = {"block-time": 2, "block-hash": 2, "transaction-count": 2, "fees": 3, "balance": 3}
RIGHT |= {"plot": 2, "tip": 2}


def hand_in(course) -> None:
    """What a small class hands in: right, wrong, blank and broken."""
    course.hand_in("ada", course.answers("right_pandas"))
    course.hand_in("bruno", course.answers("fees_counts_the_coinbase"))
    course.hand_in("chen", course.answers("blank"))
    course.hand_in("dora", b"{")


def whole_book(course) -> dict:
    """All that a gradebook says of each submission."""
    from nbgrader.api import Gradebook

    with Gradebook(course.url, "crossborder") as gradebook:
        return {
            submission.student.id: (
                submission.timestamp,
                submission.score,
                submission.needs_manual_grade,
                [
                    (n.name, n.score, n.max_score, n.late_submission_penalty)
                    for n in submission.notebooks
                ],
                sorted(
                    (g.name, g.auto_score, g.manual_score) for g in submission.notebooks[0].grades
                ),
                sorted((c.name, c.auto_comment) for c in submission.notebooks[0].comments),
            )
            for submission in gradebook.assignment_submissions("crypto-1")
        }


def test_every_door_gives_the_marks_that_a_file_would_have(new_class, new_class_on_server):
    file, ours, nbgraders, button = new_class(), *(new_class_on_server() for _ in range(3))
    for course in (file, ours, nbgraders, button):
        hand_in(course)
    for course in (file, ours):
        done = course.casework()
        assert done.returncode == 0, done.stderr
    done = nbgraders.nbgrader("autograde", "crypto-1")
    assert done.returncode == 0, done.stderr[-2000:]
    for student in ("ada", "bruno", "chen", "dora"):
        result = button.api().autograde("crypto-1", student)
        assert result["success"], result
    assert ours.points("ada") == RIGHT
    expected = whole_book(file)
    assert len(expected) == 4
    for course in (ours, nbgraders, button):
        assert whole_book(course) == expected
        assert not (course.root / "gradebook.db").exists()
        assert PASSWORD not in "".join(str(p.read_bytes()) for p in course.root.rglob("*.ipynb"))
