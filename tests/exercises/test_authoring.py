"""What is an author told? Each mistake has a name here, and a sentence that names place and remedy."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import (
    AuthoringError,
    answer_notebook,
    build_course,
    build_source,
    course_config,
    expected_loss,
    questions,
)

QUESTIONS = """\
- id: sum
  title: Add two numbers
  points: 2
  hint: Use the sign +.
  chapter: book/adding#plus
  asks: Add two numbers.
- id: why
  title: Say why
  points: 1
  hint: One sentence will do.
  chapter: book/adding#why
  asks: Say why the order does not matter.
"""
SOURCE = '''\
# %% [markdown]
# # Adding

# %% [markdown] question="sum"
# Write `add`.

# %% answer="sum"
def add(a, b):
    """Add."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION

# %% test="sum"
assert add(1, 2) == 3, "1 and 2 make 3."
### BEGIN HIDDEN TESTS
assert add(-4, 4) == 0, "It does not work below zero."
### END HIDDEN TESTS

# %% [markdown] question="why"
# Why does the order not matter?

# %% [markdown] written="why"
# A person reads this.
# ### BEGIN MARK SCHEME
# One point for the word "same".
# ### END MARK SCHEME

# %% [markdown] answer="why"
# **Because:**
'''
WRONG = '# loses: sum=2\n\n# %% answer="sum"\ndef add(a, b):\n    return a - b\n'


@pytest.fixture
def adding(tmp_path: Path) -> Path:
    """A small exercise that is right."""
    folder = tmp_path / "adding"
    (folder / "answers").mkdir(parents=True)
    (folder / "adding.py").write_text(SOURCE)
    (folder / "questions.yml").write_text(QUESTIONS)
    (folder / "answers" / "sum_subtracts.py").write_text(WRONG)
    (folder / "answers" / "right.py").write_text("# right\n")
    (folder / "answers" / "blank.py").write_text("# blank\n")
    return folder


def test_roles_become_the_metadata_that_nbgrader_reads(adding: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(build_source(adding, tmp_path / "out"), as_version=4)
    kinds = {
        cell.metadata.nbgrader.grade_id: (
            cell.cell_type,
            [
                name
                for name in ("grade", "solution", "locked", "task")
                if cell.metadata.nbgrader[name]
            ],
            cell.metadata.nbgrader.get("points"),
        )
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    assert kinds == {
        "sum": ("code", ["solution"], None),
        "sum-test": ("code", ["grade", "locked"], 2),
        "why": ("markdown", ["locked", "task"], 1),
    }


def test_a_question_gets_its_heading_hint_and_chapter_from_the_list(
    adding: Path, tmp_path: Path
) -> None:
    path = build_source(adding, tmp_path / "out", book_url="https://book.example/en/")
    asked = nbformat.read(path, as_version=4).cells[1].source
    assert asked.startswith("## Question 1 · Add two numbers\n\n*2 points*")
    assert "<details><summary>Hint for question 1</summary>\n\nUse the sign +." in asked
    assert "(https://book.example/en/book/adding.html#plus)" in asked


def test_the_same_text_gives_the_same_bytes_and_touches_nothing(
    adding: Path, tmp_path: Path
) -> None:
    path = build_source(adding, tmp_path / "out")
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert build_source(adding, tmp_path / "out") == path
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('test="sum"', 'test="som"', r"line 14: the test cell 'som' belongs to no question"),
        ('test="sum"', 'exam="sum"', r"line 14: 'exam' is not a role"),
        ('test="sum"', 'test="sum" locked="x"', r"line 14: a cell has one role, not 2"),
        ('test="sum"', 'test="Sum!"', r"line 14: write the id as test=\"small-letters\""),
        (
            "    ### END SOLUTION\n",
            "",
            r"line 7: the answer cell 'sum' has no line '### END SOLUTION'",
        ),
        ("### END HIDDEN TESTS\n", "", r"line 14: .* has no line '### END HIDDEN TESTS'"),
        ("    ### BEGIN SOLUTION\n", "", r"line 11: .* SOLUTION is closed before it is opened"),
        ("def add(a, b):", "def add(a, b)", r"line 8: the answer cell 'sum' is not Python"),
        ("# Write `add`.", "# ![](a.png)", r"line 4: .* has an image without a description"),
        ("# Write `add`.", '# <img src="a.png">', r"line 4: .* has an image without a description"),
        ('[markdown] question="sum"', 'question="sum"', r"line 4: the question cell 'sum' must be"),
        ('# %% test="sum"', '# %% [markdown] test="sum"', r"line 14: .* region|must be code"),
        ('answer="why"', 'question="sum"', r"line 29: the question cell 'sum' is there twice"),
        ("# ### BEGIN MARK SCHEME\n", "# ### BEGIN SOLUTION\n", r"line 23: .*SOLUTION"),
    ],
)
def test_a_mistake_in_the_text_is_named_with_its_line(
    adding: Path, old: str, new: str, sentence: str
) -> None:
    assert old in SOURCE
    (adding / "adding.py").write_text(SOURCE.replace(old, new, 1))
    with pytest.raises(AuthoringError, match=sentence) as caught:
        build_source(adding, adding.parent / "out")
    assert str(caught.value).startswith(str(adding / "adding.py"))
    assert not (adding.parent / "out").exists()


@pytest.mark.parametrize(
    ("drop", "sentence"),
    [
        ("question", r"question 'sum' has no cell question=\"sum\""),
        ("answer", r"question 'sum' has no cell answer=\"sum\""),
        ("test", r"question 'sum' has neither a test nor a written cell"),
    ],
)
def test_a_question_that_lacks_a_cell_is_named(adding: Path, drop: str, sentence: str) -> None:
    cells = re.split(r"(?m)^(?=# %%)", SOURCE)
    kept = [cell for cell in cells if f'{drop}="sum"' not in cell]
    (adding / "adding.py").write_text("".join(kept))
    with pytest.raises(AuthoringError, match=sentence):
        build_source(adding, adding.parent / "out")


@pytest.mark.parametrize(
    ("region", "sentence"),
    [
        ("SOLUTION", r"the answer cell 'sum' needs code between '### BEGIN SOLUTION'"),
        ("HIDDEN TESTS", r"the test cell 'sum' has no '### BEGIN HIDDEN TESTS' region"),
        ("MARK SCHEME", r"the written cell 'why' has no '### BEGIN MARK SCHEME' region"),
    ],
)
def test_a_cell_that_lacks_its_region_is_named(adding: Path, region: str, sentence: str) -> None:
    marks = rf"(?m)^.*### (BEGIN|END) {region}\n"
    (adding / "adding.py").write_text(re.sub(marks, "", SOURCE))
    with pytest.raises(AuthoringError, match=sentence):
        build_source(adding, adding.parent / "out")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("  hint: Use the sign +.\n", "", r"question 'sum' has no hint"),
        ("  points: 2\n", "", r"question 'sum' has no points"),
        ("points: 2", "points: 0", r"question 'sum' has points '0'. Write a number above 0"),
        ("points: 2", "points: two", r"question 'sum' has points 'two'"),
        ("points: 2", "points: yes", r"question 'sum' has points 'True'"),
        ("  points: 2\n", "  points: 2\n  marks: 2\n", r"question 'sum' has a field 'marks'"),
        ("id: why", "id: sum", r"two questions have the id 'sum'"),
        ("id: sum", "id: Sum", r"the id 'Sum' must be small letters"),
        ("book/adding#plus", "adding", r"question 'sum' has the chapter 'adding'"),
        ("title: Say why", "title: 3", r"question 'why' has a title that is not text"),
        ("- id: sum\n", "- id: [sum\n", r"line \d+: this is not YAML"),
        (QUESTIONS, "", r"write a list of questions"),
        (QUESTIONS, "- sum\n", r"question 1 is not a list of 'field: value' lines"),
    ],
)
def test_a_mistake_in_the_list_of_questions_is_named(
    adding: Path, old: str, new: str, sentence: str
) -> None:
    assert old in QUESTIONS
    (adding / "questions.yml").write_text(QUESTIONS.replace(old, new, 1))
    with pytest.raises(AuthoringError, match=sentence) as caught:
        questions(adding)
    assert str(caught.value).startswith(str(adding / "questions.yml"))


def test_a_missing_file_is_named(adding: Path) -> None:
    (adding / "adding.py").unlink()
    with pytest.raises(AuthoringError, match=r"adding\.py: there is no such file"):
        build_source(adding, adding.parent / "out")
    (adding / "questions.yml").unlink()
    with pytest.raises(AuthoringError, match=r"questions\.yml: there is no such file"):
        questions(adding)


def test_an_answer_says_what_it_loses(adding: Path) -> None:
    answers = adding / "answers"
    assert expected_loss(answers / "sum_subtracts.py") == {"sum": 2.0}
    assert expected_loss(answers / "right.py") == {}
    assert expected_loss(answers / "blank.py") == {"sum": 2.0, "why": 1.0}


def test_an_answer_fills_the_release_as_a_trainee_would(adding: Path, tmp_path: Path) -> None:
    [release] = build_course(tmp_path / "course", [adding])
    blank = nbformat.read(release, as_version=4)

    def answered(name: str) -> str:
        notebook = answer_notebook(adding, release, adding / "answers" / f"{name}.py")
        nbformat.validate(notebook)
        return next(cell.source for cell in notebook.cells if cell["id"] == "sum")

    assert "return a - b" in answered("sum_subtracts")
    assert "return a + b" in answered("right")
    assert "###" not in answered("right")
    assert answered("blank") == next(cell.source for cell in blank.cells if cell["id"] == "sum")
    assert nbformat.read(release, as_version=4) == blank


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (WRONG.replace("# loses: sum=2", "# wrong"), r"line 1: write '# right', '# blank' or"),
        (WRONG.replace("sum=2", "som=2"), r"line 1: there is no question 'som'"),
        (WRONG.replace("sum=2", "sum=3"), r"line 1: 'sum' is worth 2, so it cannot lose 3"),
        (WRONG.replace("sum=2", "sum=0"), r"line 1: 'sum' is worth 2, so it cannot lose 0"),
        (WRONG.replace('answer="sum"', 'answer="som"'), r"line 3: there is no question 'som'"),
        (WRONG.replace("answer=", "test="), r"line 3: every cell here starts with"),
        (WRONG + WRONG.partition("\n\n")[2], r"line 6: the answer cell 'sum' is there twice"),
        (WRONG.replace("%% answer", "%% [markdown] answer"), r"line 3: .* must be code"),
        ("# loses: sum=2\n", r"it loses points and answers nothing"),
        ("# blank\n" + WRONG.partition("\n")[2], r"the blank release answers nothing"),
    ],
)
def test_a_mistake_in_an_answer_is_named(adding: Path, text: str, sentence: str) -> None:
    answer = adding / "answers" / "sum_subtracts.py"
    answer.write_text(text)
    source = build_source(adding, adding.parent / "out")
    with pytest.raises(AuthoringError, match=sentence):
        answer_notebook(adding, source, answer)


def test_an_answer_to_another_release_is_refused(adding: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(build_source(adding, tmp_path / "out"), as_version=4)
    notebook.cells = notebook.cells[:2]
    with pytest.raises(AuthoringError, match=r"the release has no cell 'sum'"):
        answer_notebook(adding, notebook, adding / "answers" / "right.py")


@pytest.mark.slow
def test_a_course_is_built_once_and_again_when_the_text_changes(
    adding: Path, tmp_path: Path
) -> None:
    course, lines = tmp_path / "course", list[str]()
    [release] = build_course(course, [adding], say=lines.append)
    outbound = course / "exchange" / "crossborder" / "outbound" / "adding" / "adding.ipynb"
    assert outbound.read_bytes() == release.read_bytes()
    build_course(course, [adding], say=lines.append)
    (adding / "adding.py").write_text(SOURCE.replace("Write `add`.", "Write the function `add`."))
    build_course(course, [adding], say=lines.append)
    assert lines == [
        "adding: building and releasing",
        "adding: unchanged",
        "adding: building and releasing",
    ]
    assert "Write the function `add`." in outbound.read_text()
    (course / ".built" / "adding.json").write_text("{cut")
    outbound.unlink()
    build_course(course, [adding], say=lines.append)
    assert lines[-1] == "adding: building and releasing"
    assert outbound.is_file()


def test_an_empty_function_stays_python(adding: Path, tmp_path: Path) -> None:
    [release] = build_course(tmp_path / "course", [adding])
    cells = json.loads(release.read_text())["cells"]
    stub = "".join(next(cell["source"] for cell in cells if cell["id"] == "sum"))
    names: dict[str, object] = {}
    exec(stub, names)
    assert names["add"](1, 2) is None
    assert stub.endswith("    # Write your code here.")


def test_a_refusal_of_nbgrader_is_passed_on(adding: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    course.mkdir()
    config = course_config(course, course / "exchange")
    (course / "nbgrader_config.py").write_text(
        config + "c.ClearSolutions.code_stub = {'R': 'nothing for Python'}\n"
    )
    with pytest.raises(AuthoringError) as caught:
        build_course(course, [adding])
    assert str(caught.value).endswith(
        "adding: nbgrader could not generate assignment: "
        "language 'python' has not been specified in ClearSolutions.code_stub"
    )
    assert not (course / "release" / "adding").exists()
