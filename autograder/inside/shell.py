"""A notebook's shell without a kernel: IPython runs the cells, and their outputs are kept as a notebook keeps them.

The outputs are the trainee's: they are shown in the feedback, and no mark is ever taken from them.
"""

import io
import json
import re
import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell, InteractiveShellABC
from traitlets.config import Config

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Recorder:
    """The outputs of the running cell, up to a number of bytes.

    Args:
        most_bytes: what one cell may put out; more is cut, and the cut is said.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self.start()

    def start(self) -> None:
        """Forget what was kept: a new cell begins."""
        self.outputs: list[dict[str, Any]] = []
        self._left = self._most
        self._cut = False

    def write(self, name: str, text: str) -> None:
        """Add text to the stream `stdout` or `stderr`."""
        text = self._take(text)
        if not text:
            return
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["text"].append(text)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": [text]})

    def add(self, output: dict[str, Any]) -> None:
        """Add a display, a result or an error."""
        size = len(json.dumps(output, default=str))
        if size > self._left:
            self._say_cut()
            return
        self._left -= size
        self.outputs.append(output)

    def clear(self) -> None:
        """Do what `clear_output` does."""
        self.outputs.clear()

    def finished(self) -> list[dict[str, Any]]:
        """Return the outputs as nbformat has them."""
        for output in self.outputs:
            if output["output_type"] == "stream" and isinstance(output["text"], list):
                output["text"] = "".join(output["text"])
        return self.outputs

    def _take(self, text: str) -> str:
        if len(text) > self._left:
            text = text[: self._left]
            self._left = 0
            self._say_cut()
        self._left -= len(text)
        return text

    def _say_cut(self) -> None:
        if not self._cut:
            self._cut = True
            note = f"\n[More than {self._most:,} bytes of output: the rest was left out.]\n"
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": [note]})


class _Stream(io.TextIOBase):
    """What the cells' `print` writes to."""

    encoding = "utf-8"

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder = recorder
        self._name = name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._recorder.write(self._name, text)
        return len(text)


def _jsonable(bundle: dict[str, Any]) -> dict[str, Any]:
    from base64 import encodebytes

    return {
        mime: encodebytes(data).decode() if isinstance(data, bytes) else data
        for mime, data in bundle.items()
    }


class _Publisher(DisplayPublisher):
    recorder: Recorder

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **ignored: Any,
    ) -> None:
        self.recorder.add(
            {
                "output_type": "display_data",
                "data": _jsonable(data),
                "metadata": _jsonable(metadata or {}),
            }
        )

    def clear_output(self, wait: bool = False) -> None:
        self.recorder.clear()


class _Hook(DisplayHook):
    recorder: Recorder

    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(
        self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None
    ) -> None:
        self.recorder.add(
            {
                "output_type": "execute_result",
                "execution_count": self.shell.execution_count,
                "data": _jsonable(format_dict),
                "metadata": _jsonable(md_dict or {}),
            }
        )

    def finish_displayhook(self) -> None:
        pass


class NotebookShell(InteractiveShell):
    """IPython as a notebook has it: results and pictures are recorded, nothing is asked of a terminal."""

    recorder: Recorder

    def init_sys_modules(self) -> None:
        """Let the trainee's module be `__main__`, as in a kernel."""
        sys.modules["__main__"] = self.user_module

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept `%matplotlib inline`; there is no window here."""

    def ask_exit(self) -> None:
        """Let `exit` end the cell, not the process."""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.recorder.add(
            {
                "output_type": "error",
                "ename": str(getattr(etype, "__name__", "Error")),
                "evalue": str(evalue)[:2000],
                "traceback": [_ANSI.sub("", line) for line in stb],
            }
        )


InteractiveShellABC.register(NotebookShell)


def open_shell(output_bytes: int) -> NotebookShell:
    """Make the one shell of this process."""
    # No history file: it would live on disk, and start a thread in a parent that must not have one.
    config = Config({"HistoryManager": {"enabled": False, "hist_file": ":memory:"}})
    shell = NotebookShell.instance(
        config=config, display_pub_class=_Publisher, displayhook_class=_Hook, colors="nocolor"
    )
    shell.recorder = shell.display_pub.recorder = shell.displayhook.recorder = Recorder(
        output_bytes
    )
    import matplotlib.pyplot as plt
    import pandas as pd
    from matplotlib.figure import Figure
    from matplotlib_inline.backend_inline import configure_inline_support

    from autograder.inside.pictures import picture

    configure_inline_support(shell, "module://matplotlib_inline.backend_inline")
    formatters = shell.display_formatter.formatters
    formatters["image/png"].for_type(Figure, picture)
    formatters["text/plain"].for_type(pd.DataFrame, _table_in_words)
    # Figures are drawn when they are shown at the end of a cell; once more before that would only cost time.
    plt.uninstall_repl_displayhook()
    return shell


def _table_in_words(table: Any, printer: Any, cycle: bool) -> None:
    """Write of a table only how large it is where it stands alone: then it is shown as HTML as well, and read there."""
    alone = len(printer.stack) == 1
    printer.text(f"[{len(table)} rows x {table.shape[1]} columns]" if alone else repr(table))


def run_cell(shell: NotebookShell, source: str) -> tuple[bool, list[dict[str, Any]]]:
    """Run one cell.

    Returns:
        Whether it ended without an error, and its outputs as nbformat has them.
    """
    recorder = shell.recorder
    recorder.start()
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream(recorder, "stdout"), _Stream(recorder, "stderr")
    try:
        result = shell.run_cell(source, store_history=True)
        return bool(result.success), recorder.finished()
    finally:
        sys.stdout, sys.stderr = streams
