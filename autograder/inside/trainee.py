"""One trainee's notebook: runs a cell when told to, and answers with plain data when asked.

Whatever this process says may be a lie, because the trainee's code runs in it. So it is asked for data only, and the
judge checks what arrives.
"""

import os
import socket
import zipfile
from pathlib import Path
from typing import Any

from autograder.inside import shell as notebook
from autograder.inside.answers import Answers
from autograder.wire import Caps, Channel, encode

REHEARSAL = (
    "import pandas as pd\npd.DataFrame({'n': [1], 't': ['x']})",
    """
import matplotlib.pyplot as plt
import casework
casework.style()
days = pd.date_range('2020-01-01', periods=60, tz='UTC')
for draw in ('plot', 'bar', 'scatter'):
    figure, axes = plt.subplots()
    getattr(axes, draw)(days, range(60), label='x')
    axes.set(title='t', xlabel='x', ylabel='y')
    axes.legend()
pd.Series(range(60), index=days).plot()
""",
    """
import pathlib
for folder in pathlib.Path(__import__('os').environ['CASEWORK_WORLD'], 'cases').iterdir():
    case = casework.open_case(folder.name)
    case.chain()
case
""",
    "casework.BlockExplorer(case.block)",
    "raise ValueError('warm')",
)
"""What notebooks do that is slow the first time. Each child inherits what it leaves warm."""


def warm_up() -> None:
    """Load what every notebook needs, and do once what is slow the first time."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    import pandas as pd

    import casework
    import cointrace

    shell = notebook.open_shell(output_bytes=1_000_000)
    with mpl.rc_context():
        for source in REHEARSAL:
            notebook.run_cell(shell, source)
    encode(pd.DataFrame({"n": [1], "t": ["x"]}))
    plt.close("all")
    shell.reset(new_session=True)
    shell.execution_count = 1
    assert casework and cointrace  # loaded for the trainee's sake


def live(fds: list[int], request: dict[str, Any]) -> None:
    """Serve the judge over the first descriptor until it closes.

    Args:
        fds: the socket to the judge, and a zip archive of what lies beside the notebook.
        request: "env" and "output_bytes".
    """
    caps = Caps(frame_bytes=request["limits"]["answer_bytes"])
    channel = Channel(socket.socket(fileno=os.dup(fds[0])), caps)
    os.close(fds[0])
    os.environ.update(request["env"])
    _settle(fds[1])
    shell = notebook.NotebookShell.instance()
    shell.recorder._most = request["output_bytes"]
    Answers(channel, lambda source: _run(shell, source), shell.user_ns, caps).serve()


def _run(shell: notebook.NotebookShell, source: str) -> tuple[bool, list[dict[str, Any]]]:
    try:
        return notebook.run_cell(shell, source)
    except KeyboardInterrupt:
        return False, shell.recorder.finished()


def _settle(baggage: int) -> None:
    folder = Path(os.environ["HOME"], "work")
    folder.mkdir()
    with os.fdopen(baggage, "rb") as file, zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    os.chdir(folder)
