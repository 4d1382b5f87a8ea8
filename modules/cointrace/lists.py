"""Lists of sanctioned addresses, as tables in which every entry keeps its list, dates and source.

Three forms are read. A text file with one address a line, as programs extract them from OFAC's SDN list.
A JSON file with "addresses" and "lastUpdated". And a general form, CSV with the columns list, list_date,
address, from, to, programme, source (and currency): a list that tells since when an address is on it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from io import StringIO
from os import PathLike
from pathlib import Path

import pandas as pd

from cointrace.errors import ChainError
from cointrace.spelling import currency_named, slip, spelling

COLUMNS = (
    "list",
    "list_date",
    "address",
    "currency",
    "from",
    "to",
    "programme",
    "source",
    "where",
    "sha256",
)
"""The columns of a list: dates are days, missing where not known."""

DATES = ("list_date", "from", "to")
_NEEDED = ("list", "address")
_OFAC_FILE = re.compile(r"sanctioned_addresses_([A-Za-z0-9]+)")
_OFAC_SOURCE = "US Treasury, OFAC, Specially Designated Nationals (SDN) list"

type_of_day = str | date | datetime | pd.Timestamp
type_of_list = str | PathLike | pd.DataFrame


def read_list(
    source: type_of_list | Iterable[type_of_list],
    name: str | None = None,
    list_date: type_of_day | None = None,
) -> pd.DataFrame:
    """Read sanctions lists into one table.

    Args:
        source: a file (.txt, .json or .csv), a folder of .txt files, a table with the columns of the
            general form, or several of these.
        name: what the list is called, where the file does not say. The text files
            `sanctioned_addresses_XBT.txt` and so on are "OFAC SDN".
        list_date: the day whose state a list shows, where the file does not say. Text files never say:
            without it their date is unknown.

    Returns:
        One row for each entry: list, list_date, address, currency, from (the first day on the list), to
        (the first day no longer on it), programme, source, where (file and line), sha256 (of the
        file). Days are timestamps without a zone, missing where not known.

    Raises:
        ChainError: a file cannot be read, a column is missing, or a day is not one; with file and line.
    """
    day = a_day(list_date, "list_date") if list_date is not None else None
    rows = []
    for row in _entries(source):
        row["list"] = row.get("list") or name
        if row.get("list_date") is None:
            row["list_date"] = day
        if not row["list"]:
            raise ChainError(
                "nothing says which list this is",
                "give read_list its name",
                source=str(row["where"]),
            )
        rows.append(row)
    return pd.DataFrame(
        {
            column: pd.array(
                [row.get(column) for row in rows],
                dtype="datetime64[s]" if column in DATES else "str",
            )
            for column in COLUMNS
        }
    )


def a_day(value: type_of_day, what: str, where: str | None = None) -> pd.Timestamp:
    """Return a day as a timestamp without time and zone.

    Raises:
        ChainError: it is not a day.
    """
    try:
        if isinstance(value, str):
            value = date.fromisoformat(value.strip())
        if isinstance(value, date) and not pd.isna(value):  # a datetime or Timestamp is a date too
            return pd.Timestamp(value.year, value.month, value.day).as_unit("s")
    except ValueError:
        pass
    raise ChainError(
        f"{what} should be a day that exists, such as 2024-02-29, not {str(value)[:40]!r}",
        "correct it",
        source=where,
    )


def entry_problems(entries: pd.DataFrame) -> pd.DataFrame:
    """Return where a list contradicts itself: list, address, problem, where.

    Args:
        entries: as `read_list` returns them.
    """
    rows = []
    keyed = entries.assign(normal=[spelling(address).normal for address in entries["address"]])
    for row in keyed.to_dict("records"):
        currency, found = row["currency"], spelling(row["address"])
        wrong = found.flaw if pd.isna(currency) else slip(row["address"], currency)
        if wrong:
            under = "" if pd.isna(currency) else f"under {currency}, but "
            rows.append((row, f"{under}{wrong}"))
        if row["to"] <= row["from"]:
            rows.append((row, "it was taken off the list before it was put on"))
        if row["from"] > row["list_date"]:
            rows.append((row, "it is on the list before the day it was put on"))
    for _, group in keyed.groupby(
        ["list", "list_date", "currency", "normal"], sort=False, dropna=False
    ):
        if len(group) > 1 and not _periods_apart(group):
            rows.append((group.iloc[-1], f"it is on the list {len(group)} times for the same days"))
    names = ("list", "address", "where")
    made = {name: pd.array([row[name] for row, _ in rows], dtype="str") for name in names}
    problems = pd.DataFrame(made)
    problems.insert(2, "problem", pd.array([problem for _, problem in rows], dtype="str"))
    return problems


def _periods_apart(group: pd.DataFrame) -> bool:
    """Say whether entries of one address hold one after another: put on, taken off, put on again."""
    periods = group.sort_values("from", na_position="first")
    ends, starts = periods["to"].iloc[:-1], periods["from"].iloc[1:]
    return all(end <= start for end, start in zip(ends, starts, strict=True))


def _entries(source: object) -> Iterator[dict[str, object]]:
    if isinstance(source, pd.DataFrame):
        yield from _general(source.to_dict("records"), tuple(source.columns), "table", "row", 0)
    elif isinstance(source, str | PathLike):
        path = Path(source)
        for file in _files_in(path) if path.is_dir() else [path]:
            yield from _of_file(file)
    elif isinstance(source, Iterable) and not isinstance(source, bytes | Mapping):
        for part in source:
            yield from _entries(part)
    else:
        raise ChainError(
            f"a sanctions list cannot be read from a {type(source).__name__}",
            "give a file, a folder or a table",
        )


def _files_in(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise ChainError(
            "the folder holds no list (*.txt)", "name the folder that does", source=str(folder)
        )
    return files


def _of_file(file: Path) -> Iterator[dict[str, object]]:
    try:
        content = file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ChainError(
            f"the file cannot be read ({reason})", "check its name and place", source=str(file)
        ) from None
    except UnicodeDecodeError as error:
        raise ChainError(
            "this is not text", "check that it is the list", error.start, file.name
        ) from None
    digest = sha256(content).hexdigest()
    read = {".csv": _of_csv, ".json": _of_json}.get(file.suffix.lower(), _of_text)
    for row in read(text, file.name):
        yield row | {"sha256": digest}


def _of_text(text: str, name: str) -> Iterator[dict[str, object]]:
    """Read one address a line; empty lines and remarks behind # are passed over."""
    found = _OFAC_FILE.match(name)
    shared = {"currency": currency_named(found[1]), "list": "OFAC SDN"} if found else {}
    source = {"source": _OFAC_SOURCE if found else None}
    for number, line in enumerate(text.splitlines(), start=1):
        address = line.split("#", 1)[0].strip()
        where = f"{name}, line {number}"
        if len(address.split()) > 1:
            raise ChainError("there is more than one address", "write one a line", source=where)
        if address:
            yield shared | source | {"address": address, "where": where}


def _of_json(text: str, name: str) -> Iterator[dict[str, object]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    addresses = whole.get("addresses") if isinstance(whole, dict) else None
    if not isinstance(addresses, list) or any(not isinstance(one, str) for one in addresses):
        raise ChainError(
            'a list in JSON is {"lastUpdated": day, "addresses": [...]}', "correct it", source=name
        )
    stated = whole.get("lastUpdated")
    day = None if stated is None else a_day(stated, "lastUpdated", name)
    for number, address in enumerate(addresses, start=1):
        where = f"{name}, entry {number}"
        yield {"address": address.strip(), "list_date": day, "where": where}


def _of_csv(text: str, name: str) -> Iterator[dict[str, object]]:
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    try:
        rows = []
        for row in reader:
            if None in row:
                raise ChainError(
                    "there are more fields than columns",
                    "put fields with commas in quotes",
                    source=f"{name}, line {reader.line_num}",
                )
            rows.append(row | {" line": reader.line_num})
    except csv.Error as error:
        raise ChainError(
            f"this is not CSV ({error})",
            "correct that line",
            source=f"{name}, line {reader.line_num}",
        ) from None
    yield from _general(rows, tuple(reader.fieldnames or ()), name, "line", 2)


def _general(
    rows: list[dict[str, object]], columns: tuple[str, ...], name: str, unit: str, first: int
) -> Iterator[dict[str, object]]:
    """Read rows of the general form; an empty field is a missing one."""
    for needed in _NEEDED:
        if needed not in columns:
            raise ChainError(
                f"the column {needed!r} is missing",
                f"a list has {', '.join(COLUMNS[:-2])}",
                source=name,
            )
    for number, row in enumerate(rows, start=first):
        where = f"{name}, {unit} {row.get(' line', number)}"
        given = {}
        for key in set(COLUMNS) & set(row):
            value = row[key].strip() if isinstance(row[key], str) else row[key]
            if pd.api.types.is_scalar(value) and (value == "" or pd.isna(value)):
                continue
            if key not in DATES and not isinstance(value, str):
                kind = type(value).__name__
                raise ChainError(f"{key} should be text, not a {kind}", "correct it", source=where)
            given[key] = value
        if "address" not in given:
            raise ChainError("the entry has no address", "add it", source=where)
        for column in DATES:
            if column in given:
                given[column] = a_day(given[column], column, where)
        if "currency" in given:
            given["currency"] = currency_named(given["currency"])
        yield {"where": where} | given
