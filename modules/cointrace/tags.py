"""Who is said to stand behind an address: tags with source, date and confidence, from TagPacks.

A TagPack is a YAML file of claims. Its header gives what all its tags share; a tag overrides it. The
fields are those of GraphSense's `tagpack_schema.yaml` (graphsense-lib, commit a82914bf4bcb). A tag is what
somebody says, not a fact: naming is a second claim on top of every cluster.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import ClassVar

import pandas as pd

from cointrace.confidence import LEVELS
from cointrace.errors import ChainError
from cointrace.packfile import Value, read_bytes, read_file
from cointrace.spelling import currency_named, spelling
from cointrace.tag_problems import problems_in

type_of_pack = str | PathLike | bytes | bytearray | memoryview

_TEXT = (
    "title",
    "creator",
    "description",
    "owner",
    "label",
    "source",
    "currency",
    "network",
    "context",
    "confidence",
    "category",
    "abuse",
    "address",
    "tx_hash",
    "actor",
    "tag_type",
)
_HEADER_ONLY = ("title", "creator", "description", "owner", "is_public", "tags", "header")
_TRUTH = ("is_cluster_definer", "is_public")
_DATES = ("lastmod", "created")
_KNOWN = {*_TEXT, *_TRUTH, *_DATES, "concepts", "tags", "header"}
_NEEDED = ("label", "source", "currency")
_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "y": True,
    "false": False,
    "no": False,
    "off": False,
    "n": False,
}
COLUMNS = {
    "address": "str",
    "currency": "str",
    "network": "str",
    "label": "str",
    "category": "str",
    "abuse": "str",
    "actor": "str",
    "source": "str",
    "date": "datetime64[us, UTC]",
    "confidence": "int64",
    "confidence_word": "str",
    "defines_cluster": "boolean",
    "concepts": "str",
    "context": "str",
    "tx": "str",
    "pack": "str",
    "creator": "str",
    "where": "str",
    "normal": "str",
}
"""The columns of a table of tags, with their types."""


class Tags(pd.DataFrame):
    """The table that `read_tags` returns; its attribute `problems` is a table as well."""

    _metadata: ClassVar[list[str]] = ["problems"]
    problems: pd.DataFrame


def read_tags(source: type_of_pack | Iterable[type_of_pack], strict: bool = False) -> Tags:
    """Read TagPacks into a table, and say where they contradict themselves.

    Args:
        source: a TagPack file, a folder of them (searched with the folders below it; headers that
            packs include and ActorPacks are passed over), the bytes of one, or several of these.
        strict: refuse packs with problems instead of listing them.

    Returns:
        One row for each tag: address, currency and network (short names in capitals; the network is the
        currency where the pack names none), label, category, abuse, actor, source, date (`lastmod`, UTC,
        missing where not stated), confidence (0 to 100) and confidence_word (see
        `confidence_ladder`; "unknown" where the pack states none), defines_cluster, concepts,
        context, tx (of a tag that names a transaction), pack (its title), creator, where (file and line),
        normal (the address in the one form that `screen` and joins can compare).
        The attribute `problems` is a table address, kind, problem, where: addresses of another chain
        than their currency, wrong checksums, an address with contradicting labels, actors or dates,
        a confidence that its source does not bear, fields that no TagPack has.

    Raises:
        ChainError: a file cannot be read, is not a TagPack, or a field is missing or of the wrong type;
            with file and line. With `strict`, also the first problem.
    """
    rows: list[dict[str, object]] = []
    unknown: list[dict[str, object]] = []
    for pack, name in _packs(source):
        _read_pack(pack, name, rows, unknown)
    found = {
        column: pd.array([row.get(column) for row in rows], dtype=kind)
        for column, kind in COLUMNS.items()
    }
    table = Tags(found)
    table.problems = problems_in(table, unknown)
    if strict and len(table.problems):
        first, more = table.problems.iloc[0], len(table.problems) - 1
        raise ChainError(
            f"{first['problem']}" + (f" (and {more:,} more)" if more else ""),
            "read without strict to see all of them in the table `problems`",
            source=first["where"],
        )
    return table


def _packs(source: object) -> Iterable[tuple[Value, str]]:
    if isinstance(source, bytes | bytearray | memoryview):
        yield read_bytes(bytes(source)), "these bytes"
    elif isinstance(source, str | PathLike):
        path = Path(source)
        if path.is_dir():
            yield from _folder(path)
        else:
            yield read_file(path), path.name
    elif isinstance(source, Iterable):
        for part in source:
            yield from _packs(part)
    else:
        raise ChainError(
            f"tags cannot be read from a {type(source).__name__}",
            "give a TagPack file, a folder of them, or bytes",
        )


def _folder(folder: Path) -> Iterable[tuple[Value, str]]:
    """Yield the packs of a folder, but not the headers that packs include, nor ActorPacks."""
    files = sorted(path for path in folder.rglob("*.y*ml") if path.suffix in (".yaml", ".yml"))
    included: set[Path] = set()
    found = []
    for file in files:
        name = file.relative_to(folder).as_posix()
        found.append((read_file(file, folder, name=name, included=included), name, file))
    packs = [
        (pack, name)
        for pack, name, file in found
        if not (_has_no_tags(pack) and ("actors" in pack.holds or file.resolve() in included))
    ]
    if not packs:
        raise ChainError(
            "the folder holds no TagPack (*.yaml)", "name the folder that does", source=str(folder)
        )
    return packs


def _has_no_tags(pack: Value) -> bool:
    return isinstance(pack.holds, dict) and "tags" not in pack.holds


def _read_pack(
    pack: Value, name: str, rows: list[dict[str, object]], unknown: list[dict[str, object]]
) -> None:
    header = _mapping(pack, "a TagPack is a mapping of names to values")
    if "header" in header:
        shared = _mapping(header["header"], "a header is a mapping of names to values")
        header = shared | {key: value for key, value in header.items() if key != "header"}
    tags = header.get("tags")
    if tags is None:
        raise ChainError(
            "this is not a TagPack: it has no tags", "add them under `tags:`", source=name
        )
    if tags.sort != "list":
        raise _wrong("tags", "a list", tags)
    for field in ("title", "creator"):
        if field not in header:
            raise ChainError(f"the pack has no {field}", "add it at the top", source=name)
    top = _fields(header, unknown)
    for tag in tags.holds:
        fields = _mapping(tag, "a tag is a mapping of names to values")
        for field in fields:
            if field in _HEADER_ONLY:
                raise ChainError(
                    f"{field!r} belongs to the head of the pack", "move it there", source=tag.place
                )
        rows.append(_row(top | _fields(fields, unknown), tag.place))


def _row(tag: dict[str, object], where: str) -> dict[str, object]:
    for field in _NEEDED:
        if not tag.get(field):
            raise ChainError(
                f"the tag has no {field}", "add it to the tag or to the head", source=where
            )
    if not tag.get("address") and not tag.get("tx_hash"):
        raise ChainError("the tag names no address", "add `address:`", source=where)
    word = tag.get("confidence") or "unknown"
    currency = currency_named(str(tag["currency"]))
    network = currency_named(str(tag.get("network") or currency))
    address = str(tag["address"]).strip() if tag.get("address") else None
    return tag | {
        "address": address,
        "currency": currency,
        "network": network,
        "date": tag.get("lastmod"),
        "confidence": LEVELS[str(word)],
        "confidence_word": word,
        "defines_cluster": tag.get("is_cluster_definer"),
        "tx": tag.get("tx_hash"),
        "pack": tag["title"],
        "where": where,
        "normal": None if address is None else spelling(address).normal,
    }


def _fields(given: dict[str, Value], unknown: list[dict[str, object]]) -> dict[str, object]:
    """Return fields with values of the right type; unknown names are noted, not taken."""
    found: dict[str, object] = {}
    for name, value in given.items():
        if name in _TEXT:
            found[name] = _text(name, value)
        elif name in _TRUTH:
            found[name] = _truth(name, value)
        elif name in _DATES:
            found[name] = _date(name, value)
        elif name == "concepts":
            found[name] = _concepts(value)
        elif name not in _KNOWN:
            unknown.append(
                {
                    "address": given["address"].holds if "address" in given else None,
                    "kind": "field",
                    "problem": f"no TagPack has a field {name[:60]!r}, so it was passed over",
                    "where": value.place,
                }
            )
    if found.get("confidence") is not None and found["confidence"] not in LEVELS:
        raise ChainError(
            f"there is no confidence called {str(found['confidence'])[:40]!r}",
            f"use one of {', '.join(LEVELS)}",
            source=given["confidence"].place,
        )
    return found


def _text(name: str, value: Value) -> str | None:
    if value.sort == "null":
        return None
    # An address such as 0x12... is a number for YAML, but every digit of it is still here.
    if value.sort == "text" or (value.sort == "int" and str(value.holds).startswith("0x")):
        return " ".join(str(value.holds).split())
    if name == "context" and value.sort in ("mapping", "list"):
        return str(_plain(value))
    raise _wrong(name, "text", value)


def _truth(name: str, value: Value) -> bool | None:
    if value.sort == "null":
        return None
    if value.sort != "bool":
        raise _wrong(name, "true or false", value)
    return _WORDS[str(value.holds).lower()]


def _date(name: str, value: Value) -> pd.Timestamp | None:
    if value.sort == "null":
        return None
    if value.sort in ("text", "timestamp"):
        try:
            moment = datetime.fromisoformat(str(value.holds).strip())
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return pd.Timestamp(aware.astimezone(UTC)).as_unit("us")
        except (ValueError, OverflowError):
            pass
    raise _wrong(name, "a date that exists, such as 2024-02-29", value)


def _concepts(value: Value) -> str | None:
    if value.sort == "null":
        return None
    if value.sort != "list" or any(item.sort != "text" for item in value.holds):
        raise _wrong("concepts", "a list of words", value)
    return ", ".join(str(item.holds) for item in value.holds)


def _plain(value: Value) -> object:
    if isinstance(value.holds, dict):
        return {name: _plain(item) for name, item in value.holds.items()}
    return [_plain(item) for item in value.holds] if isinstance(value.holds, list) else value.holds


def _mapping(value: Value, sentence: str) -> dict[str, Value]:
    if not isinstance(value.holds, dict):
        raise ChainError(
            f"{sentence}, not {_shown(value)}", "see the schema of TagPacks", source=value.place
        )
    return value.holds


def _wrong(name: str, wanted: str, value: Value) -> ChainError:
    return ChainError(
        f"{name} should be {wanted}, not {_shown(value)}",
        "put text in quotes, and correct the rest",
        source=value.place,
    )


def _shown(value: Value) -> str:
    if isinstance(value.holds, str):
        return f"{value.holds[:40]!r}" + ("" if value.sort == "text" else f" ({value.sort})")
    return f"a {value.sort}"
