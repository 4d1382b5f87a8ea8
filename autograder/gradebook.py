"""How does a verdict reach nbgrader's gradebook? Through its own API, as nbgrader would write it."""

from nbgrader.api import Gradebook

from autograder.grading import Graded

NO_RESPONSE = "No response."
"""nbgrader's own words for an answer that was left as it was released."""


def record(
    gradebook: Gradebook, assignment: str, notebook: str, student: str, graded: Graded
) -> None:
    """Write one verdict: points, what a person must still mark, and comments, in one transaction.

    Arguments: an open gradebook that knows the submission; the ids of assignment, notebook and
    trainee; what became of the submission. Marks and comments that an instructor gave by hand
    stay as they are, and are flagged for another look as nbgrader does. Raises MissingEntry when
    the gradebook has no such submission.
    """
    submitted = gradebook.find_submission_notebook(notebook, assignment, student)
    for grade in submitted.grades:
        check = graded.checks.get(grade.name)
        if check is not None:
            grade.auto_score = float(check.points)
        else:
            # Marked by hand. Nobody need look at a file that could not be read.
            grade.auto_score = None if graded.readable else 0.0
        unsure = check is not None and check.outcome == "not_checked"
        grade.needs_manual_grade = (
            unsure or grade.manual_score is not None or grade.auto_score is None
        )
    for comment in submitted.comments:
        comment.auto_comment = NO_RESPONSE if comment.name in graded.unanswered else None
    gradebook.db.commit()
