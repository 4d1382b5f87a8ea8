"""A test cell is written as for one kernel, and the judge finds the same as one kernel would."""

import textwrap

from autograder.judge import Outcome
from tests.grader.plainly import plainly


def agree(judge, source: str, **tests: str) -> dict[str, float]:
    """Judge, and check that one plain kernel gives the same points. Each test is worth 2."""
    cells = [textwrap.dedent(source)]
    cells += [(name, textwrap.dedent(test)) for name, test in tests.items()]
    verdict = judge(*cells)
    points = {name: check.points for name, check in verdict.checks.items()}
    assert points == plainly(*cells), {n: c.message for n, c in verdict.checks.items()}
    return points


CHANGES = """
    import numpy as np
    def add(rows, row=4): rows.append(row)
    def mark(book, key): book[key] = len(book)
    def drop(names): names.discard("x")
    def double(numbers): numbers *= 2
    def tag(table): table["seen"] = True
    def rename(table): table.rename(columns={"a": "b"}, inplace=True)
    def first(series): series.iloc[0] = 9
    def deep(tree): tree["left"]["right"].append(1)
    def turn(rows): rows.reverse()
    def grow(rows):
        rows.append(1)
        raise ValueError("after the change")
    def same(rows): return rows
    def fresh(rows): return list(rows)
    def fill(raw): raw[0:2] = b"zz"
    def nothing(rows): return len(rows)
    def swap(left, right): left[:], right[:] = list(right), list(left)
    def keyed(*, into): into.append(len(into))
    def labels(table):
        table.columns.name = "what"
        table.index = ["p", "q"]
    def queue(q): q.popleft()
"""


def test_what_a_function_changes_in_its_arguments_is_changed_in_the_tests_own_objects(judge):
    points = agree(
        judge,
        CHANGES,
        a_list="rows = [1]; mine = rows; add(rows); add(rows, row=[5]); assert rows == [1, 4, [5]] and mine is rows",
        a_dict="book = {}; mark(book, 'k'); mark(book, (1, 2)); assert book == {'k': 0, (1, 2): 1}",
        a_set="names = {'x', 'y'}; drop(names); assert names == {'y'}",
        an_array="import numpy as np\nn = np.arange(4); view = n[1:3]; double(view); assert n.tolist() == [0, 2, 4, 3]",
        a_table="import pandas as pd\nt = pd.DataFrame({'a': [1, 2]}); mine = t; tag(t); assert list(mine.columns) == ['a', 'seen'] and mine.seen.all()",
        columns="t = pd.DataFrame({'a': [1, 2]}); rename(t); assert list(t.columns) == ['b']",
        a_series="s = pd.Series([1, 2], name='n'); first(s); assert s.tolist() == [9, 2] and s.name == 'n'",
        inside="tree = {'left': {'right': []}}; leaf = tree['left']['right']; deep(tree); assert leaf == [1] and tree['left']['right'] is leaf",
        order="a, b = [1], [2]; rows = [a, b]; turn(rows); assert rows == [[2], [1]] and rows[0] is b and a == [1]",
        before_an_error="rows = []\ntry:\n    grow(rows)\nexcept ValueError:\n    pass\nassert rows == [1]",
        given_back="rows = [1]; assert same(rows) is rows and same(rows=rows) is rows",
        not_given_back="rows = [1]; assert fresh(rows) == rows and fresh(rows) is not rows",
        bytes="raw = bytearray(b'abc'); fill(raw); assert raw == b'zzc'",
        two="x, y = [1], [2, 3]; swap(x, y); assert (x, y) == ([2, 3], [1])",
        twice="x = [1]; swap(x, x); assert x == [1]",
        in_a_tuple="x = [1]; turn([0]); deep({'left': {'right': x}}); assert x == [1, 1]",
        by_key="x = []; keyed(into=x); keyed(into=x); assert x == [0, 1]",
        labels="t = pd.DataFrame({'a': [1, 2]}); labels(t); assert t.columns.name == 'what' and list(t.index) == ['p', 'q']",
        a_deque="from collections import deque\nq = deque([1, 2]); queue(q); assert q == deque([2])",
        untouched="rows = [3, 1]; nothing(rows); assert rows == [3, 1]",
    )
    assert set(points.values()) == {2}


def test_a_test_that_forbids_changing_the_argument_finds_who_does_it(judge):
    checks = {
        "a_list": "rows = [3, 1, 2]; ordered(rows); assert rows == [3, 1, 2]",
        "a_table": "import pandas as pd\nt = pd.DataFrame({'n': [2, 1]}); before = t.copy(); table(t); pd.testing.assert_frame_equal(t, before)",
        "an_array": "import numpy as np\nn = np.array([2.0, 1.0]); array(n); assert n.tolist() == [2, 1]",
        "fixed": "n = np.array([2.0, 1.0]); n.flags.writeable = False; array(n)",
        "kept": "rows = [1]; assert ordered(rows) is not rows",
    }
    right = """
        def ordered(rows): return sorted(rows)
        def table(t): return t.assign(m=1).sort_values("n")
        def array(n): return n * 2
    """
    wrong = """
        def ordered(rows): rows.sort(); return rows
        def table(t):
            t["m"] = 1
            return t.sort_values("n", inplace=True)
        def array(n): n *= 2
    """
    assert set(agree(judge, right, **checks).values()) == {2}
    assert set(agree(judge, wrong, **checks).values()) == {0}


def test_functions_of_every_make_can_be_called(judge):
    points = agree(
        judge,
        '''
        import functools
        import numpy as np
        def fee(paid, change=0, *, rate: float = 0.5, note="x"):
            """What is paid."""
            return (paid - change) * rate
        class Book:
            def __init__(self): self.seen = []
            def add(self, n): self.seen.append(n); return len(self.seen)
            @staticmethod
            def plus(n): return n + 1
            @classmethod
            def name(cls): return cls.__name__
            def __call__(self, n): return n * 3
        add = Book().add
        plus, name, triple = Book.plus, Book.name, Book()
        half = functools.partial(fee, change=2)
        tools = {"fee": fee, "all": [min, lambda n: -n, len]}
        square = np.vectorize(lambda n: n * n)
        def counter():
            n = 0
            def step(by=1):
                nonlocal n
                n += by
                return n
            return step
        def compose(f, g): return lambda x: f(g(x))
        def twice(f): return compose(f, f)
        def down(n): return 0 if n == 0 else 1 + down(n - 1)
        ''',
        defaults="assert fee(4) == 2 and fee(4, 2) == 1 and fee(4, change=2, rate=1) == 2",
        keyword_only="try:\n    fee(1, 2, 3)\nexcept TypeError:\n    pass\nelse:\n    assert False",
        named="assert fee.__name__ == 'fee' and fee.__doc__ == 'What is paid.' and callable(fee)",
        signature="import inspect\np = inspect.signature(fee).parameters\nassert list(p) == ['paid', 'change', 'rate', 'note'] and p['change'].default == 0 and p['rate'].kind is p['rate'].KEYWORD_ONLY and p['paid'].default is p['paid'].empty",
        methods="assert [add(7), add(7)] == [1, 2] and plus(1) == 2 and name() == 'Book' and triple(2) == 6",
        partial="assert half(4) == 1",
        inside="assert tools['fee'](4) == 2 and tools['all'][0](3, 2) == 2 and tools['all'][1](3) == -3",
        numpy="assert square([1, 2]).tolist() == [1, 4]",
        closures="step = counter(); other = counter(); assert [step(), step(by=5), other()] == [1, 6, 1]",
        of_functions="assert compose(fee, plus)(3) == 2 and twice(plus)(1) == 3",
        recursion="assert down(200) == 200",
        not_a_source="assert fee.__module__ == '__main__'",
    )
    assert set(points.values()) == {2}


def test_a_function_may_be_given_functions_of_the_test(judge):
    points = agree(
        judge,
        """
        def apply(f, values): return [f(v) for v in values]
        def lazily(f, values): return (f(v) for v in values)
        def guarded(f):
            try: return f()
            except ZeroDivisionError: return "divided"
            except Exception as error: return f"{type(error).__name__}: {error}"
        def let_through(f): return f()
        def timed(f):
            def inner(*args, **kwargs): return ("took", f(*args, **kwargs))
            return inner
        def largest(rows, key): return max(rows, key=key)
        def total(numbers): return sum(numbers)
        def first(numbers): return next(iter(numbers))
        def convert(values, to): return [to(v) for v in values]
        def lines(file): return len(file.readlines())
        def same(f): return f
        def fact(n, me): return 1 if n == 0 else n * me(n - 1, me)
        def with_list(f):
            rows = []
            f(rows, 1)
            return rows
        def ping(n, back): return n if n <= 0 else back(n - 1)
        """,
        a_lambda="assert apply(lambda n: n + 1, [1, 2]) == [2, 3]",
        what_it_sees="seen = []\ndef note(n):\n    seen.append(n)\n    return {'n': [n]}\nassert apply(note, [1, 2]) == [{'n': [1]}, {'n': [2]}] and seen == [1, 2]",
        lazily="assert list(lazily(str.upper, ['a', 'b'])) == ['A', 'B']",
        handled="assert guarded(lambda: 1 / 0) == 'divided'\ndef bad(): raise KeyError('k')\nassert guarded(bad) == \"KeyError: 'k'\"",
        let_through="class Own(Exception): pass\ndef bad(): raise Own('mine')\ntry:\n    let_through(bad)\nexcept Own as error:\n    assert error.args == ('mine',)\nelse:\n    assert False",
        an_assert="def check(): assert False, 'no'\nlet_through(check)",
        decorated="assert timed(lambda n, k=1: n + k)(2, k=3) == ('took', 5)",
        a_key="assert largest(['a', 'ccc', 'bb'], len) == 'ccc' and largest([1, 5, 3], key=lambda n: -n) == 1",
        generators="assert total(n for n in range(4)) == 6 and total(map(int, '12')) == 3 and first(iter([5])) == 5",
        endless="import itertools\nassert first(itertools.count(7)) == 7",
        types="assert convert(['1', '2'], int) == [1, 2] and convert([1], str) == ['1']",
        files="import io\nassert lines(io.StringIO('a\\nb')) == 2 and lines(io.BytesIO(b'a')) == 1",
        same_one="f = lambda: 1\nassert same(f) is f",
        its_own="assert fact(5, fact) == 120 and apply(total, [[1, 2]]) == [3]",
        to_and_fro="def pong(n): return ping(n, pong)\nassert ping(6, pong) == 0",
    )
    assert points.pop("an_assert") == 0
    assert set(points.values()) == {2}


ERRORS = """
    import json
    import pandas as pd
    class BadRow(ValueError):
        def __init__(self, place, why):
            super().__init__(f"row {place}: {why}")
            self.place = place
    class WorseRow(BadRow): pass
    class Mixed(KeyError, ValueError): pass
    def row(n): raise WorseRow(n, "cut")
    def key(): return {}["k"]
    def parse(): return json.loads("{")
    def table(): return pd.DataFrame()["x"]
    def file(): open("missing.txt")
    def mixed(): raise Mixed("both")
    def shown():
        class Own(Exception):
            def __str__(self): return "told so"
        raise Own(1, [2])
    def leave(): raise SystemExit(0)
    def interrupt(): raise KeyboardInterrupt
    def asserts(): raise AssertionError("mine")
    def quiet(n): return n
    def chain():
        try: 1 / 0
        except ZeroDivisionError as error: raise RuntimeError("after") from error
"""


def caught(call: str, kind: str, more: str = "True") -> str:
    return f"try:\n    {call}\nexcept {kind} as error:\n    assert {more}\nelse:\n    assert False, 'nothing was raised'"


def test_a_test_catches_what_a_function_raises_as_what_it_is(judge):
    points = agree(
        judge,
        ERRORS,
        own=caught("row(3)", "WorseRow", "str(error) == 'row 3: cut' and error.place == 3"),
        above=caught("row(3)", "BadRow"),
        builtin=caught(
            "row(3)", "ValueError", "isinstance(error, BadRow) and issubclass(BadRow, ValueError)"
        ),
        one_of=caught("row(3)", "(KeyError, WorseRow)"),
        key=caught("key()", "KeyError", "error.args == ('k',) and str(error) == \"'k'\""),
        json="import json\n" + caught("parse()", "json.JSONDecodeError"),
        pandas=caught("table()", "KeyError"),
        file=caught("file()", "FileNotFoundError", "'missing.txt' in str(error)"),
        mixed=caught(
            "mixed()", "ValueError", "isinstance(error, KeyError) and isinstance(error, Mixed)"
        ),
        text=caught("shown()", "Exception", "str(error) == 'told so' and error.args == (1, [2])"),
        nothing=caught("quiet(1)", "Exception"),
        another=caught("row(3)", "KeyError"),
        asserts=caught("asserts()", "AssertionError", "str(error) == 'mine'"),
        chained=caught("chain()", "RuntimeError", "str(error) == 'after'"),
        raises="import pytest\nwith pytest.raises(BadRow, match='row 4'):\n    row(4)"
        if False
        else "row(4)",
    )
    assert {name for name, won in points.items() if not won} == {"nothing", "another", "raises"}


def test_nothing_that_a_function_raises_passes_for_a_success_or_stops_the_judge(judge):
    verdict = judge(
        textwrap.dedent(ERRORS)
        + "odd = lambda: type('Odd', (), {})()\nMine = Exception\nTheirs = AssertionError",
        ("leave", "leave()"),
        ("interrupt", "interrupt()"),
        ("asserts", "asserts()"),
        ("leave_caught", caught("leave()", "SystemExit")),
        # What does not cross is no exception that a test waited for.
        ("odd", caught("odd()", "Exception")),
        ("odd_bare", "try:\n    odd()\nexcept:\n    pass"),
        # The notebook calls Exception its own error; the judge's own asserts do not go through there.
        ("alias", "try:\n    quiet(1)\n    assert False\nexcept Mine:\n    pass"),
        ("alias_too", "try:\n    quiet(1)\n    assert False\nexcept Theirs:\n    pass"),
        ("alias_error", "try:\n    quiet(None) + 1\nexcept Mine:\n    pass"),
        ("after", "assert quiet(1) == 1"),
    )
    points = {name: check.points for name, check in verdict.checks.items()}
    assert points.pop("after") == 2
    assert set(points.values()) == {0}
    assert "SystemExit" in verdict.checks["leave"].message
    assert "needs plain data" in verdict.checks["odd"].message
    assert "needs plain data" in verdict.checks["odd_bare"].message


def test_iterators_are_gone_through_as_a_test_asks(judge):
    points = agree(
        judge,
        """
        seen = []
        def numbers():
            for n in range(5):
                seen.append(n)
                yield n
        def endless():
            n = 0
            while True:
                yield n
                n += 1
        def breaks():
            yield 1
            raise ValueError("broken")
        def pairs(d): return d.items()
        def names(d): return d.keys()
        def looked(): return list(seen)
        """,
        all="assert list(numbers()) == [0, 1, 2, 3, 4] and sum(numbers()) == 10",
        one="g = numbers(); before = len(looked()); next(g); assert len(looked()) == before + 1",
        twice="g = numbers(); list(g); assert list(g) == [] and iter(g) is g",
        endless="from itertools import islice\nassert list(islice(endless(), 3000))[-1] == 2999",
        breaks="g = breaks(); assert next(g) == 1\n" + caught("next(g)", "ValueError"),
        views="d = {'a': 1}; assert names(d) == {'a'} and list(pairs(d)) == [('a', 1)] and dict(pairs(d)) == d",
        no_length=caught("len(numbers())", "TypeError"),
    )
    assert set(points.values()) == {2}


def test_names_that_the_locked_cells_import_are_the_judges_own(judge):
    verdict = judge(
        ("import pandas as pd\nfrom datetime import UTC, datetime\nimport os.path", True),
        "pd = 5\nclass datetime: pass\nx = 1",
        (
            "q",
            "assert pd.Series([1]).sum() == 1 and datetime(2020, 1, 1, tzinfo=UTC).year == 2020 and os.path.basename('a/b') == 'b'",
        ),
        ("own", "assert json.dumps(x)"),
    )
    assert verdict.checks["q"].points == 2, verdict.checks["q"].message
    assert verdict.checks["own"].outcome is Outcome.FAILED


def test_what_cannot_be_handed_over_or_read_is_said_in_a_sentence(judge):
    verdict = judge(
        "import pandas as pd\ndef f(x): return x\ndef group(): return pd.DataFrame({'a': [1]}).groupby('a')\ndef own(): return own.__class__.__mro__[1]()",
        ("handed", "class Own: pass\nf(Own())"),
        ("group", "group()"),
        ("object", "own()"),
        ("module", "pd.DataFrame()"),
    )
    told = {name: check.message for name, check in verdict.checks.items()}
    assert told["handed"] == "This check hands `f` an Own, and such a thing cannot be handed over."
    assert told["module"] == "`pd` is a module. A check imports what it uses itself."
    for name in ("group", "object"):
        assert "needs plain data" in told[name]
    assert told["group"].endswith("Give the result, such as its sum, instead.")


def test_a_trainee_is_told_what_their_own_answer_gave_and_not_the_truth(judge):
    verdict = judge(
        "fee = 7\nnames = ['a'] * 500\ndef double(n): return 2 * n + 1\ndef none(n): return None\n"
        "import pandas as pd\ntable = pd.DataFrame({'a': [1]})\ntext = '`<b>' + chr(0x202e)",
        ("value", "truth = 8641\nassert fee == truth"),
        ("function", "truth = 8641\nassert double(3) == truth"),
        ("variable", "truth = 8641\ngot = double(4)\nassert got == truth"),
        ("nothing", "assert none(4) == 8641"),
        (
            "inside",
            "def check(n, truth):\n    got = double(n)\n    assert got == truth\ncheck(5, 8641)",
        ),
        ("long", "assert names == 8641"),
        ("table", "assert len(table) == 8641"),
        ("said", "assert fee == 8641, 'Think of the change.'"),
        ("text", "assert text == 8641"),
    )
    told = {name: check.message for name, check in verdict.checks.items()}
    start = "A check of this question does not hold. "
    assert told["value"] == start + "`fee` is `7`."
    assert told["function"] == start + "`double` gave `7`."
    assert told["variable"] == start + "`double` gave `9`."
    assert told["nothing"] == start + "`none` gave nothing (None)."
    assert told["inside"] == start + "`double` gave `11`."
    assert told["table"] == start + "`table` is a table of 1 rows and 1 columns."
    assert told["said"] == "Think of the change."
    assert len(told["long"]) < 300
    assert told["text"].count("`") == 4
    assert not any("8641" in message for message in told.values())


def test_what_a_library_says_of_the_difference_is_not_told_because_it_tells_the_truth(judge):
    verdict = judge(
        "import pandas as pd\nimport numpy as np\ndef table(): return pd.DataFrame({'n': [1, 2]})\nnumbers = np.array([1.0])\ndef total(rows): return 3",
        (
            "pandas",
            "import pandas as pd\npd.testing.assert_frame_equal(table(), pd.DataFrame({'n': [1, 8641]}))",
        ),
        (
            "numpy",
            "import numpy as np\nnp.testing.assert_allclose(numbers, [8641.0], err_msg='8641')",
        ),
        ("unit", "import unittest\ngot = total([1])\nunittest.TestCase().assertEqual(got, 8641)"),
        (
            "own",
            "def same(a, b):\n    assert a == b, 'Think of the change.'\nsame(total([1]), 8641)",
        ),
    )
    told = {name: check.message for name, check in verdict.checks.items()}
    start = "A check of this question does not hold. "
    assert told["pandas"] == start + "`table` gave a table of 2 rows and 1 columns."
    assert told["numpy"] == start + "`numbers` is an array of shape (1,)."
    assert told["unit"] == start + "`total` gave `3`."
    assert told["own"] == "Think of the change."
