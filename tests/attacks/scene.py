"""A class to be attacked: an assignment, secrets planted wherever something secret lies, honest neighbours."""

import contextlib
import ctypes
import hashlib
import json
import os
import re
import secrets
import socket
import time
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook
from table import Attack

from autograder.feedback import feedback_page
from autograder.gradebook import record
from autograder.grading import Graded, grade_submission
from autograder.limits import MB, Limits
from autograder.sandbox import Sandbox
from autograder.submission import tidy

NAME = "case-1"
TIGHT = Limits(
    cell_seconds=2,
    grace_seconds=0.5,
    notebook_seconds=6,
    check_seconds=2,
    memory_bytes=300 * MB,
    disk_bytes=16 * MB,
    file_bytes=8 * MB,
    processes=24,
    output_bytes=60_000,
    answer_bytes=4 * MB,
)
"""Small enough that an attack which runs into one does not take long."""

WRONG = {
    "number": "answer = 4",
    "function": "def double(n):\n    return n * n",
    "table": "import pandas as pd\ntable = pd.DataFrame({'fee': [1, 2]})",
    "partial": "found = []",
    "figure": "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])",
}
RIGHT = {
    "number": "answer = 5",
    "function": "def double(n):\n    return 2 * n",
    "table": "import pandas as pd\ntable = pd.DataFrame({'fee': [3, 4]})",
    "partial": "found = ['a', 'b']",
    "figure": (
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\n"
        "axes.set_xlabel('day')"
    ),
}
TESTS = {
    "number": (2, "assert answer == truth['number'], 'The number is another one.'"),
    "function": (
        3,
        "assert double(2) == 4, 'Twice two is four.'\n### BEGIN HIDDEN TESTS\nimport random\n"
        "for n in random.sample(range(3, 10_000), 40):\n"
        "    assert double(n) == 2 * n, 'It does not double every number.'\n"
        "assert all(map(lambda n: double(n) == 2 * n, range(3)))\n### END HIDDEN TESTS",
    ),
    "table": (
        2,
        "import pandas as pd\nassert list(table['fee']) == truth['fees'], 'The fees are others.'\n"
        "assert table.equals(pd.DataFrame({'fee': truth['fees']}))",
    ),
    "partial": (
        4,
        "points = 1.0 if isinstance(found, list) else 0.0\n"
        "if sorted(found) == truth['found']:\n    points += 3\npoints",
    ),
    "figure": (2, "assert axes.get_xlabel() == 'day', 'The axis has no name.'"),
}
FULL = {f"{name}-test": points for name, (points, _) in TESTS.items()}
CANARY = re.compile(r"CANARY-[a-z]+-[0-9a-f]{16}")
LEFT = "casework-left-behind"
"""What attacks that leave something behind call it."""

INTERNAL = re.compile(
    r"Traceback|File \"|<frozen|<check|autograder|/usr/|/tmp/|/home/|0x[0-9a-f]{5}|Errno|\\x|BrokenPipe"
    r"|ChannelClosed|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def canary(where: str) -> str:
    """A secret that nobody can guess."""
    return f"CANARY-{where}-{secrets.token_hex(8)}"


def make_master(hidden: str) -> NotebookNode:
    """The instructor's notebook, with a secret in each hidden test."""
    cells = [v4.new_markdown_cell("Read the case.", id="intro", metadata={"editable": False})]
    for name, (points, test) in TESTS.items():
        answer = v4.new_code_cell("# Write your code here.", id=name)
        answer.metadata["nbgrader"] = _about(name, solution=True)
        source = (
            "import json, os, pathlib\n"
            "truth = json.loads(pathlib.Path(os.environ['CASEWORK_TRUTH'], 'truth.json').read_text())\n"
            f"secret = '{hidden}'\n{test}"
        )
        check = v4.new_code_cell(source, id=f"{name}-test")
        check.metadata["nbgrader"] = _about(f"{name}-test", grade=True, locked=True, points=points)
        cells += [answer, check]
    task = v4.new_markdown_cell("Write what you found.", id="finding")
    task.metadata["nbgrader"] = _about("finding", grade=True, solution=True, points=2)
    kernel = {"name": "python3", "display_name": "Python 3"}
    return v4.new_notebook(cells=[*cells, task], metadata={"kernelspec": kernel})


def _about(name: str, **flags: Any) -> dict[str, Any]:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"schema_version": 3, "grade_id": name, **plain, **flags}


class Scene:
    """The class, its sandbox and its secrets. Everything that an attacker could know of places is in `places`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.places: dict[str, str] = {}
        self.hidden = canary("hidden")
        self.neighbour = canary("neighbour")
        self.master = make_master(self.hidden)
        self._plant()
        self.sandbox = Sandbox(root / "world", root / "truth", limits=TIGHT)
        self.sandbox.warm()
        self.marks = self._open_marks()
        self._twins: dict[str, dict[str, float]] = {}
        self.check_honest()
        self.before = self._state()
        self.processes = len(_descendants())

    def close(self) -> None:
        """End what was started."""
        self.sandbox.close()
        self.marks.close()
        self._tcp.close()
        self._unix.close()
        self._kept_open.close()

    # --- what is handed in and graded --------------------------------------------------------

    def submission(self, base: str, answers: Mapping[str, str]) -> NotebookNode:
        """A notebook as a trainee hands it in: no hidden tests in it."""
        filled = {**(RIGHT if base == "right" else WRONG), **answers}
        notebook = json.loads(json.dumps(self.master))
        for cell in notebook["cells"]:
            if cell["id"] in filled:
                cell["source"] = filled[cell["id"]].replace("PLACES", repr(self.places))
            if cell["id"].endswith("-test"):
                cell["source"] = cell["source"].split("### BEGIN")[0].split("secret =")[0]
        return notebook

    def hand_in(self, attack: Attack, name: str) -> Path:
        """Put a hostile submission where a collected one lies."""
        folder = self.root / "incoming" / name
        folder.mkdir(parents=True)
        made: Any = self.submission(attack.base, attack.answers)
        if attack.change is not None:
            made = attack.change(made)
        content = made if isinstance(made, bytes) else json.dumps(made).encode()
        (folder / f"{NAME}.ipynb").write_bytes(content)
        if attack.folder is not None:
            attack.folder(folder, self.places)
        return folder

    def grade(self, folder: Path) -> tuple[Graded, tuple[str, ...]]:
        """Grade a folder as the driver does, and return what came of it with all notes."""
        notes = tidy(folder, [NAME])
        path = folder / f"{NAME}.ipynb"
        graded = grade_submission(path, self.master, self.sandbox, {"CASEWORK_CASES": "{}"})
        return graded, (*notes, *graded.notes)

    def honest_points(self, attack: Attack) -> dict[str, float]:
        """What the same answers get when they are given honestly."""
        answers = json.dumps([attack.base, attack.honest], sort_keys=True)
        if answers not in self._twins:
            self._twins[answers] = self._points(self.submission(attack.base, attack.honest))
        return self._twins[answers]

    def check_honest(self) -> None:
        """An honest submission gets exactly its marks, now."""
        answers = {"number": f"answer = 5\nnote = '{self.neighbour}'"}
        assert self._points(self.submission("right", answers)) == FULL

    def _points(self, notebook: NotebookNode) -> dict[str, float]:
        content = json.dumps(notebook).encode()
        graded = grade_submission(content, self.master, self.sandbox, {"CASEWORK_CASES": "{}"})
        return points(graded)

    # --- what must not be found afterwards ---------------------------------------------------

    def check_nothing_is_left(self) -> None:
        """No process, no file, no changed secret, no message to a server of ours."""
        until = time.monotonic() + 5
        while len(_descendants()) > self.processes and time.monotonic() < until:
            time.sleep(0.05)
        assert len(_descendants()) <= self.processes
        assert self._state() == self.before
        for place in (Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), Path.home(), self.root):
            assert not list(place.glob(f"*{LEFT}*"))
        for server in (self._tcp, self._unix):
            with contextlib.suppress(BlockingIOError):
                server.accept()
                raise AssertionError("a trainee's notebook reached a server outside")

    def page(self, graded: Graded, student: str) -> str:
        """The feedback page, made from the gradebook as for a real class."""
        self.marks.update_or_create_student(student)
        self.marks.update_or_create_submission(NAME, student)
        record(self.marks, NAME, NAME, student, graded)
        submitted = self.marks.find_submission_notebook(NAME, NAME, student)
        return feedback_page(graded.notebook, submitted, {}, "https://book.example")

    def _state(self) -> dict[str, str]:
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest() + str(path.stat().st_mode)
            for place in ("world", "truth", "course", "home")
            for path in sorted((self.root / place).rglob("*"))
            if path.is_file() and not path.is_symlink()
        }

    # --- secrets -----------------------------------------------------------------------------

    def _plant(self) -> None:
        truth = {"number": 5, "fees": [3, 4], "found": ["a", "b"], "secret": canary("truth")}
        files = {
            "world/seen.txt": "everybody may see this",
            "truth/truth.json": json.dumps(truth),
            "course/source/case-1.ipynb": json.dumps(self.master) + canary("source"),
            "course/gradebook.db": canary("gradebook"),
            "course/submitted/ada/case-1.ipynb": canary("submission"),
            "course/secret.key": canary("key"),
            "course/nbgrader_config.py": f"token = '{canary('config')}'",
            "home/.ssh/id_rsa": canary("home"),
        }
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            self.places[name.rpartition("/")[2]] = str(path)
        self.places["root"] = str(self.root)
        for name in ("JUPYTERHUB_API_TOKEN", "DATABASE_URL", "CASEWORK_KEY"):
            os.environ[name] = canary("environment")
        self._kept_open = (self.root / "course/secret.key").open("rb")
        os.set_inheritable(self._kept_open.fileno(), True)
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(f"\0casework-{secrets.token_hex(4)}")
        self._unix.listen()
        for server in (self._tcp, self._unix):
            server.setblocking(False)
        self.places["port"] = str(self._tcp.getsockname()[1])
        self.places["socket"] = self._unix.getsockname()[1:].decode()
        self.places["pid"] = str(os.getpid())
        # In this process's keyring, which no namespace divides (keyrings(7)); not every machine has one.
        secret = canary("keyring").encode()
        numbers = {"x86_64": 248, "aarch64": 217}
        ctypes.CDLL(None).syscall(
            numbers.get(os.uname().machine, -1), b"user", b"casework", secret, len(secret), -3
        )

    def _open_marks(self) -> Gradebook:
        marks = Gradebook(f"sqlite:///{self.root}/marks.db", "crossborder")
        marks.add_assignment(NAME)
        marks.add_notebook(NAME, NAME)
        for cell in self.master.cells:
            about = cell.metadata.get("nbgrader", {})
            if about.get("grade"):
                kind = {"max_score": about["points"], "cell_type": cell.cell_type}
                marks.add_grade_cell(cell.id, NAME, NAME, **kind)
            if about.get("solution"):
                marks.add_solution_cell(cell.id, NAME, NAME)
        return marks


def points(graded: Graded) -> dict[str, float]:
    """Points by test cell."""
    return {name: check.points for name, check in graded.checks.items()}


def told(graded: Graded, notes: tuple[str, ...]) -> list[str]:
    """All sentences that an instructor reads about a submission."""
    return [*notes, *(check.message for check in graded.checks.values() if check.message)]


def shown(graded: Graded) -> str:
    """All that the graded notebook holds except the instructor's own test cells."""
    cells = [
        cell if not cell.get("id", "").endswith("-test") else {"outputs": cell.outputs}
        for cell in graded.notebook.cells
    ]
    return json.dumps([cells, graded.notebook.metadata])


def _descendants() -> list[int]:
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = path.read_text().rpartition(")")[2].split()
            if after_name[0] != "Z":
                parents[int(path.parent.name)] = int(after_name[1])
    found, waiting = [], [os.getpid()]
    while waiting:
        one = waiting.pop()
        children = [pid for pid, parent in parents.items() if parent == one]
        found += children
        waiting += children
    return found


class Harmless(HTMLParser):
    """Reads a page and collects what would act, load or pretend in a browser."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "object", "embed", "form", "link", "base", "svg", "video"}:
            self.found.append(tag)
        for name, value in attributes:
            text = (value or "").strip().lower()
            if name.startswith("on") or name == "style" or text.startswith("javascript:"):
                self.found.append(f"{tag} {name}={text[:80]}")
            if name in ("src", "background", "srcset") and not text.startswith("data:image/"):
                self.found.append(f"{tag} {name}={text[:80]}")
