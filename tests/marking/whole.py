"""All that a run of grading leaves behind, to be compared with what another run left."""

import sqlite3
from pathlib import Path

from nbgrader.api import Gradebook

ASSIGNMENT = "crypto-1"


def whole_book(root: Path) -> dict:
    """All that the gradebook says, without the names that the database invents for its rows."""
    found: dict = {}
    with Gradebook(f"sqlite:///{root}/gradebook.db", "crossborder") as gradebook:
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            found[submission.student.id] = [
                str(submission.timestamp),
                submission.score,
                [
                    (n.name, n.late_submission_penalty, n.failed_tests, n.score)
                    for n in submission.notebooks
                ],
                sorted(
                    (g.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
                    for n in submission.notebooks
                    for g in n.grades
                ),
                sorted(
                    (c.name, c.auto_comment, c.manual_comment)
                    for n in submission.notebooks
                    for c in n.comments
                ),
            ]
    with sqlite3.connect(root / "gradebook.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found["rows"] = {
            name: raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables
        }
    return found


def folders(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of the graded and of the submitted folders: its rights and its content."""
    return {
        str(path.relative_to(root)): (path.stat().st_mode, path.read_bytes())
        for step in ("autograded", "submitted")
        for path in sorted((root / step).rglob("*"))
        if path.is_file()
    }


def hidden(root: Path) -> list[Path]:
    """What was prepared and neither shown nor removed."""
    return list((root / "autograded").rglob(".*"))
