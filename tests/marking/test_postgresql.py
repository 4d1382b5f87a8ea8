"""A gradebook on a PostgreSQL server: the same marks, and nothing lost when the server goes away."""

import subprocess
import sys

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


def test_what_formgrader_shows_and_what_is_exported_is_the_same(new_class, new_class_on_server):
    file, ours = new_class(), new_class_on_server()
    for course in (file, ours):
        hand_in(course)
        assert course.casework().returncode == 0
        done = course.nbgrader("export", "--to", "marks.csv")
        assert done.returncode == 0, done.stderr[-2000:]
        done = course.nbgrader("generate_feedback", "crypto-1")
        assert done.returncode == 0, done.stderr[-2000:]
    # In the order in which they were graded, which is nobody's.
    lines = [sorted((c.root / "marks.csv").read_text().splitlines()) for c in (file, ours)]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 5
    assert "16 of 20 points" in ours.feedback("ada")
    assert ours.feedback("bruno") == file.feedback("bruno")
    for question in (
        lambda api: api.get_assignments(),
        lambda api: api.get_assignment("crypto-1"),
        lambda api: api.get_notebooks("crypto-1"),
        lambda api: api.get_submissions("crypto-1"),
        lambda api: api.get_notebook_submissions("crypto-1", "crypto-1"),
        lambda api: api.get_students(),
        lambda api: api.get_student_submissions("ada"),
        lambda api: api.get_student_notebook_submissions("ada", "crypto-1"),
    ):
        told = [without_ids(question(course.api())) for course in (file, ours)]
        assert told[0] == told[1]
        assert told[0]


def test_a_process_that_knows_nothing_of_us_but_the_configuration_can_list_submissions(
    new_class_on_server,
):
    course = new_class_on_server()
    course.hand_in("ada", course.answers("blank"))
    assert course.casework().returncode == 0
    program = """
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
app = NbGrader()
app.initialize([])
(told,) = NbGraderAPI(app.coursedir, parent=app).get_submissions("crypto-1")
print(told["student"], told["needs_manual_grade"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=course.root, capture_output=True, text=True
    )
    assert done.stdout == "ada True\n", done.stderr


def without_ids(told):
    """What formgrader is told, without the random ids and the place of the course folder."""
    if isinstance(told, list):
        return sorted((without_ids(one) for one in told), key=repr)
    if isinstance(told, dict):
        return {
            k: without_ids(v)
            for k, v in told.items()
            if k not in ("id", "index", "source_path", "release_path")
        }
    return told
