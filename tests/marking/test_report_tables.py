"""From a gradebook to a page and a table: small classes, odd classes, and classes that cannot be read."""

import re
import sqlite3
import time

import nbformat
import pytest
from nbgrader.api import Gradebook, InvalidEntry
from paper_class import multiply

from autograder import cli
from autograder.course import open_course
from autograder.report.answers import read_answers
from autograder.report.page import harmless
from autograder.report.tables import ReadOnlyGradebook, read_marks

# nbgrader's own way to add a submission; nothing about the report.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

EVIL = "<script>alert(1)</script>"


def plain(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_without_submissions_the_page_says_so_in_a_sentence(paper, capsys):
    page, rows = paper.report()
    assert "No submission of ps1 has been graded yet, so there is nothing to report" in plain(page)
    assert "0 graded submissions" in capsys.readouterr().out
    assert [row["submissions"] for row in rows] == ["0"] * 4
    assert "nan" not in plain(page).lower()


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_tiny_class_has_marks_and_says_why_it_has_no_further_figures(paper, count):
    for number in range(count):
        paper.mark(f"s{number}", [number % 3, 3, 5, 4])
    page, rows = paper.report()
    assert "nan" not in plain(page).lower() and ">inf" not in page
    assert "fewer than 5 are marked" in page and "fewer than 5 submissions" in page
    assert [row["item_rest_r"] for row in rows] == [""] * 4
    assert [row["facility_p"] for row in rows][1:] == ["1"] * 3
    assert "the class won" not in page  # too few to call a question out


def test_where_all_have_the_same_points_a_dash_and_the_reason_stand_for_the_figure(paper):
    for number in range(6):
        paper.mark(f"s{number}", [number % 3, 3, number % 2 * 5, 4])
    page, rows = paper.report()
    assert rows[1]["item_rest_r"] == rows[3]["item_rest_r"] == ""
    assert rows[0]["item_rest_r"] and rows[2]["item_rest_r"]
    assert plain(page).count("— everybody has the same points here") == 2
    assert "Too easy? The class won 100%" in page


def test_a_class_in_which_all_have_everything_has_no_alpha_and_says_why(paper):
    for number in range(6):
        paper.mark(f"s{number}", [2, 3, 5, 4])
    page, _ = paper.report()
    assert "everybody has the same total" in page and "nan" not in plain(page).lower()


def test_several_notebooks_are_told_apart_and_keep_their_order(paper):
    for number in range(6):
        paper.mark(f"s{number}", [number % 3, number % 2, number % 5, number % 4])
    page, rows = paper.report()
    assert [(row["notebook"], row["question"]) for row in rows] == [
        ("first", "sums"),
        ("first", "names"),
        ("second", "sums"),
        ("second", "essay"),
    ]
    assert '<th scope="col">Notebook</th>' in page
    assert [row["marked_by"] for row in rows] == ["machine"] * 3 + ["hand"]
    assert float(rows[2]["facility_p"]) == pytest.approx(sum(n % 5 for n in range(6)) / 30)


def test_an_unmarked_answer_counts_in_no_figure_and_is_said_to_wait(paper):
    for number in range(6):
        paper.mark(f"s{number}", [number % 3, number % 2, number, None if number == 5 else 4])
    page, rows = paper.report()
    assert (rows[3]["marked"], rows[3]["to_be_marked_by_hand"]) == ("5", "1")
    assert rows[3]["facility_p"] == "1"  # and not 5/6
    assert rows[3]["unmarked"] == "1"
    assert "Not final: 1 answer in 1 submission waits to be marked" in plain(page)
    assert "6 submissions, 3 of 4 questions" in plain(page)  # alpha without the essay
    assert "To be marked by hand: 1 of 6 (17%)." in page


def test_marks_by_hand_prevail_and_extra_credit_is_in_the_mark_and_not_in_the_question(paper):
    paper.mark("ada", [0, 3, 5, 4])
    with Gradebook(paper.url, "paper") as gradebook:
        grade = gradebook.find_grade("sums-test", "first", "ps1", "ada")
        grade.manual_score, grade.extra_credit = 2, 1
        gradebook.db.commit()
        right = gradebook.find_submission("ps1", "ada").score
    _, rows = paper.report("--names")
    assert rows[0]["mean"] == "2"
    assert paper.table("submissions-with-names.csv")[0]["points"] == f"{right:g}" == "15"


def test_lateness_is_taken_off_the_mark_and_not_off_the_questions(paper):
    paper.mark("ada", [2, 3, 5, 4], fine=10, late=2)
    paper.mark("bruno", [2, 3, 5, 4], late=1)
    paper.mark("chen", [0, 0, 1, 0], fine=50, late=1)
    page, rows = paper.report("--names")
    assert "3 handed in late. 2 of them lost 11 points together." in plain(page)
    assert {row["trainee"]: row["mark"] for row in paper.table("submissions-with-names.csv")} == {
        "ada": "4",
        "bruno": "14",
        "chen": "0",
    }
    assert rows[1]["mean"] == "2"


def test_collected_and_not_graded_is_left_out_and_said(paper):
    paper.mark("ada", [2, 3, 5, 4])
    paper.mark("bruno", [None, None, None, None])
    page, rows = paper.report()
    assert rows[0]["submissions"] == "1"
    assert "1 submission in the gradebook is not graded yet and left out here" in plain(page)


def test_blank_unchecked_and_upside_down_questions_are_called_out(paper):
    for number in range(12):
        paper.mark(
            f"s{number:02}",
            [2 if number < 6 else 0, number / 4, 0 if number < 3 else number / 4, 4],
            blank=[("second", "sums")] if number < 3 else (),
            outcomes={"names": ("not_checked", "Gone.")} if number == 0 else {},
        )
    with Gradebook(paper.url, "paper") as gradebook:
        gradebook.find_grade("names-test", "first", "ps1", "s00").needs_manual_grade = True
        gradebook.db.commit()
    page, rows = paper.report()
    assert "Upside down?" in rows[0]["second_look"] and "−" in rows[0]["second_look"]
    assert "Left blank by 3 of 12 (25%)" in rows[2]["second_look"]
    assert rows[2]["blank"] == "3"
    assert rows[1]["unchecked"] == "1" and "Not checked" not in rows[1]["second_look"]
    assert "Too easy?" in rows[3]["second_look"]
    assert float(rows[0]["item_rest_r"]) < 0  # a number, and no text with a quote before it
    for row in rows:
        for reason in filter(None, row["second_look"].split("  ")):
            assert reason.split("?")[0] in plain(page)


def test_hostile_names_answers_and_messages_are_text(paper):
    name = f"=cmd|{EVIL}"
    code = f"x = {EVIL!r}  # {name}\n'''</code></pre>{EVIL}'''"
    paper.mark(
        name,
        [0, 3, 5, 4],
        codes={"sums": code},
        outcomes={"sums": ("failed", f"No {EVIL} `{EVIL}`")},
    )
    page, _ = paper.report("--names")
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "=cmd|&lt;script&gt;" in page
    row = paper.table("submissions-with-names.csv")[0]
    assert row["trainee"] == f"'{name}"
    assert "hidden truth" not in page


def test_no_trainee_is_named_unless_asked_for(paper):
    for number, name in enumerate(["adalovelace", "bruno", "max"]):
        code = f"# by {name}\nbruno_sum = 1\nmax(1, 2)\n"
        paper.mark(
            name,
            [0, 3, 5, 4],
            codes={"sums": code},
            outcomes={"sums": ("failed", f"{name}: no {number}")},
        )
    page, _ = paper.report()
    assert "adalovelace" not in page and "bruno" not in page
    assert "[name]_sum" in page and "max(1, 2)" in page
    assert not (paper.root / "report/ps1/submissions-with-names.csv").exists()
    page, _ = paper.report("--names")
    assert "adalovelace" in page and "bruno_sum" in page and "This page names trainees" in page


def test_a_graded_notebook_that_is_gone_or_damaged_is_counted_and_the_marks_stay(paper):
    for number in range(5):
        paper.mark(f"s{number}", [number % 3, 3, 5, 4])
    (paper.root / "autograded/s0/ps1/first.ipynb").unlink()
    (paper.root / "autograded/s1/ps1/first.ipynb").write_text("{")
    page, rows = paper.report()
    assert "2 graded notebooks could not be found or read" in plain(page)
    assert rows[0]["submissions"] == "5"


def test_the_gradebook_is_not_changed_and_none_is_made(paper, capsys):
    paper.mark("ada", [2, 3, 5, 4])
    book = paper.root / "gradebook.db"
    before = book.read_bytes(), book.stat().st_mtime_ns
    book.chmod(0o444)
    paper.report()
    assert (book.read_bytes(), book.stat().st_mtime_ns) == before
    assert [path.name for path in paper.root.glob("gradebook*")] == ["gradebook.db"]
    course = open_course(paper.root)
    course.directory.course_id = "another"  # nbgrader would enter a new class under this name
    assert list(read_marks(course, "ps1").points.index) == ["ada"]
    book.unlink()
    assert cli.main(["report", "ps1", "--course", str(paper.root)]) == 1
    said = capsys.readouterr().err
    assert "There is no gradebook in" in said and said.count("\n") == 1
    assert not book.exists()


def damage(book, how):
    if how == "not a database":
        book.write_bytes(b"no database " * 100)
    elif how == "no such table":
        book.write_bytes(b"")
    return sqlite3.connect(book, isolation_level=None)


@pytest.mark.parametrize("reason", ["not a database", "no such table", "locked"])
def test_a_gradebook_that_cannot_be_read_is_told_in_one_line(paper, capsys, reason):
    settings = paper.root / "nbgrader_config.py"
    settings.write_text(settings.read_text().replace("gradebook.db'", "gradebook.db?timeout=0.2'"))
    holder = damage(paper.root / "gradebook.db", reason)
    if reason == "locked":
        holder.execute("BEGIN EXCLUSIVE")
    assert cli.main(["report", "ps1", "--course", str(paper.root)]) == 1
    holder.close()
    said = capsys.readouterr().err
    assert reason in said and "gradebook.db cannot be used" in said
    assert said.count("\n") == 1
    assert not (paper.root / "report").exists()


@pytest.mark.slow
def test_a_gradebook_on_a_server_is_read_and_cannot_be_written(new_class_on_server, server, capsys):
    course = new_class_on_server()
    course.hand_in("ada", course.answers("right_pandas"))
    course.hand_in("bruno", course.answers("fees_counts_the_coinbase"))
    assert course.casework().returncode == 0
    arguments = ["report", "crypto-1", "--course", str(course.root)]
    assert cli.main(arguments) == 0
    marks = read_marks(open_course(course.root), "crypto-1")
    assert dict(marks.submissions["mark"]) == {"ada": 16, "bruno": 15}
    reading = ReadOnlyGradebook(course.url, "crossborder")
    with pytest.raises(InvalidEntry, match="read-only"):
        reading.add_student("zoe")
    reading.close()
    capsys.readouterr()
    server.stop()
    assert cli.main(arguments) == 1
    said = capsys.readouterr().err
    assert "cannot be used" in said and said.count("\n") == 1
    assert "s3cret" not in said


def test_other_mistakes_are_told_in_one_line(paper, capsys, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "file").write_text("in the way")
    for arguments, sentence in [
        (["ps2", "--course", str(paper.root)], "has no assignment 'ps2'. It has: ps1."),
        (["ps1", "--course", str(elsewhere)], "is not a course folder"),
        (
            ["ps1", "--course", str(paper.root), "--out", str(elsewhere / "file")],
            "file: File exists",
        ),
    ]:
        assert cli.main(["report", *arguments]) == 1
        said = capsys.readouterr().err
        assert sentence in said and said.count("\n") == 1


def test_a_written_report_is_replaced_whole_and_nothing_is_left_beside_it(paper):
    paper.mark("ada", [2, 3, 5, 4])
    paper.report()
    paper.report()
    assert sorted(path.name for path in (paper.root / "report/ps1").iterdir()) == [
        "questions.csv",
        "report.html",
    ]


def test_two_thousand_submissions_are_read_in_seconds(paper):
    paper.mark("ada", [1, 3, 2, None])
    with Gradebook(paper.url, "paper") as gradebook:
        multiply(gradebook, 2000)
    course = open_course(paper.root)
    started = time.process_time()
    marks = read_marks(course, "ps1")
    took = time.process_time() - started
    assert marks.points.shape == (2000, 4)
    assert took < 5, f"{took:.1f} s"
    assert read_answers(course, "ps1", marks.points.index, marks.questions).missing == 2 * 1999


def test_a_task_is_a_question_that_a_person_marks(paper):
    with Gradebook(paper.url, "paper") as gradebook:
        gradebook.add_task_cell("work", "second", "ps1", max_score=6, cell_type="markdown")
    path = paper.root / "source/ps1/second.ipynb"
    source = nbformat.read(path, as_version=4)
    about = {"grade_id": "work", "task": True, "grade": False, "solution": False, "points": 6}
    source.cells.append(nbformat.v4.new_markdown_cell("Work", metadata={"nbgrader": about}))
    nbformat.write(source, path)
    paper.mark("ada", [2, 3, 5, 4])
    _, rows = paper.report()
    assert [rows[4][column] for column in ("question", "points", "marked_by", "unmarked")] == [
        "work",
        "6",
        "hand",
        "1",
    ]


@pytest.mark.parametrize(
    "word", ["=1+1", "+1", "-x", "@SUM(1)", " =1", "\t1", "\n=1", "\N{FULLWIDTH EQUALS SIGN}1"]
)
def test_no_field_of_the_table_is_a_formula(word):
    assert harmless(word) == f"'{word}"
    assert harmless(f"a{word}") == f"a{word}"
