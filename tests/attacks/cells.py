"""Attacks on the cells of a notebook: moved, copied, split, relabelled, with points and verdicts of one's own."""

from collections.abc import Callable

from table import Attack, Notebook, cell_named


def _without(name: str) -> Callable[[Notebook], Notebook]:
    def change(notebook: Notebook) -> Notebook:
        notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != name]
        return notebook

    return change


def _only_answers(notebook: Notebook) -> Notebook:
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["id"].endswith("-test")]
    return notebook


def _easier_test(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        if cell["id"].endswith("-test"):
            cell["source"] = "True"
    return notebook


def _test_worth(points: object) -> Callable[[Notebook], Notebook]:
    def change(notebook: Notebook) -> Notebook:
        for cell in notebook["cells"]:
            if cell["id"].endswith("-test"):
                cell["metadata"]["nbgrader"]["points"] = points
                cell["metadata"]["nbgrader"]["checksum"] = "0" * 32
        return notebook

    return change


def _flags(**flags: object) -> Callable[[Notebook], Notebook]:
    def change(notebook: Notebook) -> Notebook:
        for cell in notebook["cells"]:
            if cell["id"].endswith("-test"):
                cell["metadata"]["nbgrader"] |= flags
                cell["metadata"] |= {"editable": True, "deletable": True}
        return notebook

    return change


def _tests_twice(notebook: Notebook) -> Notebook:
    copies = [
        dict(cell, source="1000.0") for cell in notebook["cells"] if cell["id"].endswith("-test")
    ]
    notebook["cells"] = copies + notebook["cells"] + copies
    return notebook


def _answers_are_tests(notebook: Notebook) -> Notebook:
    """Let what the trainee wrote stand in a cell that says it is a test."""
    for name in ("number", "function", "table", "partial", "figure"):
        answer, test = cell_named(notebook, name), cell_named(notebook, f"{name}-test")
        answer["metadata"], test["metadata"] = test["metadata"], answer["metadata"]
    return notebook


def _backwards(notebook: Notebook) -> Notebook:
    notebook["cells"].reverse()
    return notebook


def _all_in_one(notebook: Notebook) -> Notebook:
    first, *rest = [
        c for c in notebook["cells"] if c["cell_type"] == "code" and not c["id"].endswith("-test")
    ]
    first["source"] = "\n".join(cell["source"] for cell in (first, *rest))
    for cell in rest:
        cell["source"] = ""
    return notebook


def _split(notebook: Notebook) -> Notebook:
    place = notebook["cells"].index(cell_named(notebook, "function"))
    head, body = cell_named(notebook, "function")["source"].split("\n", 1)
    second = {**cell_named(notebook, "function"), "source": head + "\n" + body, "id": "function-2"}
    notebook["cells"].insert(place + 1, second)
    cell_named(notebook, "function")["source"] = head
    return notebook


def _pasted_test(notebook: Notebook) -> Notebook:
    """A cell of one's own, with a test's name, after everything: its points would be the last."""
    pasted = {"cell_type": "code", "id": "mine", "outputs": [], "execution_count": 1, "source": "4.0",
              "metadata": {"nbgrader": {"schema_version": 3, "grade_id": "partial-test", "grade": True,
                                        "locked": False, "solution": True, "task": False, "points": 4}}}  # fmt: skip
    notebook["cells"].append(pasted)
    return notebook


def _more_questions(notebook: Notebook) -> Notebook:
    for number in range(50):
        notebook["cells"].append(
            {"cell_type": "code", "id": f"q{number}", "outputs": [], "execution_count": None, "source": "100.0",
             "metadata": {"nbgrader": {"schema_version": 3, "grade_id": f"bonus-{number}", "grade": True,
                                       "locked": True, "solution": False, "task": False, "points": 100}}}
        )  # fmt: skip
    return notebook


def _same_name_everywhere(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        cell["id"] = "number"
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = "number-test"
    return notebook


def _forged_verdict(notebook: Notebook) -> Notebook:
    """What the grader writes between its two steps, written by the trainee."""
    notebook["metadata"]["casework"] = {"notes": [], "readable": True, "checks": {"number-test": 2}}
    for cell in notebook["cells"]:
        cell["metadata"]["casework"] = {"outcome": "passed", "message": "All is right."}
        if cell["id"].endswith("-test"):
            cell["outputs"] = [
                {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "4.0"}},
                {"output_type": "stream", "name": "stdout", "text": "4 of 4 points."},
            ]  # fmt: skip
    return notebook


_MOVED = "reordered, split, merged, pasted cells"
CELLS = [
    *(
        Attack(f"without the cell {name}", "delete a test cell", change=_without(name))
        for name in ("number-test", "partial-test", "finding", "intro")
    ),
    Attack("no test is left", "delete a test cell", change=_only_answers, exactly=True),
    Attack("tests that always pass", "duplicate a cell or spoil its metadata", change=_easier_test, exactly=True),
    *(
        Attack(f"tests worth {points}", "duplicate a cell or spoil its metadata", change=_test_worth(points), exactly=True)
        for points in (100, -5, "many", None, 1e308)
    ),
    Attack("every test twice more, with points", "duplicate a cell or spoil its metadata", change=_tests_twice, exactly=True),
    Attack("one name for all cells", "duplicate a cell or spoil its metadata", change=_same_name_everywhere),
    Attack("tests that are answers", "flip solution and grade flags",
           change=_flags(solution=True, grade=False, locked=False), exactly=True),
    Attack("tests that are tasks", "flip solution and grade flags",
           change=_flags(task=True, grade=True, solution=True), exactly=True),
    Attack("flags of no kind", "flip solution and grade flags",
           change=_flags(grade="yes", solution=[1], schema_version="999", grade_id=None)),
    Attack("answers that say they are tests", "flip solution and grade flags", change=_answers_are_tests),
    Attack("all cells backwards", _MOVED, change=_backwards, exactly=True),
    Attack("all answers in one cell", _MOVED, change=_all_in_one, exactly=True),
    Attack("an answer split in two", _MOVED, change=_split),
    Attack("a test of one's own pasted at the end", _MOVED, change=_pasted_test, exactly=True),
    Attack("fifty more questions", _MOVED, change=_more_questions, exactly=True),
    Attack("a verdict of one's own", "words that pass for the judge's", change=_forged_verdict, exactly=True),
]  # fmt: skip
