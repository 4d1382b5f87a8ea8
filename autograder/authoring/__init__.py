"""The author's desk: a text file and a list of questions become an ordinary nbgrader assignment.

`exercises/NAME/NAME.py` (py:percent) and `questions.yml` go in; a source notebook, its release
and the assignment on the exchange come out. What is unchanged is not built again.
"""

from autograder.authoring.answers import answer_notebook, expected_loss
from autograder.authoring.course import build_course, course_config
from autograder.authoring.errors import AuthoringError
from autograder.authoring.questions import Question, questions
from autograder.authoring.source import build_source, source_notebook

__all__ = [
    "AuthoringError",
    "Question",
    "answer_notebook",
    "build_course",
    "build_source",
    "course_config",
    "expected_loss",
    "questions",
    "source_notebook",
]
