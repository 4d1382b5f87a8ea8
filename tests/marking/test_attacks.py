"""A trainee who attacks the grader wins no point that the same wrong answer would not have won."""

import json
import time
from pathlib import Path

import pytest

ALWAYS_EQUAL = """
class Anything:
    year = 2009; tzinfo = 1; index = columns = values = ()
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __getattr__(self, name): return Anything()
    def __call__(self, *a, **k): return Anything()
    def __iter__(self): return iter(())
    def __len__(self): return 0
    def __bool__(self): return True
    def __float__(self): return 1.0
    def __int__(self): return 1
    def __index__(self): return 1
anything = Anything()
block_time = block_hash = transaction_count = fees = balance = lambda *a, **k: anything
tip_supported, tip_evidence = anything, anything
"""
NO_ASSERTS = """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Raise(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Drop())
get_ipython().input_transformers_post.append(lambda lines: [l.replace("assert", "0 and") for l in lines])
__builtins__.AssertionError = type("Never", (Exception,), {})
"""
FORGE_OUTPUT = """
from IPython.display import display
get_ipython().display_formatter.formatters["text/plain"].for_type(int, lambda *a: None)
print("2 of 2 points")
2.0
"""
READ_EVERYTHING = """
import gc, os, socket
found = [p for p in PLACES if os.path.exists(p)]
hidden = [o for o in gc.get_objects() if isinstance(o, str) and "BEGIN HIDDEN" + " TESTS" in o]
net = None
try:
    socket.create_connection(("127.0.0.1", 22), timeout=1); net = "open"
except OSError as error:
    net = "closed"
secrets = [k for k in os.environ if "TOKEN" in k or "TRUTH" in k or "MARKING_TEST" in k]
try:
    from casework.marking import expected
    truth = expected("crypto-1")
except Exception as error:
    truth = None
print("LOOKED", found, len(hidden), net, secrets, truth)
"""
QUIT = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos._exit(0)"
BOMB = """
import os, threading
for _ in range(10_000):
    threading.Thread(target=__import__("time").sleep, args=(600,), daemon=False).start()
"""
FLOOD = "while True:\n    print('x' * 100_000)"
ATTACKS = {
    "always-equal": ALWAYS_EQUAL,
    "no-asserts": NO_ASSERTS,
    "forged-output": FORGE_OUTPUT,
    "reads-everything": READ_EVERYTHING,
    "quits": QUIT,
    "thread-bomb": BOMB,
    "floods": FLOOD,
}


def attack(course, code: str):
    """The blank release with an attack in the first and in the last answer."""
    house = Path(__file__).parents[2]
    places = [course.root, house / "data/public/truth", house / "exercises", house / ".git"]
    code = code.replace("PLACES", repr([str(place) for place in places]))
    notebook = json.loads(json.dumps(course.answers("blank")))
    answers = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
    answers[0]["source"] = code
    answers[-1]["source"] = code
    return notebook


@pytest.mark.slow
def test_no_attack_wins_a_point_reads_a_secret_or_harms_a_neighbour(new_class, monkeypatch):
    monkeypatch.setenv("MARKING_TEST_TOKEN", "secret of the instructor")
    course = new_class()
    course.hand_in("a-honest", course.answers("right_pandas"))
    for name, code in ATTACKS.items():
        course.hand_in(name, attack(course, code))
    course.hand_in("z-honest", course.answers("right_pandas"))
    started = time.monotonic()
    done = course.casework()
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 240
    won = {student: sum(course.points(student).values()) for student in course.book()}
    assert won == {"a-honest": 16, "z-honest": 16} | dict.fromkeys(ATTACKS, 0)
    said = [
        output.text
        for cell in course.graded("reads-everything").cells
        for output in cell.get("outputs", ())
        if "LOOKED" in output.get("text", "")
    ]
    assert said
    assert all(text.startswith("LOOKED [] 0 closed [] None") for text in said)
