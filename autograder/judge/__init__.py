"""The judge's side of the wall: test cells run here, and what they need is asked of the trainee's process as plain data."""

from autograder.judge.verdict import Check, Outcome, Verdict

__all__ = ["Check", "Outcome", "Verdict"]
