"""What one submission may use. One table, read by the sandbox, the judge and the documentation."""

from dataclasses import asdict, dataclass
from typing import Any

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one submission may use; times in seconds, sizes in bytes.

    cell_seconds      one cell of the trainee's; then it is interrupted
    grace_seconds     how long it may take to obey; then the whole notebook is ended
    notebook_seconds  all cells of the trainee's together
    check_seconds     one test cell, answers included
    memory_bytes      what all processes of a notebook together may add to a warm parent's memory
    disk_bytes        each private disk (/tmp, home, shared memory); it counts as memory
    file_bytes        one file
    processes         processes and threads
    open_files        open files of one process
    output_bytes      what one cell may put out
    answer_bytes      one answer to the judge
    """

    cell_seconds: float = 30.0
    grace_seconds: float = 2.0
    notebook_seconds: float = 120.0
    check_seconds: float = 30.0
    memory_bytes: int = 2048 * MB
    disk_bytes: int = 128 * MB
    file_bytes: int = 64 * MB
    processes: int = 64
    open_files: int = 256
    output_bytes: int = 2 * MB
    answer_bytes: int = 64 * MB

    def as_message(self) -> dict[str, Any]:
        """Return the limits as plain data, with the ceiling on processor time that follows from them."""
        return asdict(self) | {"cpu_seconds": int(self.notebook_seconds) + 60}
