"""One class, three doors: whatever some hand in, each gets a mark of their own and a clear message."""

import json

import pytest

LOOP = "while True:\n    pass"


def fill(course) -> list[str]:
    """Hand in what a real class hands in; the names of the students."""
    right = course.answers("right_pandas")
    deleted, twice, loop = (json.loads(json.dumps(right)) for _ in range(3))
    at = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): n
        for n, cell in enumerate(right.cells)
    }
    del deleted["cells"][at["fees-test"]]
    twice["cells"].append(twice["cells"][at["fees-test"]])
    loop["cells"][at["fees"]]["source"] = LOOP
    kept = {
        "ada": right,
        "bruno": json.dumps(right).encode()[:2000],
        "chen": deleted,
        "dora": twice,
        "emil": loop,
        "fatou": course.answers("blank"),
        "goran": course.answers("fees_counts_the_coinbase"),
        "hana": right,
    }
    for student, notebook in kept.items():
        folder = course.hand_in(student, notebook)
        if student == "hana":
            (folder / "crypto-1.ipynb").rename(folder / "crypto-1 (2).ipynb")
            (folder / "pandas.py").write_text("raise SystemExit")
            (folder / "leak.html").symlink_to(course.root / "gradebook.db")
            (folder / "broken").symlink_to("/nowhere")
    return list(kept)


def check_marks(course) -> None:
    whole = {"block-time": 2, "block-hash": 2, "transaction-count": 2, "fees": 3, "balance": 3}
    whole |= {"plot": 2, "tip": 2}
    nothing = dict.fromkeys(whole, 0)
    assert {student: course.points(student) for student in course.book()} == {
        "ada": whole,
        "bruno": nothing,
        "chen": whole,
        "dora": whole,
        "emil": whole | {"fees": 0},
        "fatou": nothing,
        "goran": whole | {"fees": 2},
        "hana": whole,
    }


def check_messages(course) -> None:
    assert "damaged" in course.graded("bruno").cells[0].source
    assert "'fees-test' was missing" in course.graded("chen").cells[0].source
    assert "'fees-test' was there 2 times" in course.graded("dora").cells[0].source
    assert "3 seconds" in course.graded("emil").cells[0].source
    assert course.graded("ada").cells[0].id != "casework-notes"
    assert course.book()["bruno"]["finding"] == (0, False)
    folder = course.root / "autograded" / "hana" / "crypto-1"
    assert sorted(path.name for path in folder.iterdir()) == [
        "crypto-1.ipynb",
        "submission_secret.txt",
        "timestamp.txt",
    ]


@pytest.mark.slow
def test_casework_grade_gives_each_a_mark_and_says_what_was_wrong(new_class):
    course = new_class()
    students = fill(course)
    done = course.casework()
    assert done.returncode == 0, done.stderr
    check_marks(course)
    check_messages(course)
    for student in students:
        assert student in done.stdout
    assert "bruno: The submitted notebook is damaged" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "Nothing to grade" in course.casework().stdout


@pytest.mark.slow
def test_nbgraders_own_command_gives_the_same_gradebook(new_class):
    course, ours = new_class("nbgrader"), new_class("casework")
    fill(course)
    fill(ours)
    done = course.nbgrader("autograde", "crypto-1")
    assert done.returncode == 0, done.stderr[-2000:]
    check_marks(course)
    check_messages(course)
    assert "bruno: The submitted notebook is damaged" in done.stderr
    assert ours.casework().returncode == 0
    assert course.book() == ours.book()


@pytest.mark.slow
def test_formgraders_button_gives_the_same_gradebook(new_class):
    course, ours = new_class("formgrader"), new_class("casework")
    fill(ours)
    api = course.api()
    for student in fill(course):
        result = api.autograde("crypto-1", student)
        assert result["success"], result
    check_marks(course)
    check_messages(course)
    assert ours.casework().returncode == 0
    assert course.book() == ours.book()


@pytest.mark.slow
def test_a_mark_given_by_hand_survives_grading_again_and_is_flagged(new_class):
    from nbgrader.api import Gradebook

    course = new_class()
    course.hand_in("ada", course.answers("right_pandas"))
    assert course.casework().returncode == 0
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "crossborder") as gradebook:
        grade = gradebook.find_grade("finding", "crypto-1", "crypto-1", "ada")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        gradebook.db.commit()
    assert course.casework("--force", "--student", "ada").returncode == 0
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "crossborder") as gradebook:
        grade = gradebook.find_grade("finding", "crypto-1", "crypto-1", "ada")
        assert (grade.score, grade.needs_manual_grade) == (3.5, True)
        assert gradebook.find_submission("crypto-1", "ada").score == 19.5
