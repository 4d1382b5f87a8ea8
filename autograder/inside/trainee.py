"""One trainee's notebook: runs a cell when told to, and answers with plain data when asked.

Whatever this process says may be a lie, because the trainee's code runs in it. So it is asked for data only, and the
judge checks what arrives.
"""

import contextlib
import os
import signal
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.inside import shell as notebook
from autograder.wire import Caps, Channel, ChannelClosed, WireError, decode, encode

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
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    shell = notebook.NotebookShell.instance()
    shell.recorder._most = request["output_bytes"]
    callables: list[Any] = []
    while True:
        try:
            message, buffers = channel.receive()
        except ChannelClosed:
            return
        try:
            with _interruptible():
                reply, parts = _answer(shell, callables, message, buffers)
        except KeyboardInterrupt:
            reply, parts = {"ok": False, "outputs": [], "refused": "it took too long"}, []
        try:
            channel.send({"id": message["id"], **reply}, parts)
        except ChannelClosed:
            return
        except (WireError, ValueError, MemoryError) as error:
            why = str(error) if isinstance(error, WireError) else "it is no plain data"
            channel.send({"id": message["id"], "ok": False, "outputs": [], "refused": why})


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt through only while the trainee's code runs, and none that was meant for what ran before.

    One that came while a message is read would leave half of it unread, and end an honest notebook.
    """
    if signal.SIGINT in signal.sigpending():
        signal.sigwait({signal.SIGINT})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _settle(baggage: int) -> None:
    folder = Path(os.environ["HOME"], "work")
    folder.mkdir()
    with os.fdopen(baggage, "rb") as file, zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    os.chdir(folder)


def _answer(
    shell: notebook.NotebookShell,
    callables: list[Any],
    message: dict[str, Any],
    buffers: list[bytes],
) -> tuple[dict[str, Any], list[bytes]]:
    match message["op"]:
        case "run":
            try:
                succeeded, outputs = notebook.run_cell(shell, message["source"])
            except KeyboardInterrupt:
                succeeded, outputs = False, shell.recorder.finished()
            return {"ok": succeeded, "outputs": outputs}, []
        case "get":
            name = message["name"]
            if name not in shell.user_ns:
                return {"missing": True}, []
            return _packed(shell.user_ns[name], callables)
        case "call":
            return _call(callables, message, buffers)
    return {"refused": "no such question"}, []


def _packed(value: Any, callables: list[Any]) -> tuple[dict[str, Any], list[bytes]]:
    def refer(function: Any) -> int:
        callables.append(function)
        return len(callables) - 1

    try:
        data, buffers = encode(value, refer)
    except (WireError, RecursionError, MemoryError) as error:
        return {"refused": str(error)[:500]}, []
    except KeyboardInterrupt:
        return {"refused": "it took too long"}, []
    except Exception as error:
        return {"refused": f"reading it raised {type(error).__name__}"}, []
    return {"value": data}, buffers


def _call(
    callables: list[Any], message: dict[str, Any], buffers: list[bytes]
) -> tuple[dict[str, Any], list[bytes]]:
    arguments = decode(message["args"], buffers)
    try:
        result = callables[message["ref"]](*arguments[0], **arguments[1])
    except BaseException as error:
        lineage = [kind.__name__ for kind in type(error).__mro__]
        try:
            text = str(error)[:2000]
        except Exception:
            text = ""
        return {"raised": lineage[:20], "text": text}, []
    return _packed(result, callables)
