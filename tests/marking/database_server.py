"""A PostgreSQL server of our own: real programs, data in a temporary folder, a port that was free."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

PASSWORD = "s3cret/of:the@gr%ader"
"""With every sign that an address gives a meaning to."""
USER = "grader"
# The second lets a server lose what it has called written; a gradebook must not depend on it.
SETTINGS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40"]


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them out of the PATH."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = newest[-1] if newest else shutil.which("initdb")
    return Path(found).parent if found else None


class Server:
    """One server with one user who has a password. Every test makes a database of its own in it."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self._folder = folder
        self._bin = bin_folder
        # PostgreSQL refuses to run as root.
        self._owner: dict[str, object] = {}
        if os.getuid() == 0:
            person = pwd.getpwnam("postgres")
            self._owner = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
            os.chown(folder, person.pw_uid, person.pw_gid)
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._databases = 0
        made = ["-A", "scram-sha-256", "-U", USER, "--pwfile", "password", "--no-sync"]
        self._run("initdb", "-D", "data", *made, "-E", "UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        """Start it where it does not run."""
        if (self._folder / "data" / "postmaster.pid").exists() and self._runs():
            return
        options = f"-k {self._folder} -h 127.0.0.1 -p {self.port}"
        options += "".join(f" -c {setting}" for setting in SETTINGS)
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self, how: str = "immediate") -> None:
        """End it: "immediate" as a power cut does, without a word to anybody."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", "data", "-w", "-m", how, "stop")

    def new_database(self, like: str = "template1") -> str:
        """Make an empty database, or a copy of another; its name."""
        self._databases += 1
        name = f"grades{self._databases}"
        self.sql(f"create database {name} template {like}")
        return name

    def url(self, database: str, password: str = PASSWORD, port: int | None = None) -> str:
        """The address of a database, as `c.CourseDirectory.db_url` takes it."""
        secret = quote(password, safe="")
        return f"postgresql+pg8000://{USER}:{secret}@127.0.0.1:{port or self.port}/{database}"

    def sql(self, text: str, database: str = "postgres") -> list[str]:
        """Run SQL as the owner of all; the lines of the answer."""
        return self._run("psql", *self._psql(database), "-c", text).stdout.splitlines()

    def session(self, text: str, database: str) -> subprocess.Popen[bytes]:
        """Run SQL in the background, in a connection of its own."""
        return subprocess.Popen(
            [str(self._bin / "psql"), *self._psql(database), "-c", text],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _psql(self, database: str) -> list[str]:
        place = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database]
        return ["-qAtX", "-v", "ON_ERROR_STOP=1", *place]

    def _runs(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", "data", "status")
            return True
        return False

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Into a file: a server inherits what pg_ctl writes to, and a pipe would wait for its end.
        said = self._folder / "said"
        with said.open("w+") as out:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                cwd=self._folder,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD, "LC_ALL": "C.UTF-8"},
                timeout=120,
                **self._owner,
            )
        text = said.read_text()
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, program, text)
        return subprocess.CompletedProcess(arguments, 0, text)
