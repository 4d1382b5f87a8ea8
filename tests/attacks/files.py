"""Attacks on what is handed in: files, links, names, formats, and cells that were moved, copied or relabelled."""

import json
import os
import socket
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from table import Attack, Notebook, cell_named

_SHOUT = "raise SystemExit('a file of a trainee ran')"
_FULL_MARKS = (
    "import builtins\nclass Always:\n    def __getattr__(self, name): return Always()\n"
    "    def __call__(self, *a, **k): return Always()\n    def __eq__(self, other): return True\n"
    "import sys\nsys.modules[__name__] = Always()\n"
)
_TAKE_OVER = (
    "import builtins, sys\nbuiltins.sorted = lambda *a, **k: ['a', 'b']\nprint('TOOK OVER')\n"
)

Folder = Callable[[Path, Mapping[str, str]], None]


# --- the folder ------------------------------------------------------------------------------


def _with_files(**files: str) -> Folder:
    """Lay files beside the notebook; in a name `__` stands for a folder and `_dot_` for a dot."""

    def lay(folder: Path, places: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = folder / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return lay


def _links(folder: Path, places: Mapping[str, str]) -> None:
    (folder / "tests.py").symlink_to(places["case-1.ipynb"])
    (folder / "gradebook.db").symlink_to(places["gradebook.db"])
    (folder / "everything").symlink_to(places["root"])
    (folder / "round").symlink_to("round")


def _notebook_is(kind: str) -> Folder:
    def change(folder: Path, places: Mapping[str, str]) -> None:
        path = folder / "case-1.ipynb"
        path.unlink()
        match kind:
            case "link":
                path.symlink_to(Path(places["root"], "course/source/case-1.ipynb"))
            case "device":
                path.symlink_to("/dev/zero")
            case "pipe":
                os.mkfifo(path)
            case "folder":
                (path / "deep").mkdir(parents=True)
            case "socket":
                with socket.socket(socket.AF_UNIX) as listening:
                    before = Path.cwd()
                    os.chdir(folder)  # the name of a socket may have 107 letters only
                    listening.bind("case-1.ipynb")
                    os.chdir(before)
            case "sparse":
                with path.open("wb") as file:
                    file.truncate(20 * 2**30)
            case "unreadable":
                path.write_text("{}")
                path.chmod(0)

    return change


def _strange_names(folder: Path, places: Mapping[str, str]) -> None:
    for name in (
        "case-1.ipynb ",
        "‮bpyni.1-esac",
        "a\nb.ipynb",
        "\x1b[2J.py",
        "-rf",
        "~",
        "n" * 250,
    ):
        (folder / name).write_text("import os")
    (folder / ("d" * 200)).mkdir()
    (Path(os.fsdecode(bytes(folder) + b"/\xff\xfe.ipynb"))).write_text("{}")


def _ten_thousand_files(folder: Path, places: Mapping[str, str]) -> None:
    for number in range(10_000):
        (folder / f"f{number}").touch()


def _deep_folders(folder: Path, places: Mapping[str, str]) -> None:
    before = Path.cwd()
    os.chdir(folder)
    for _ in range(900):  # deeper than a path may be long
        os.mkdir("ddddd")  # noqa: PTH102 - by its bare name: the whole path is too long
        os.chdir("ddddd")
    os.chdir(before)


def _archive(folder: Path, places: Mapping[str, str]) -> None:
    with zipfile.ZipFile(folder / "pandas.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../../tmp/casework-left-behind", "x" * 10_000_000)


_IMPORTS = {
    "number": "import sys, random, json, pandas, matplotlib.pyplot, casework, cointrace\nanswer = 4"
}

_FOLDERS = [
    Attack("links to secrets beside the notebook", "links, pipes and devices", folder=_links),
    *(
        Attack(
            f"a {kind} in place of the notebook",
            "links, pipes and devices" if kind != "sparse" else "an enormous file",
            folder=_notebook_is(kind),
            says="The submitted notebook",
        )
        for kind in ("link", "device", "pipe", "folder", "socket", "sparse", "unreadable")
    ),
    Attack("names that steer a terminal", "strange names", folder=_strange_names),
    Attack("ten thousand files", "strange names", folder=_ten_thousand_files),
    Attack("folders deeper than a path is long", "strange names", folder=_deep_folders),
    Attack("an archive that climbs out", "files that shadow modules", folder=_archive),
    Attack(
        "pandas.py and others beside the notebook",
        "files that shadow modules",
        _IMPORTS,
        folder=_with_files(
            pandas_dot_py=_FULL_MARKS,
            numpy_dot_py=_FULL_MARKS,
            random_dot_py=_FULL_MARKS,
            json_dot_py=_SHOUT,
            casework__init_dot_py=_SHOUT,
            cointrace_dot_py=_FULL_MARKS,
            autograder__wire_dot_py=_SHOUT,
            matplotlib_dot_py=_SHOUT,
        ),
    ),
    Attack(
        "start-up files of Python",
        "files that shadow modules",
        _IMPORTS,
        folder=_with_files(
            sitecustomize_dot_py=_TAKE_OVER,
            usercustomize_dot_py=_TAKE_OVER,
            evil_dot_pth="import sys; print('TOOK OVER')",
            pyvenv_dot_cfg="home = /tmp",
        ),
    ),
    Attack(
        "start-up files of IPython, pytest and matplotlib",
        "files that shadow modules",
        _IMPORTS,
        folder=_with_files(
            _dot_ipython__profile_default__startup__00_dot_py=_TAKE_OVER,
            ipython_config_dot_py=_TAKE_OVER,
            conftest_dot_py=_TAKE_OVER,
            matplotlibrc="backend: module://evil",
            nbgrader_config_dot_py=_SHOUT,
            _dot_env="CASEWORK_CASES={}",
        ),
    ),
    Attack(
        "the hidden tests are looked for in the working folder",
        "open the tests in the working folder",
        {
            "number": "import glob, os\nfound = []\nfor place in ('.', '..', os.environ['HOME'], '/tmp', '/desk'):\n"
            "    for path in glob.glob(place + '/**/*', recursive=True):\n"
            "        if os.path.isfile(path): found.append(open(path, errors='replace').read())\n"
            "print('SECRETS', [text for text in found if 'CANARY' in text or 'truth' in text])\nanswer = 4"
        },
    ),
]


# --- the bytes of the notebook ------------------------------------------------------------------


def _always(content: bytes) -> Callable[[Notebook], bytes]:
    return lambda notebook: content


def _nested(notebook: Notebook) -> bytes:
    return b'{"cells":' + b"[" * 200_000 + b"]" * 200_000 + b"}"


def _in_another_code(notebook: Notebook) -> bytes:
    return json.dumps(notebook).encode("utf-16")


def _enormous_cell(notebook: Notebook) -> Notebook:
    cell_named(notebook, "number")["source"] = "answer = 4\n" + "#" * 30_000_000
    return notebook


def _enormous_output(notebook: Notebook) -> Notebook:
    cell_named(notebook, "number")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 30_000_000}
    ]
    return notebook


def _a_hundred_thousand_cells(notebook: Notebook) -> Notebook:
    notebook["cells"] += [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "source": "1", "execution_count": None}
        for n in range(100_000)
    ]  # fmt: skip
    return notebook


def _old_format(notebook: Notebook) -> bytes:
    cells = [
        {
            "cell_type": "code" if cell["cell_type"] == "code" else "markdown",
            "metadata": cell["metadata"],
            **({"input": cell["source"], "language": "python", "outputs": [], "collapsed": False}
               if cell["cell_type"] == "code" else {"source": cell["source"]}),
        }
        for cell in notebook["cells"]
    ]  # fmt: skip
    made = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    return json.dumps(made).encode()


def _from_the_future(notebook: Notebook) -> bytes:
    return json.dumps({**notebook, "nbformat": 99}).encode()


def _kernel(name: str) -> Callable[[Notebook], Notebook]:
    def change(notebook: Notebook) -> Notebook:
        notebook["metadata"] = {
            "kernelspec": {"name": name, "display_name": name, "language": name, "argv": ["sh", "-c", "id"]},
            "language_info": {"name": name},
        }  # fmt: skip
        return notebook

    return change


def _odd_cells(notebook: Notebook) -> Notebook:
    notebook["cells"] += [
        None, 5, "cell", [], {}, {"cell_type": "heading"}, {"cell_type": "code", "source": None},
        {"cell_type": "code", "source": [1, None, {"a": 2}], "metadata": 7, "outputs": "none"},
        {"cell_type": "code", "source": "1", "metadata": {"nbgrader": "yes"}, "outputs": [None]},
    ]  # fmt: skip
    return notebook


_BYTES = [
    Attack("nothing at all", "an empty file", change=_always(b""), says="is an empty file"),
    Attack("an empty object", "an empty file", change=_always(b"{}")),
    Attack("broken off in the middle", "a broken file",
           change=lambda notebook: json.dumps(notebook).encode()[:700]),
    Attack("bytes of no text", "a broken file", change=_always(bytes(range(256)) * 40)),
    Attack("a list", "a broken file", change=_always(b"[1, 2]")),
    Attack("brackets two hundred thousand deep", "a broken file", change=_nested),
    Attack("numbers of a million digits", "a broken file",
           change=_always(b'{"cells": [], "nbformat": ' + b"9" * 1_000_000 + b"}")),
    Attack("another code of letters", "a broken file", change=_in_another_code),
    Attack("cells that are none", "a broken file", change=_odd_cells),
    Attack("a cell of thirty million letters", "an enormous file", change=_enormous_cell),
    Attack("an output of thirty million letters", "an enormous file", change=_enormous_output),
    Attack("a hundred thousand cells", "an enormous file", change=_a_hundred_thousand_cells),
    Attack("format three", "an old format", change=_old_format, exactly=True),
    Attack("format ninety-nine", "an old format", change=_from_the_future),
    Attack("a kernel of bash", "a wrong kernel", change=_kernel("bash"), exactly=True),
    Attack("a kernel with a path", "a wrong kernel", change=_kernel("../../../bin/sh"), exactly=True),
]  # fmt: skip

FILES = [*_FOLDERS, *_BYTES]
