"""A real hub and a real browser; Debian's chromium where it is, else Playwright's own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "hub")]
from hub_driver import RunningHub  # noqa: E402 - found in the folder just named

DEBIAN = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",  # chromium refuses its own sandbox to root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def hub(tmp_path_factory) -> Iterator[RunningHub]:
    running = RunningHub(tmp_path_factory.mktemp("browser") / "class", ("--no-book",))
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(
                executable_path=DEBIAN if DEBIAN.exists() else None, args=QUIET
            )
        except Error as missing:
            message = (
                "NO BROWSER: neither Debian's chromium nor Playwright's own can be started, so nothing "
                f"was tried in a browser. Run: playwright install chromium. ({missing.message[:200]})"
            )
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        yield started
        started.close()
