"""Which settings does the hub have? All of them, in one table, with the value that holds by default."""

from dataclasses import dataclass, field
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
"""The checkout: everything that is read lies under it."""


@dataclass(frozen=True)
class Limits:
    """What one single-user server may use; sizes in bytes."""

    memory: int = (
        4 * 2**30
    )  # address space of one process, so that one kernel cannot fill the machine
    processes: int = 400  # processes and threads of one sandbox; stops a fork bomb (not for root)
    open_files: int = 4096
    file_size: int = 2**30  # one file
    temporary: int = 2**30  # all of /tmp
    shared_memory: int = 256 * 2**20  # all of /dev/shm


@dataclass(frozen=True)
class Settings:
    """One run of the hub."""

    address: str = "127.0.0.1"  # this machine only: passwords travel without TLS
    port: int = 8000
    course: str = "crossborder"
    instructor: str = "instructor"
    trainees: tuple[str, ...] = ("ada", "bruno", "chen")
    class_folder: Path = HOUSE / "_run" / "class"
    world: Path = HOUSE / "data" / "public" / "world"
    truth: Path = HOUSE / "data" / "public" / "truth"
    book: Path = HOUSE / "_build" / "html"
    build_book: bool = True
    limits: Limits = field(default_factory=Limits)

    @property
    def users(self) -> tuple[str, ...]:
        """Everyone with a password: the instructor first."""
        return (self.instructor, *self.trainees)

    def home(self, user: str) -> Path:
        """Return where the home of a user lies on this machine."""
        return self.class_folder / "homes" / user

    @property
    def course_folder(self) -> Path:
        """The instructor's course: sources, submissions, gradebook."""
        return self.class_folder / "course"

    @property
    def exchange(self) -> Path:
        """What passes between instructor and trainees."""
        return self.class_folder / "exchange"

    @property
    def key_file(self) -> Path:
        """The secret from which every trainee's case number is drawn."""
        return self.class_folder / "secret.key"

    @property
    def logs(self) -> Path:
        """What hub and single-user servers have to say."""
        return self.class_folder / "logs"
