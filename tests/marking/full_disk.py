"""Grade a class on a disk that is nearly full, then make room and grade on. Run by test_full_disk.py inside bubblewrap.

    python full_disk.py DISK SAVED OUT COURSE FREE FOLDER...

Copies what lies in SAVED to DISK, fills DISK up to FREE bytes, and grades the class in COURSE; makes room, and
grades again. Writes what both runs said to OUT, and copies each FOLDER there, as it was after both.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

FILLER = "filler"


def main(disk: Path, saved: Path, out: Path, course: Path, free: int, *folders: Path) -> None:
    """Do all of it."""
    shutil.copytree(saved, disk, dirs_exist_ok=True, symlinks=True)
    _fill(disk / FILLER, free)
    told = [_grade(course)]
    _keep(folders, out / "full")
    (disk / FILLER).unlink()
    told.append(_grade(course, "--resume"))
    _keep(folders, out / "roomy")
    (out / "told.json").write_text(json.dumps(told))


def _fill(file: Path, free: int) -> None:
    state = os.statvfs(file.parent)
    block = b"x" * 4096
    with file.open("wb") as filling:
        for _ in range((state.f_bavail * state.f_frsize - free) // len(block)):
            filling.write(block)


def _grade(course: Path, *arguments: str) -> dict[str, object]:
    command = [Path(sys.executable).with_name("casework"), "grade", "crypto-1"]
    command += ["--course", course, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return {"status": done.returncode, "out": done.stdout, "err": done.stderr}


def _keep(folders: tuple[Path, ...], place: Path) -> None:
    for folder in folders:
        skip = shutil.ignore_patterns(FILLER)
        shutil.copytree(folder, place / folder.name, ignore=skip, symlinks=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]), int(sys.argv[5]), *map(Path, sys.argv[6:]))
