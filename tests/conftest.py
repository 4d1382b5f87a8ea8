"""What all tests share: where the house and the real sample data are, and one browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

HOUSE = Path(__file__).parents[1]
CHROMIUM_OPTIONS = [
    "--no-sandbox",  # chromium refuses its own sandbox to root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing of ours may need another host: none has an address here.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def house() -> Path:
    """Return the folder of the checkout."""
    return HOUSE


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real sample data beside the checkout, or skip where it is absent."""
    folder = HOUSE.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real sample data is not here: {folder} is missing")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's chromium where it is, else Playwright's own. One for all: a process can hold no second."""
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
            )
        except Error as missing:
            message = (
                "NO BROWSER: neither Debian's chromium nor Playwright's own can be started, so nothing was tried in "
                f"a browser. Run: sudo apt install chromium. ({missing.message[:200]})"
            )
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        yield started
        started.close()
