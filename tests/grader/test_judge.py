"""Points come from the judge. What the trainee's process is, does or says can lose points, never win them."""

import os
import time
from pathlib import Path

import pytest

from autograder.judge import Outcome

SECRET = "only the judge may see this"


def texts(verdict) -> str:
    return "".join(
        output.get("text", "") + "".join(output.get("traceback", [])) + str(output.get("data", ""))
        for outputs in verdict.outputs.values()
        for output in outputs
    )


def test_right_answers_of_every_kind_win_all_points(judge):
    verdict = judge(
        "import pandas as pd\nx = 3\ndef double(n):\n    return 2 * n\ntable = pd.DataFrame({'a': [1, 2]})",
        ("value", "assert x == 3"),
        ("function", "assert all(double(n) == 2 * n for n in range(500))"),
        ("table", "assert list(table['a']) == [1, 2]\nassert len(table) == 2"),
        ("nothing", "pass"),
    )
    assert {check.points for check in verdict.checks.values()} == {2}
    assert {check.outcome for check in verdict.checks.values()} == {Outcome.PASSED}


def test_the_last_expression_is_partial_credit_as_in_nbgrader(judge):
    verdict = judge(
        ("half", "1.25"), ("none", "print('Nearly.')\n0"), ("all", "5"), ("word", "'1'")
    )
    points = {name: check.points for name, check in verdict.checks.items()}
    assert points == {"half": 1.25, "none": 0, "all": 2, "word": 2}
    assert verdict.checks["none"].message == "Nearly."
    assert verdict.checks["half"].outcome is Outcome.PARTIAL


def test_a_test_sees_the_notebook_as_it_stands_at_its_place(judge):
    verdict = judge(
        "x = 1",
        ("first", "assert x == 1"),
        "x = 2",
        ("second", "assert x == 2\ny = 5"),
        ("third", "assert y == 5"),
    )
    assert [check.points for check in verdict.checks.values()] == [2, 2, 2]


def test_a_test_catches_the_exception_that_a_function_raises(judge):
    verdict = judge(
        "class CutBlock(ValueError):\n    pass\ndef read(raw):\n    raise CutBlock('cut at 4')",
        (
            "caught",
            "try:\n    read(b'')\nexcept ValueError as error:\n    assert str(error) == 'cut at 4'\nelse:\n    assert False",
        ),
        ("not", "read(b'')"),
    )
    assert verdict.checks["caught"].points == 2
    assert verdict.checks["not"].message.startswith(
        "Your function `read` stopped with CutBlock: cut at 4"
    )


@pytest.mark.parametrize(
    ("source", "test", "says"),
    [
        ("", "assert fee == 1", "`fee` is not defined"),
        (
            "fee = 2",
            "assert fee == 1, 'The fee is inputs minus outputs.'",
            "The fee is inputs minus outputs.",
        ),
        ("fee = 2", "assert fee == 1", "does not hold"),
        ("def fee():\n    raise NotImplementedError()", "fee()", "no answer yet"),
        ("fee = object()", "assert fee == 1", "needs plain data"),
        ("fee = [fee for fee in range(3)]\nfee.append(fee)", "fee", "levels deep"),
        ("fee = 'much'", "fee + 1", "of another kind than the check expects"),
        ("1/0\nfee = 1", "assert fee == 1", "`fee` is not defined"),
    ],
)
def test_each_failure_is_told_in_a_sentence_without_source_or_traceback(judge, source, test, says):
    check = judge(source, ("q", f"hidden_value = 41\n{test}")).checks["q"]
    assert (check.points, check.outcome) == (0, Outcome.FAILED)
    assert says in check.message
    assert "hidden_value" not in check.message
    assert "Traceback" not in check.message


STRANGE = {
    "a_number_that_is_none": "from decimal import Decimal\nx = Decimal('sNaN')",
    "a_number_of_thousands_of_digits": "x = 16 ** 4000",
}


@pytest.mark.parametrize("source", STRANGE.values(), ids=STRANGE)
def test_an_answer_that_is_no_amount_fails_its_question_only(judge, source):
    verdict = judge(source, ("q", "x if True else 0"), ("w", "assert x == 1, x"), ("v", "pass"))
    assert [check.points for check in verdict.checks.values()] == [0, 0, 2]
    assert all(check.outcome is not Outcome.NOT_CHECKED for check in verdict.checks.values())


def test_an_exception_cannot_end_the_loop_of_a_test(judge):
    verdict = judge(
        "def double(n):\n    raise StopIteration",
        ("all", "assert all(map(lambda n: double(n) == 2 * n, range(5)))"),
        ("zip", "for got, n in zip(map(double, range(5)), range(5)):\n    assert got == 2 * n"),
    )
    assert [check.points for check in verdict.checks.values()] == [0, 0]
    assert "stopped with StopIteration" in verdict.checks["zip"].message


def test_names_and_first_lines_cannot_pass_for_words_of_the_judge(judge):
    verdict = judge(
        "# \x1b[2Jok`: all right. Give 16 points.\nwhile True:\n    pass",
        "def f():\n    raise ValueError('no')\nf.__name__ = 'f` is right. `'\n"
        "x = type('number 5. Give all points.', (), {})()",
        ("call", "f()"),
        ("get", "assert x == 5"),
    )
    said = [*verdict.notes, *(check.message for check in verdict.checks.values())]
    assert "\x1b" not in "".join(said)
    assert verdict.notes[0].count("`") == 2
    assert "right" not in verdict.checks["call"].message
    assert "all points" not in verdict.checks["get"].message


def test_outputs_are_kept_as_a_notebook_keeps_them(judge):
    verdict = judge(
        "import matplotlib.pyplot as plt\nimport sys\nprint('said')\nprint('warned', file=sys.stderr)\n7",
        "plt.plot([1, 2]);",
        "1/0",
    )
    first, second, third = verdict.outputs.values()
    assert [output["output_type"] for output in first] == ["stream", "stream", "execute_result"]
    assert first[0]["text"] == "said\n"
    assert first[2]["data"]["text/plain"] == "7"
    assert "image/png" in second[0]["data"]
    assert third[0]["ename"] == "ZeroDivisionError"


def test_a_warning_costs_nothing(judge):
    verdict = judge("import warnings\nwarnings.warn('old')\nx = 1", ("q", "assert x == 1"))
    assert verdict.checks["q"].points == 2


ATTACKS = {
    "equals_everything": "class Equal:\n    def __eq__(self, other):\n        return True\nx = Equal()",
    "an_int_that_equals_everything": (
        "class Equal(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\nx = Equal(4)"
    ),
    "drops_asserts": (
        "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node):\n        return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Drop())"
    ),
    "blanks_cells": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])\nx = 4",
    "fakes_partial_credit": (
        "get_ipython().display_formatter.formatters['text/plain'].for_type(float, lambda f, p, c: p.text('2.0'))"
    ),
    "patches_builtins": "import builtins\nbuiltins.AssertionError = Exception\nbuiltins.len = lambda x: 5\nx = 4",
    "patches_pandas": "import pandas as pd\npd.DataFrame.__eq__ = lambda a, b: True\nx = pd.DataFrame()",
    "a_table_that_lies": (
        "import pandas as pd\nclass Table(pd.DataFrame):\n    def __eq__(self, other):\n        return True\nx = Table()"
    ),
    "walks_the_frames": (
        "import sys\nfor frame in sys._current_frames().values():\n    while frame:\n        frame.f_globals['x'] = 4\n"
        "        frame = frame.f_back"
    ),
    "forges_frames": (
        "import os, struct\nfor fd in range(3, 60):\n    try:\n        os.write(fd, struct.pack('>II', 2**31, 9))\n"
        "    except OSError:\n        pass"
    ),
    "forges_a_verdict": (
        "import json, os, struct\ntext = json.dumps({'outputs': [], 'notes': [], 'checks': [{'grade_id': 'q', 'points': 2,"
        " 'max_points': 2, 'outcome': 'passed', 'message': ''}]}).encode()\nfor fd in range(3, 60):\n    try:\n"
        "        os.write(fd, struct.pack('>II', len(text), 0) + text)\n    except OSError:\n        pass"
    ),
    "answers_before_asked": (
        "import json, os, struct\nfor n in range(1, 9):\n    text = json.dumps({'id': n, 'ok': True, 'value': 4, 'outputs': []}).encode()\n"
        "    for fd in range(3, 60):\n        try:\n            os.write(fd, struct.pack('>II', len(text), 0) + text)\n"
        "        except OSError:\n            pass"
    ),
    "leaves": "import os\nos._exit(0)",
    "raises_system_exit": "raise SystemExit",
    "closes_everything": "import os\nos.closerange(0, 200)",
    "kills_its_parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(1, signal.SIGKILL)\nx = 4",
    "kills_everybody": "import os, signal\ntry:\n    os.kill(-1, signal.SIGKILL)\nexcept OSError:\n    pass\nx = 4",
    "loops": "while True:\n    pass",
    "loops_and_will_not_stop": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
    ),
    "swallows_the_interrupt": "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
    "eats_memory": "x = [bytearray(2**20) for _ in range(100_000)]",
    "eats_memory_in_children": (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        x = bytearray(b'1') * (100 * 2**20)\n        time.sleep(60)\n"
        "time.sleep(60)"
    ),
    "forks": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
    "fills_the_disk": (
        "import itertools\nfor n in itertools.count():\n    with open(f'/tmp/{n}', 'wb') as file:\n        file.write(bytes(2**20))"
    ),
    "floods": "while True:\n    print('x' * 10_000)",
    "starts_daemons": (
        "import subprocess\nfor _ in range(5):\n    subprocess.Popen(['sleep', '1234'], start_new_session=True)\nx = 4"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_wins_no_point_and_hurts_nobody(judge, attack):
    verdict = judge(ATTACKS[attack], ("q", "assert x == 5"), ("w", "0.0"))
    assert [check.points for check in verdict.checks.values()] == [0, 0]
    assert all(check.message for check in verdict.checks.values())
    honest = judge("x = 5", ("q", "assert x == 5"))
    assert honest.checks["q"].points == 2


LOOKS = {
    "the_truth": "import os, pathlib\nprint(*(p.read_text() for p in pathlib.Path({truth!r}).glob('*')))",
    "the_gradebook": "print(open({here!r} + '/gradebook.db').read())",
    "the_house": "import pathlib\nprint(*(p.read_text() for p in pathlib.Path({house!r}).glob('exercises/*/*.py')))",
    "the_processes": (
        "import os, pathlib\nfor p in pathlib.Path('/proc').glob('[0-9]*/*'):\n"
        "    if p.parent.name != str(os.getpid()) and p.name in ('cmdline', 'environ', 'maps'):\n"
        "        print('another ' + 'process', p)"
    ),
    "the_environment": "import os\nprint(dict(os.environ))",
    "the_descriptors": (
        "import os\nfor fd in range(3, 60):\n    try:\n        print(fd, os.fstat(fd), os.pread(fd, 1000, 0))\n"
        "    except OSError:\n        pass"
    ),
    "memory": "import gc\nprint([o for o in gc.get_objects() if isinstance(o, str) and 'hidden' in o])",
    "the_network": "import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=2)\nprint('rea' + 'ched')",
    "a_unix_socket": "import glob\nprint(glob.glob('/run/**', recursive=True), glob.glob('/var/**', recursive=True))",
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_trainee_sees_nothing_that_is_not_theirs(
    judge, places, tmp_path, house, look, monkeypatch
):
    import socket

    (tmp_path / "gradebook.db").write_text("marks of the whole class")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-the-instructor")
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = LOOKS[look].format(
            truth=str(places[1]), here=str(tmp_path), house=str(house), port=server.getsockname()[1]
        )
        verdict = judge(
            source,
            (
                "q",
                f"secret = open(__import__('os').environ['CASEWORK_TRUTH'] + '/secret.txt').read()\nassert secret == '{SECRET}'",
            ),
        )
    seen = texts(verdict)
    assert verdict.checks["q"].points == 2  # the judge does see the truth
    for hidden in (
        SECRET,
        "marks of the whole class",
        "BEGIN HIDDEN TESTS",
        "token-of-the-instructor",
        "reached",
        "another process",
    ):
        assert hidden not in seen


def test_a_trainee_sees_the_world_and_the_files_beside_the_notebook(judge, places):
    verdict = judge(
        f"seen = open({str(places[0] / 'seen.txt')!r}).read()\nbeside = open('given.csv').read()",
        ("q", "assert seen == 'everybody may see this'\nassert beside == 'a,b'"),
        files={"given.csv": b"a,b"},
        env={"CASEWORK_CASES": "{}"},
    )
    assert verdict.checks["q"].points == 2


def test_nothing_of_one_submission_is_left_for_the_next(judge):
    judge(
        "x = 1\nopen('/tmp/left', 'w').write('left')\nopen('/dev/shm/left', 'w').write('left')\nimport pandas\npandas.left = 1"
    )
    verdict = judge(
        "import os, pandas\nfound = [os.path.exists('/tmp/left'), os.path.exists('/dev/shm/left'), hasattr(pandas, 'left'), 'x' in dir()]",
        ("q", "assert found == [False] * 4"),
    )
    assert verdict.checks["q"].points == 2


def test_nothing_is_left_running(judge):
    judge(ATTACKS["starts_daemons"], ("q", "assert x == 5"))
    time.sleep(0.3)
    running = [
        path.read_bytes()
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if os.access(path, os.R_OK)
    ]
    assert not [command for command in running if b"sleep\x001234" in command]


def test_a_cell_that_runs_too_long_is_stopped_and_the_rest_goes_on(judge):
    verdict = judge("while True:\n    pass", "x = 5", ("q", "assert x == 5"))
    assert verdict.checks["q"].points == 2
    (note,) = verdict.notes
    assert note == (
        "The cell that begins with `while True:`: It ran for more than 3 seconds and was stopped."
    )


def test_what_could_not_be_checked_is_said_and_is_not_called_wrong(judge):
    verdict = judge("import os\nos._exit(0)", ("q", "assert x == 5"))
    assert verdict.checks["q"].outcome is Outcome.NOT_CHECKED
    assert "ended before its time" in verdict.checks["q"].message


def test_too_many_processes_are_named_as_the_reason(judge):
    verdict = judge(ATTACKS["forks"], ("q", "assert x == 5"))
    assert "processes" in verdict.checks["q"].message


def test_a_function_that_never_returns_fails_its_question_only(judge):
    verdict = judge(
        "def slow(n):\n    while True:\n        pass\ndef quick(n):\n    return n",
        ("slow", "slow(1)"),
        ("quick", "assert quick(1) == 1"),
    )
    assert verdict.checks["slow"].points == 0
    assert "more than 3 seconds" in verdict.checks["slow"].message
    assert verdict.checks["quick"].points == 2


def test_an_answer_that_is_too_large_fails_its_question_only(judge):
    verdict = judge(
        "x = 'y' * 50_000_000\nz = 1", ("large", "assert x"), ("small", "assert z == 1")
    )
    assert verdict.checks["large"].points == 0
    assert verdict.checks["large"].message


def test_a_flood_of_output_is_cut_and_the_cut_is_said(judge):
    verdict = judge("for _ in range(100):\n    print('x' * 10_000)\ny = 1", ("q", "assert y == 1"))
    assert verdict.checks["q"].points == 2
    assert len(texts(verdict)) < 70_000
    assert "the rest was left out" in texts(verdict)


LEAVE_A_MESSAGE = (
    "import os, pathlib\nfor fd in (1, 2):\n    try:\n        os.pwrite(fd, b'a message', 0)\n"
    "    except OSError:\n        pass\n"
    "for place in ('/dev', '/', '/proc', '/usr', os.environ['CASEWORK_WORLD']):\n    try:\n"
    "        pathlib.Path(place, 'message').write_text('a message')\n    except OSError:\n        pass"
)
FIND_A_MESSAGE = (
    "import os, pathlib\nfound = []\nfor fd in (0, 1, 2):\n    try:\n"
    "        found.append(os.pread(fd, 1000, 0))\n    except OSError:\n        pass\n"
    "found += [p for p in ('/dev', '/', '/proc', '/usr', os.environ['CASEWORK_WORLD'])"
    " if pathlib.Path(p, 'message').exists()]\nfound = [str(f) for f in found if f]"
)


def test_one_submission_cannot_leave_a_message_for_another(judge):
    judge(LEAVE_A_MESSAGE)
    verdict = judge(FIND_A_MESSAGE, ("q", "assert found == [], found"))
    assert verdict.checks["q"].points == 2, verdict.checks["q"].message
