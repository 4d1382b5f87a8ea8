"""Anybody may read the book, and only the book."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from hub_driver import HOUSE, RunningHub, free_port


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("book")
    html = folder / "html"
    (html / "part").mkdir(parents=True)
    (html / "index.html").write_text("<h1>The book</h1>")
    (html / "part" / "index.html").write_text("<h1>A part</h1>")
    (html / "look.css").write_text("body {}")
    (html / "picture.svg").write_text("<svg/>")
    (html / ".buildinfo").write_text("hidden")
    (folder / "secret.txt").write_text("a secret")
    (html / "link.txt").symlink_to(folder / "secret.txt")
    url = f"http://127.0.0.1:{free_port()}"
    environment = {"JUPYTERHUB_SERVICE_URL": url, "JUPYTERHUB_SERVICE_PREFIX": "/services/book/"}
    command = [sys.executable, "-m", "hub.book", str(html), str(folder / "log")]
    with subprocess.Popen(command, cwd=HOUSE, env=environment) as server:
        for _ in range(100):
            try:
                requests.get(url, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield f"{url}/services/book/"
        server.terminate()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("", "text/html"), ("part/", "text/html"), ("look.css", "text/css"), ("picture.svg", "svg")],
)
def test_a_page_comes_with_its_type_and_may_be_kept_while_it_is_the_same(
    book: str, path: str, kind: str
) -> None:
    answer = requests.get(book + path, timeout=10)
    assert answer.status_code == 200
    assert kind in answer.headers["Content-Type"]
    assert answer.headers["Cache-Control"] == "no-cache"
    again = requests.get(book + path, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert again.status_code == 304


def test_what_is_named_by_its_digest_may_be_kept_for_good(book: str) -> None:
    answer = requests.get(f"{book}look.css?v=123", timeout=10)
    assert "max-age=31536" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "part/../../secret.txt",
        "link.txt",
        ".buildinfo",
        "none",
    ],
)
def test_nothing_outside_the_book_is_served(book: str, path: str) -> None:
    host, port = book.split("/")[2].split(":")
    with socket.create_connection((host, int(port))) as line:  # a browser would tidy the path
        line.sendall(
            f"GET /services/book/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    assert answer.split()[1] in (b"403", b"404")
    assert b"a secret" not in answer and b"hidden" not in answer


@pytest.mark.slow
def test_the_hub_shows_the_book_without_a_login(hub: RunningHub) -> None:
    answer = requests.get(f"{hub.url}/services/book/", allow_redirects=False, timeout=10)
    built = Path(HOUSE, "_build", "html", "index.html").exists()
    assert answer.status_code == (200 if built else 404)
    assert "hub/login" not in answer.headers.get("Location", "")
