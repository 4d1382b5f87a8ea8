"""Every answer of the exercise gets the marks that its first line promises, as nbgrader gives them."""

import pytest

from autograder.authoring import expected_loss, questions

WHOLE = "right_pandas"


def promised(exercise, answer) -> dict[str, float]:
    """Points by question that an answer keeps, without the question that a person marks."""
    lost = expected_loss(exercise / "answers" / f"{answer}.py")
    full = {question.id: float(question.points) for question in questions(exercise)}
    full.pop("finding")
    return {name: points - lost.get(name, 0.0) for name, points in full.items()}


def messages(course, student) -> dict[str, str]:
    """Question to what the judge said about it."""
    return {
        cell.metadata.nbgrader.grade_id.removesuffix("-test"): cell.outputs[0].text
        for cell in course.graded(student).cells
        if "casework" in cell.metadata
    }


def answers(exercise) -> list[str]:
    return sorted(path.stem for path in (exercise / "answers").glob("*.py"))


@pytest.mark.slow
def test_every_answer_loses_exactly_what_it_should(new_class):
    course = new_class(patience="")
    names = answers(course.exercise)
    for name in names:
        course.hand_in(name, course.answers(name))
    done = course.casework()
    assert done.returncode == 0, done.stderr
    marks = {name: course.points(name) for name in names}
    surprises = {
        name: {
            question: messages(course, name)[question]
            for question in kept
            if kept[question] != won[question]
        }
        for name in names
        if (won := marks[name]) != (kept := promised(course.exercise, name))
    }
    assert surprises == {}
    assert sum(marks[WHOLE].values()) == 16
    assert sum(marks["blank"].values()) == 0
    assert all(course.book()[name]["finding"] == (None, True) for name in names)
    assert set(course.comments("blank").values()) == {"No response."}


@pytest.mark.slow
def test_nbgrader_alone_gives_the_same_points_on_every_honest_answer(new_class):
    ours, stock = new_class("ours", patience=""), new_class("stock", stock=True)
    names = answers(ours.exercise)
    for name in names:
        for course in (ours, stock):
            course.hand_in(name, course.answers(name))
    assert ours.casework().returncode == 0
    done = stock.nbgrader("autograde", "crypto-1")
    assert done.returncode == 0, done.stderr[-2000:]
    marks = stock.book()
    assert set(marks) == set(names)
    assert ours.book() == marks
