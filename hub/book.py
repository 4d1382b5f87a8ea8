"""How is the book read? As plain files, by anybody who can reach the hub, at /services/book/.

    python -m hub.book FOLDER LOG

is started by the hub, which says in the environment where to listen and under which prefix.
"""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tornado.web import Application, HTTPError, RedirectHandler, StaticFileHandler

from hub.child import settle


class BookPage(StaticFileHandler):
    """One file of the book. Nothing outside its folder is served, whatever the address says."""

    def set_extra_headers(self, path: str) -> None:
        """Let browsers keep a page, but ask whether it is still the same (by its ETag)."""
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "frame-ancestors 'self'")
        if "v" not in self.request.arguments:  # files asked for with ?v=DIGEST never change
            self.set_header("Cache-Control", "no-cache")

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Return the file to serve; refuse links that lead out of the book, and hidden files."""
        path = super().validate_absolute_path(root, absolute_path)
        if path is not None:
            inside = Path(path).resolve()
            book = Path(root).resolve()
            if not inside.is_relative_to(book) or any(
                part.startswith(".") for part in inside.relative_to(book).parts
            ):
                raise HTTPError(404)
        return path


def book_application(folder: Path, prefix: str) -> Application:
    """Return the web application that serves the book in `folder` under `prefix` (`/.../`)."""
    page = {"path": str(folder), "default_filename": "index.html"}
    return Application(
        [
            (prefix.rstrip("/"), RedirectHandler, {"url": prefix}),
            (f"{prefix}(.*)", BookPage, page),
        ]
    )


async def serve(folder: Path, url: str, prefix: str) -> None:
    """Serve the book at a URL such as `http://127.0.0.1:8765` until the process is ended."""
    place = urlsplit(url)
    book_application(folder, prefix).listen(place.port or 80, place.hostname or "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    settle(Path(sys.argv[2]))
    asyncio.run(
        serve(
            Path(sys.argv[1]),
            os.environ["JUPYTERHUB_SERVICE_URL"],
            os.environ["JUPYTERHUB_SERVICE_PREFIX"],
        )
    )
