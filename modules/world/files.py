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


def write(folder: Path, files: Files, seed: str, size: str = "public") -> None:
    """Write `files` and the record of their making; take away what an older build left.

    While it writes, the record names no generator: an interrupted build is never taken for a
    finished one. Only files that a record names are ever removed.
    """
    old = older_build(folder)
    kept = digests(files)
    _record(folder, seed, size, "", {**old, **kept})
    for path in old:
        if path not in files:
            (folder / path).unlink(missing_ok=True)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    _record(folder, seed, size, generator_digest(), kept)


def _record(folder: Path, seed: str, size: str, generator: str, kept: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    record = {"seed": seed, "size": size, "generator": generator, "files": kept}
    (folder / RECORD).write_bytes(as_json(record))


def older_build(folder: Path) -> dict[str, str]:
    """Return the files that an older build wrote here (path -> SHA-256), none in an empty folder.

    Raises WorldError where the folder holds something that is not ours to touch.
    """
    try:
        paths = json.loads((folder / RECORD).read_bytes())["files"]
    except FileNotFoundError:
        if any((folder / name).exists() for name in _FOLDERS):
            raise WorldError(
                f"{folder} has a world/ or truth/ that this program did not build; name an empty folder"
            ) from None
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise WorldError(f"{folder / RECORD} cannot be read; name an empty folder") from error
    if not isinstance(paths, dict) or not all(_inside(path) for path in paths):
        raise WorldError(f"{folder / RECORD} names files outside of it; name an empty folder")
    return paths


def _inside(path: str) -> bool:
    parts = path.split("/")
    return parts[0] in _FOLDERS and ".." not in parts


def unchanged(folder: Path, seed: str, size: str = "public") -> bool:
    """Say whether `folder` holds exactly what these sources make of `seed` at that size."""
    record = folder / RECORD
    if not record.is_file():
        return False
    try:
        written = json.loads(record.read_bytes())
        wanted = {"seed": seed, "size": size, "generator": generator_digest()}
        same = all(written[key] == value for key, value in wanted.items())
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


def strays(folder: Path, expected: dict[str, str]) -> list[str]:
    """Return one sentence per file below `folder` that no list names (hidden files are let be)."""
    there = (file for file in sorted(folder.rglob("*")) if file.is_file())
    names = (file.relative_to(folder).as_posix() for file in there)
    return [
        f"{name} does not belong to this world; take it away"
        for name in names
        if name not in expected and not any(part.startswith(".") for part in name.split("/"))
    ]


def check(folder: Path) -> tuple[int, list[str]]:
    """Check a world: `folder` is one that `build` wrote, or only its world/ (what trainees get).

    Returns how many files were compared and one sentence per fault (none if the world is whole).
    Raises WorldError where there is no world to check.
    """
    listing = next(
        (each for each in (folder / RECORD, folder / "world.json") if each.is_file()), None
    )
    if listing is None:
        raise WorldError(
            f"{folder} holds neither {RECORD} nor world.json; "
            "name a folder that `python -m world build` wrote"
        )
    try:
        expected = dict(json.loads(listing.read_bytes())["files"])
        found = faults(folder, expected)
    except (ValueError, KeyError, TypeError) as error:
        raise WorldError(f"{listing} cannot be read; build the world again") from error
    return len(expected), found + strays(folder, {**expected, listing.name: ""})
