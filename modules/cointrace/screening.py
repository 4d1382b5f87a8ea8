"""Was this address on a sanctions list that day? A hit accuses, "no hit on list X as of D" clears.

Lists change. So the question always has a day, and each answer names the list and the day whose state it
shows. What was searched without a hit is kept as well as what could not be searched: a reader must be
able to tell "not listed" from "not looked".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import pandas as pd

from cointrace.chain import Chain
from cointrace.errors import ChainError
from cointrace.lists import COLUMNS, a_day, entry_problems, read_list, type_of_day, type_of_list
from cointrace.spelling import EVM, spelling

_HITS = (
    "address",
    "cluster",
    "status",
    "list",
    "list_date",
    "on",
    "from",
    "to",
    "currency",
    "programme",
    "source",
    "note",
    "listed_as",
    "where",
)
_CLEARED = ("address", "cluster", "list", "as_of", "finding")
_DAYS = ("list_date", "on", "from", "to", "as_of")


class Screening(pd.DataFrame):
    """The hits that `screen` returns; `cleared`, `not_checked`, `searched`, `problems` are tables."""

    _metadata: ClassVar[list[str]] = ["cleared", "not_checked", "searched", "problems"]
    cleared: pd.DataFrame
    not_checked: pd.DataFrame
    searched: pd.DataFrame
    problems: pd.DataFrame


def screen(
    addresses: str | Iterable[str] | pd.DataFrame | Chain,
    lists: type_of_list | Iterable[type_of_list],
    on: type_of_day | None = None,
) -> Screening:
    """Compare addresses with sanctions lists, as the lists stood on a day.

    Addresses are compared in one normal form: bech32 in small letters, Ethereum without the capitals of
    its checksum, Bitcoin Cash in the older form that it shares with Bitcoin (one key, one holder).
    Only the addresses given are compared: not who owns them, and not whom they paid.

    Args:
        addresses: one, several, a table with the column address (and cluster, as from `clusters`),
            or a `Chain`, whose outputs and inputs are screened.
        lists: what `read_list` returns, or whatever it reads, or several of these.
        on: the day in question; None asks each list as of its own date.

    Returns:
        One row for each hit: address (as given), cluster, status ("listed", or "not known" where the list
        does not show whether it was listed on that day), list, list_date, on, from, to, currency,
        programme, source, note (what the status rests on), listed_as (as the list writes it), where.
        The attribute `cleared` is a table address, cluster, list, as_of, finding: no hit on this list as
        of that day. `not_checked` is a table what, reason. `searched` is a table of the lists with
        list_date, entries, currencies, source, sha256. `problems` tells where the lists contradict
        themselves.

    Raises:
        ChainError: an address is no text, the day is not one, or a list cannot be read.
    """
    day = None if on is None else a_day(on, "on")
    asked = _asked(addresses)
    entries = _joined(lists)
    keys: dict[str, list[dict[str, object]]] = {}
    for entry in entries.to_dict("records"):
        keys.setdefault(spelling(entry["address"]).normal, []).append(entry)
    searched = _searched(entries)
    shelves = [(row, _clear(row, [], day)) for row in searched.to_dict("records")]
    hits, cleared = [], []
    for address, cluster in asked:
        who = {"address": address, "cluster": cluster}
        found = keys.get(spelling(address).normal, [])
        for row, nothing in shelves:
            judged = [(entry, _judge(entry, day)) for entry in found if _same(entry, row)]
            open_ones = [pair for pair in judged if pair[1]["status"] != "not listed"]
            for entry, verdict in open_ones:
                hits.append(entry | who | verdict | {"on": day, "listed_as": entry["address"]})
            if not open_ones:
                notes = [verdict["note"] for _, verdict in judged]
                cleared.append(who | (_clear(row, notes, day) if notes else nothing))
    clusters = isinstance(addresses, pd.DataFrame) and "cluster" in addresses
    result = Screening(_table(hits, _HITS, clusters))
    result.cleared = _table(cleared, _CLEARED, clusters)
    result.not_checked = _not_checked(asked, searched, day)
    result.searched = searched
    result.problems = entry_problems(entries)
    return result


def _asked(addresses: object) -> list[tuple[str, object]]:
    """Return the addresses, each once, with their cluster where they have one."""
    if isinstance(addresses, Chain):
        addresses = pd.concat([addresses.outputs[["address"]], addresses.inputs[["address"]]])
    clusters: Iterable[object] | None = None
    if isinstance(addresses, pd.DataFrame):
        if "address" not in addresses:
            raise ChainError("the table has no column 'address'", "add it")
        known = addresses[addresses["address"].notna()]
        clusters = known["cluster"].tolist() if "cluster" in known else None
        given = known["address"].tolist()
    elif isinstance(addresses, str):
        given = [addresses]
    elif isinstance(addresses, Iterable):
        given = list(addresses)
    else:
        raise ChainError(
            f"addresses cannot be taken from a {type(addresses).__name__}",
            "give text, a list of text, a table or a Chain",
        )
    for address in given:
        if not isinstance(address, str) or not address.strip():
            raise ChainError(f"{str(address)[:60]!r} is not an address", "give text")
    pairs = zip(given, clusters or [None] * len(given), strict=True)
    return list(dict.fromkeys(pairs))


def _joined(lists: object) -> pd.DataFrame:
    parts = lists if isinstance(lists, list | tuple) else [lists]
    tables = [
        part if isinstance(part, pd.DataFrame) and set(COLUMNS) <= set(part) else read_list(part)
        for part in parts
    ]
    if not tables:
        raise ChainError("there is no list to compare with", "give at least one")
    return pd.concat(tables, ignore_index=True)


def _searched(entries: pd.DataFrame) -> pd.DataFrame:
    groups = entries.groupby(["list", "list_date"], sort=True, dropna=False)
    rows = [
        {
            "list": name,
            "list_date": day,
            "entries": len(group),
            "currencies": _words(group["currency"]),
            "kept_history": bool(group["from"].notna().all()),
            "source": _words(group["source"]),
            "sha256": _words(group["sha256"]),
        }
        for (name, day), group in groups
    ]
    table = pd.DataFrame(
        rows,
        columns=["list", "list_date", "entries", "currencies", "kept_history", "source", "sha256"],
    )
    words = dict.fromkeys(("list", "currencies", "source", "sha256"), "str")
    types = {"list_date": "datetime64[s]", "entries": "int64", "kept_history": "bool"}
    return table.astype(words | types)


def _words(column: pd.Series) -> str:
    return ", ".join(sorted(set(column.dropna())))


def _same(entry: dict[str, object], row: dict[str, object]) -> bool:
    one, other = entry["list_date"], row["list_date"]
    return entry["list"] == row["list"] and (one == other or (pd.isna(one) and pd.isna(other)))


def _judge(entry: dict[str, object], day: pd.Timestamp | None) -> dict[str, str]:
    """Say whether an entry held on the day, and what that rests on."""
    begins, ends, stands = entry["from"], entry["to"], entry["list_date"]
    day = stands if day is None else day
    if pd.isna(day):
        return _verdict("not known", "the list has no date, so it is not known which day it shows")
    if begins > day:
        return _verdict("not listed", f"listed only from {begins:%Y-%m-%d}")
    if ends <= day:
        return _verdict("not listed", f"taken off on {ends:%Y-%m-%d}")
    since = "" if pd.isna(begins) else f"listed from {begins:%Y-%m-%d}"
    if pd.isna(stands):
        return _verdict("not known", _join(since, "the list has no date"))
    if stands < day and pd.isna(ends):
        late = f"the list is of {stands:%Y-%m-%d}, before the day asked"
        return _verdict("not known", _join(since, late))
    if pd.isna(begins) and day < stands:
        return _verdict(
            "not known", f"on the list of {stands:%Y-%m-%d}, which does not say since when"
        )
    return _verdict("listed", since or f"on the list of {stands:%Y-%m-%d}")


def _clear(row: dict[str, object], notes: list[str], day: pd.Timestamp | None) -> dict[str, object]:
    """Return the record that nothing was found, and as of which day that holds."""
    stands = row["list_date"]
    shown = "a day that is not known" if pd.isna(stands) else f"{stands:%Y-%m-%d}"
    as_of, notes = stands, list(notes)
    if day is not None and not pd.isna(stands) and day <= stands:
        if row["kept_history"] or day == stands:
            as_of, shown = day, f"{day:%Y-%m-%d}"
        else:
            notes.append(f"who was taken off the list before {shown} may be missing")
    elif day is not None and not pd.isna(stands):
        notes.append(f"what was listed after that, until {day:%Y-%m-%d}, is not known")
    finding = "; ".join([f"no hit on {row['list']} as of {shown}", *notes])
    return {"list": row["list"], "as_of": as_of, "finding": finding}


def _verdict(status: str, note: str) -> dict[str, str]:
    return {"status": status, "note": note}


def _join(*parts: str) -> str:
    return ", but ".join(part for part in parts if part)


def _not_checked(
    asked: list[tuple[str, object]], searched: pd.DataFrame, day: pd.Timestamp | None
) -> pd.DataFrame:
    """Return what the lists at hand cannot answer."""
    rows = []
    covered = {word for words in searched["currencies"] for word in words.split(", ") if word}
    open_lists = (searched["currencies"] == "").any()
    for address in dict.fromkeys(address for address, _ in asked):
        found = spelling(address)
        if found.flaw:
            rows.append((address, f"{found.flaw}, so it may not be the address that was meant"))
        elif not found.currencies:
            rows.append((address, "it does not have the form of any address known here"))
        elif not open_lists and not found.currencies & (
            covered | (EVM if covered & EVM else set())
        ):
            names = (
                "ETH and chains like it" if found.currencies == EVM else _words_of(found.currencies)
            )
            rows.append((address, f"no list at hand has addresses of {names}"))
    for row in searched.to_dict("records"):
        if pd.isna(row["list_date"]):
            rows.append(
                (row["list"], "the list has no date, so it is not known which day it shows")
            )
        elif day is not None and row["list_date"] < day:
            late = (day - row["list_date"]).days
            rows.append((row["list"], f"the {late:,} days between its date and the day asked"))
        elif day is not None and row["list_date"] > day and not row["kept_history"]:
            rows.append(
                (row["list"], "who was taken off it between the day asked and its own date")
            )
    if searched.empty:
        rows.append(("lists", "the lists given have no entries"))
    rows.append(("owners", "who holds the addresses, and under which other addresses"))
    rows.append(("contacts", "whom the addresses paid, or were paid by"))
    return pd.DataFrame(
        {
            "what": pd.array([what for what, _ in rows], dtype="str"),
            "reason": pd.array([reason for _, reason in rows], dtype="str"),
        }
    )


def _words_of(currencies: frozenset[str]) -> str:
    return " or ".join(sorted(currencies))


def _table(rows: list[dict[str, object]], columns: tuple[str, ...], clusters: bool) -> pd.DataFrame:
    made = {}
    for name in columns:
        values = [row.get(name) for row in rows]
        if name in _DAYS:
            made[name] = pd.array(values, dtype="datetime64[s]")
        elif name == "cluster":
            if clusters:
                made[name] = pd.array(values, dtype="Int64")
        else:
            made[name] = pd.array(values, dtype="str")
    return pd.DataFrame(made)
