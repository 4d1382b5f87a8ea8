"""Read a YAML file that strangers wrote: exact places, no surprises, and never more than it says.

The events of libyaml are put together here by hand. So every value keeps its line, a key given twice
is an error instead of a silent loss, nothing runs, and a file of a few bytes cannot grow ("YAML bomb")
or turn in a circle. `!include` names another file, as GraphSense's packs use it for headers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from yaml.resolver import Resolver

from cointrace.errors import ChainError

_DEEPEST = 12
_GROWTH = 20  # values a byte of the file may stand for, through aliases
_MOST_INCLUDES = 20  # in one file
_INCLUDES_DEEP = 3
_FOLDERS_UP = 3  # how far above a pack its included header may lie
_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_INCLUDE = "!include"


@dataclass(frozen=True, slots=True)
class Value:
    """A value and where it stands: `holds` is text, a list of values or a dict of names to values.

    `sort` is what YAML takes the value for: "text", "null", "bool", "int", "float", "timestamp",
    "list" or "mapping".
    """

    holds: str | list[Value] | dict[str, Value]
    sort: str
    place: str


@dataclass(slots=True)
class _Reading:
    """What is known while one file is read. `left` is how many values may still be made."""

    events: Iterator[yaml.Event]
    name: str
    folder: Path | None
    root: Path | None
    trail: tuple[Path, ...]
    anchors: dict[str, Value | None]
    left: int
    included: set[Path]
    includes: int = 0


def read_file(
    file: Path,
    root: Path | None = None,
    *,
    name: str | None = None,
    included: set[Path] | None = None,
    trail: tuple[Path, ...] = (),
) -> Value:
    """Return what a YAML file holds.

    Args:
        file: the file.
        root: the folder that included files must lie in; None is the file's own folder and those up to
            three above it.
        name: what the file is called in errors.
        included: a set to which the files are added that this one includes.
        trail: the files that led here by including one another.

    Raises:
        ChainError: it cannot be read, or is not plain YAML; with file and line.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ChainError(
            f"the file cannot be read ({reason})", "check its name and place", source=str(file)
        ) from None
    seen = set() if included is None else included
    trail = (*trail, file.resolve())
    return _read(content, name or file.name, file.parent, root, seen, trail)


def read_bytes(content: bytes, name: str = "these bytes") -> Value:
    """Return what YAML in bytes holds; `name` is used in errors. Bytes can include no other file.

    Raises:
        ChainError: it is not plain YAML, or more than one document; with the line.
    """
    return _read(content, name, None, None, set(), ())


def _read(
    content: bytes,
    name: str,
    folder: Path | None,
    root: Path | None,
    included: set[Path],
    trail: tuple[Path, ...],
) -> Value:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    most = 1_000 + _GROWTH * len(content)
    reading = _Reading(iter(()), name, folder, root, trail, {}, most, included)
    try:
        reading.events = iter(yaml.parse(content, Loader=loader))
        next(reading.events)  # the stream begins
        if isinstance(next(reading.events), yaml.StreamEndEvent):
            raise ChainError("the file is empty", "take a fresh copy", source=name)
        found = _value(reading, next(reading.events), 0)
        next(reading.events)  # the document ends
        after = next(reading.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise ChainError(
                "a second document begins", "keep one in each file", source=_place(reading, after)
            )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"{name}, line {mark.line + 1}" if mark else name
        said = " ".join((error.problem or "it cannot be understood").split())
        raise ChainError(f"this is not YAML ({said})", "correct that line", source=line) from None
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        if isinstance(error, ChainError):
            raise
        said = " ".join(str(error).split())[:80]
        raise ChainError(
            f"this is not YAML ({said})", "check that it is a text file", source=name
        ) from None
    return found


def _value(reading: _Reading, event: yaml.Event, depth: int) -> Value:
    place = _place(reading, event)
    if depth > _DEEPEST:
        raise ChainError(
            f"values are nested more than {_DEEPEST} deep", "write them flat", source=place
        )
    if isinstance(event, yaml.AliasEvent):
        return _alias(reading, event.anchor, place)
    _spend(reading, 1, place)
    if event.anchor:
        reading.anchors[event.anchor] = None  # known, but not finished: an alias inside is a circle
    if isinstance(event, yaml.ScalarEvent):
        found = _scalar(reading, event, place)
    elif event.tag not in (None, "!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"):
        raise _strange(event.tag, place)
    elif isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(inner := next(reading.events), yaml.SequenceEndEvent):
            items.append(_value(reading, inner, depth + 1))
        found = Value(items, "list", place)
    else:
        found = Value(_mapping(reading, depth), "mapping", place)
    if event.anchor:
        reading.anchors[event.anchor] = found
    return found


def _mapping(reading: _Reading, depth: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    inherited: dict[str, Value] = {}
    while not isinstance(event := next(reading.events), yaml.MappingEndEvent):
        place = _place(reading, event)
        if not isinstance(event, yaml.ScalarEvent):
            raise ChainError("a name should be plain text", "write name: value", source=place)
        name = event.value
        value = _value(reading, next(reading.events), depth + 1)
        if event.implicit[0] and _resolved(name) == _MERGE:
            _merge(inherited, value)
        elif name in found:
            raise ChainError(
                f"{name[:60]!r} is given twice, first at {found[name].place}",
                "keep the right one",
                source=place,
            )
        else:
            found[name] = value
    return inherited | found


def _merge(inherited: dict[str, Value], value: Value) -> None:
    """Take over the fields of `<<: *other`; the first of several counts, as YAML 1.1 says."""
    for other in value.holds if value.sort == "list" else [value]:
        if other.sort != "mapping":
            raise ChainError(
                "<< takes over the fields of a mapping", "name one", source=value.place
            )
        for name, field in other.holds.items():
            inherited.setdefault(name, field)


def _scalar(reading: _Reading, event: yaml.ScalarEvent, place: str) -> Value:
    if event.tag == _INCLUDE:
        return _included(reading, event.value, place)
    if event.tag not in (None, "!", _TEXT):
        raise _strange(event.tag, place)
    if not event.implicit[0] or event.tag == _TEXT:
        return Value(event.value, "text", place)
    sort = _resolved(event.value).rsplit(":", 1)[1]
    return Value(event.value, "text" if sort in ("str", "merge", "value") else sort, place)


def _alias(reading: _Reading, anchor: str, place: str) -> Value:
    if anchor not in reading.anchors:
        raise ChainError(f"*{anchor[:40]} stands for nothing above", "name it first", source=place)
    found = reading.anchors[anchor]
    if found is None:
        raise ChainError(f"*{anchor[:40]} contains itself", "write it out", source=place)
    _spend(reading, _size(found, reading.left), place)
    return found


def _size(value: Value, enough: int) -> int:
    """Return how many values this one stands for, counting no further than `enough`."""
    count, waiting = 0, [value]
    while waiting and count <= enough:
        count += 1
        holds = waiting.pop().holds
        waiting += holds if isinstance(holds, list) else []
        waiting += holds.values() if isinstance(holds, dict) else []
    return count


def _spend(reading: _Reading, values: int, place: str) -> None:
    reading.left -= values
    if reading.left < 0:
        raise ChainError(
            "aliases make the file many times larger than it is", "write it out", source=place
        )


def _included(reading: _Reading, written: str, place: str) -> Value:
    path = Path(written)
    if reading.folder is None:
        raise ChainError(
            f"{written[:80]!r} cannot be included: bytes have no folder",
            "give the file",
            source=place,
        )
    if not written or path.is_absolute() or ".." in path.parts:
        raise ChainError(
            f"{written[:80]!r} may not be included", "name a file beside or below it", source=place
        )
    for folder in [reading.folder, *reading.folder.parents[:_FOLDERS_UP]]:
        if reading.root and not folder.resolve().is_relative_to(reading.root.resolve()):
            break
        if (folder / path).is_file():
            return _follow(reading, folder / path, place)
    raise ChainError(f"the file {written[:80]!r} to include is not there", "add it", source=place)


def _follow(reading: _Reading, file: Path, place: str) -> Value:
    if file.resolve() in reading.trail:
        circle = " -> ".join(step.name for step in (*reading.trail, file))
        raise ChainError(f"files include each other ({circle})", "break the circle", source=place)
    reading.includes += 1
    if reading.includes > _MOST_INCLUDES or len(reading.trail) > _INCLUDES_DEEP:
        raise ChainError("too many files are included", "write some of them out", source=place)
    reading.included.add(file.resolve())
    return read_file(file, reading.root, included=reading.included, trail=reading.trail)


@lru_cache(maxsize=20_000)
def _resolved(text: str) -> str:
    """Return the tag that YAML 1.1 gives to plain text: a number, a date, true, nothing."""
    return Resolver().resolve(yaml.ScalarNode, text, (True, False))


def _strange(tag: str, place: str) -> ChainError:
    return ChainError(
        f"the mark {tag[:60]!r} is not allowed here", "write plain values", source=place
    )


def _place(reading: _Reading, event: yaml.Event) -> str:
    return f"{reading.name}, line {event.start_mark.line + 1}"
