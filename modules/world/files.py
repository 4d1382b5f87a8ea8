"""How do the bytes reach the disk, and are they still the same? Writing, hashing, checking."""

import hashlib
import json
from pathlib import Path

from .errors import WorldError

VERSION = 1
RECORD = "build.json"
_FOLDERS = ("world", "truth")

Files = dict[str, bytes]  # path below the folder of the world, with "/" -> content


def as_json(value: object) -> bytes:
    """Write a value as people can read it, the same way each time."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def digests(files: Files) -> dict[str, str]:
    """Return the SHA-256 of every file, in order of path."""
    return {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)}


def generator_digest() -> str:
    """Return one SHA-256 over the sources of this package: it changes when the world may."""
    total = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        text = source.read_bytes().replace(b"\r\n", b"\n")
        total.update(source.name.encode("utf-8") + b"\0" + hashlib.sha256(text).digest())
    return total.hexdigest()


def write(folder: Path, files: Files, seed: str) -> None:
    """Write `files` and the record of their making; take away what an older build left.

    The record is written last: a build that was interrupted is never taken for a finished one.
    """
    record = folder / RECORD
    record.unlink(missing_ok=True)
    for name in _FOLDERS:
        for old in sorted((folder / name).rglob("*"), reverse=True):
            if old.is_file() and old.relative_to(folder).as_posix() not in files:
                old.unlink()
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    record.write_bytes(
        as_json({"seed": seed, "generator": generator_digest(), "files": digests(files)})
    )


def unchanged(folder: Path, seed: str) -> bool:
    """Say whether `folder` holds exactly what these sources make of `seed`."""
    record = folder / RECORD
    if not record.is_file():
        return False
    try:
        written = json.loads(record.read_bytes())
        same = written["seed"] == seed and written["generator"] == generator_digest()
        return same and not faults(folder, written["files"])
    except (ValueError, KeyError, TypeError):
        return False


def faults(folder: Path, expected: dict[str, str]) -> list[str]:
    """Compare the files below `folder` with their digests; return one sentence per difference."""
    found = []
    for path, digest in expected.items():
        file = folder / path
        if not file.is_file():
            found.append(f"{path} is missing; build the world again")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            found.append(f"{path} was changed after the world was built; build it again")
    return found


def check(folder: Path) -> tuple[int, list[str]]:
    """Check a world: `folder` holds world.json, or the folders world/ and truth/ and the record.

    Returns how many files were compared and one sentence per fault (none if the world is whole).
    Raises WorldError where there is no world to check.
    """
    whole = (folder / RECORD).is_file()
    base = folder / "world" if (folder / "world").is_dir() else folder
    try:
        if whole:
            expected = json.loads((folder / RECORD).read_bytes())["files"]
            return len(expected), faults(folder, expected)
        expected = json.loads((base / "world.json").read_bytes())["files"]
        return len(expected), faults(base, expected)
    except FileNotFoundError as error:
        raise WorldError(
            f"{folder} holds no world.json; name a folder that `python -m world build` wrote"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        name = RECORD if whole else "world.json"
        raise WorldError(f"{name} in {folder} cannot be read; build the world again") from error
