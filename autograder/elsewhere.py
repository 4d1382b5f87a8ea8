"""A sandbox that is on another machine: what the driver knows of it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from nbformat import NotebookNode

from autograder.judge.verdict import Verdict


class Elsewhere(ABC):
    """Stands where a `Sandbox` stands, and has notebooks judged by others; see `autograder.cluster`."""

    stamp = ""
    """What must stand on everything that was graded there; see `autograder.unwalled`."""

    @abstractmethod
    def judge(self, notebook: NotebookNode, env: Mapping[str, str]) -> Verdict:
        """Have a notebook judged, as `judge_notebook` does here.

        Arguments: the notebook, rebuilt on the instructor's copy; the environment of the case.
        Raises SandboxError when nothing can be judged there at all.
        """
