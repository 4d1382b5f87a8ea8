"""What nbgrader calls while it collects and grades. Named in its configuration; nothing is forked.

collect     CarefulCollect          copies plain files, follows no link
autograde   tidy_submission         leaves in the folder what belongs there
            SubmissionExporter      reads the file, whatever it is, as a whole notebook
            JudgeSubmission         runs it in the sandbox and has it judged
            SaveVerdict             writes the verdict into the gradebook
"""

import os
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import log as traitlets_log

from autograder.course import Course, database
from autograder.gradebook import record
from autograder.grading import judge_and_tell, with_notes
from autograder.normalise import normalise
from autograder.submission import tidy


def tidy_submission(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook before one submission is graded: see `autograder.submission.tidy`.

    Arguments, as nbgrader gives them: the assignment; the pattern of students, unused; the paths
    of the notebooks found in one submitted folder, a list that is corrected in place.
    """
    folder = Path(notebooks[0]).parent
    # nbgrader works in the course folder while it converts.
    expected = [path.stem for path in sorted((Path.cwd() / "source" / assignment).glob("*.ipynb"))]
    expected = expected or [Path(notebook).stem for notebook in notebooks]
    try:
        notes = tidy(folder, expected)
    except OSError:
        # nbgrader goes on after a failed hook. Without notebooks it grades nothing and says so.
        notebooks.clear()
        raise
    notebooks[:] = [
        str(folder / f"{name}.ipynb")
        for name in expected
        if os.path.lexists(folder / f"{name}.ipynb")
    ]
    for note in notes:
        traitlets_log.get_logger().warning("%s: %s", folder.parent.name, note)


class SubmissionExporter(NotebookExporter):
    """Reads a submitted notebook on the instructor's copy; later, reads that result back."""

    def from_filename(
        self, filename: str, resources: ResourcesDict | None = None, **options: Any
    ) -> tuple[str, ResourcesDict]:
        """Convert a notebook file; whatever a trainee handed in comes out as a whole notebook."""
        ids = resources["nbgrader"]
        self.course = Course(self.parent.coursedir, parent=self)
        path = Path(filename)
        if path.parent != self.course.folder("submitted", ids["student"], ids["assignment"]):
            return super().from_filename(filename, resources, **options)
        made = normalise(path, self.course.master(ids["assignment"], ids["notebook"]))
        for note in made.notes:
            self.log.warning("%s: %s", ids["student"], note)
        resources["metadata"] = {"name": ids["notebook"], "path": str(path.parent)}
        return self.from_notebook_node(with_notes(made), resources=resources, **options)


class JudgeSubmission(NbGraderPreprocessor):
    """Stands where nbgrader runs the notebook: the cells run in the sandbox, the tests in the judge."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Fill in outputs and messages; leave the verdict in the resources for `SaveVerdict`."""
        ids, course = resources["nbgrader"], self.parent.course
        sandbox = course.sandbox()
        if sandbox.stamp:
            self.log.warning("%s: %s", ids["student"], sandbox.stamp)
        graded = judge_and_tell(
            nb,
            course.master(ids["assignment"], ids["notebook"]),
            sandbox,
            course.environment(ids["student"], ids["assignment"]),
        )
        resources["casework"] = graded
        return graded.notebook, resources


class SaveVerdict(NbGraderPreprocessor):
    """Stands where nbgrader reads marks out of outputs: writes those that the judge gave."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Write the verdict into the gradebook."""
        ids = resources["nbgrader"]
        with Gradebook(*database(self.parent.course)) as gradebook:
            record(
                gradebook,
                ids["assignment"],
                ids["notebook"],
                ids["student"],
                resources["casework"],
            )
        return nb, resources
