"""What must be built before the hub can start? Each step says what it does, and is skipped when nothing changed."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import distributions
from pathlib import Path

from hub.settings import HOUSE, Settings

BOOK_SOURCES = ("_config.yml", "_toc.yml", "book", "modules", "data")
BOOK_COMMAND = ("jupyter-book", "build", ".", "--path-output", ".", "-W", "-n")


class StepError(Exception):
    """A step failed; the message says which and what to do."""


def build_world(say: Callable[[str], None]) -> None:
    """Build the public world, which itself knows whether it is up to date."""
    _run([sys.executable, "-m", "world", "build"], "The public world could not be built", say)


def build_book(settings: Settings, say: Callable[[str], None]) -> None:
    """Build the book where a chapter, or anything that a chapter runs, has changed."""
    stamp = settings.book.parent / "book.stamp"
    now = fingerprint(HOUSE / name for name in BOOK_SOURCES)
    if (settings.book / "index.html").exists() and stamp.exists() and stamp.read_text() == now:
        say("unchanged")
        return
    _run([*BOOK_COMMAND], "The book could not be built", say)
    stamp.write_text(now)
    say("built")


def fingerprint(places: Iterable[Path]) -> str:
    """Return a digest of all files under some places and of what is installed beside them."""
    seen = hashlib.sha256()
    installed = sorted(f"{each.name}=={each.version}" for each in distributions())
    seen.update(json.dumps(installed).encode())
    for place in places:
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                seen.update(json.dumps([str(file.relative_to(HOUSE))]).encode())
                seen.update(hashlib.sha256(file.read_bytes()).digest())
    return seen.hexdigest()


def readable(line: str) -> str:
    """Return what a line of output says, without colours; nothing for a line that only decorates."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).strip()
    return text if any(character.isalnum() for character in text) else ""


def _run(command: list[str], failure: str, say: Callable[[str], None]) -> None:
    """Run a command, passing on its last line as progress; show all it said when it fails."""
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            shown = readable(line)
            if shown:
                say(shown)
    if process.returncode:
        said = "\n".join(lines[-30:])
        raise StepError(f"{said}\n\n{failure}; above is what it said: {' '.join(command)}")
