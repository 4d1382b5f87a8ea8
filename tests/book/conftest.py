"""The book as a reader has it: built once from the sources, opened from a server and from a file."""

import functools
import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
sys.path[:0] = [str(HOUSE / "book" / "_ext"), str(Path(__file__).parent)]

from making import build  # noqa: E402 (found by the line above)


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which the book was built."""
    folder = tmp_path_factory.mktemp("book")
    done = build(HOUSE, folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder


@pytest.fixture(scope="session")
def html(out: Path) -> Path:
    """Return the folder of the built pages."""
    return out / "_build" / "html"


@pytest.fixture(scope="session")
def served(html: Path) -> Iterator[str]:
    """Serve the built pages on a free port; return the address of their root."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the tests look at what the browser saw."""

    handler = functools.partial(Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["from a server", "from a file"])
def root(request: pytest.FixtureRequest, html: Path, served: str) -> str:
    """Return where the book is opened: once each way."""
    return served if request.param == "from a server" else html.as_uri()
