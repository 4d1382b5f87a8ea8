"""Where tags contradict themselves or each other. Nothing is corrected: a reader decides.

Each check is one function from a table of tags to rows (address, kind, problem, where).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import urlsplit

import pandas as pd

from cointrace.spelling import TOKENS, slip

KINDS = (
    "address",
    "network",
    "confidence",
    "label",
    "actor",
    "category",
    "date",
    "repeated",
    "field",
)
"""Every word that the column `kind` can hold."""

_FIRST_DAY = pd.Timestamp("2009-01-03", tz="UTC")  # Bitcoin's first block
_MOST_SHOWN = 4
# Hosts under which public authorities publish: a convention, so it makes a problem, not a refusal.
_AUTHORITY = re.compile(
    r"(^|\.)(gov|mil|int|gouv|gob|(gov|gouv|gob|go|gub|gc)\.[a-z]{2}|europa\.eu|un\.org"
    r"|police\.[a-z.]+|(gov|treasury|justice|customs|court)\.([a-z0-9-]+\.)*example)$"
)
type_of_row = dict[str, object]


def problems_in(tags: pd.DataFrame, more: Iterable[type_of_row] = ()) -> pd.DataFrame:
    """Return a table address, kind, problem, where, in the order of the tags.

    Args:
        tags: as `read_tags` returns them.
        more: rows found elsewhere, to be listed with these.
    """
    rows = list(chain(more, _addresses(tags), _tokens(tags), _confidence(tags), _early(tags)))
    rows += chain(
        _repeated(tags), *(_disagree(tags, field) for field in ("label", "actor", "category"))
    )
    rows += _dates(tags)
    names = ("address", "kind", "problem", "where")
    return pd.DataFrame(
        {name: pd.array([row[name] for row in rows], dtype="str") for name in names}
    )


def _addresses(tags: pd.DataFrame) -> Iterator[type_of_row]:
    """Addresses that are not of their currency or network, or are miswritten."""
    columns = ("address", "currency", "network", "where")
    for address, currency, network, where in _rows(tags, columns):
        if pd.isna(address):
            continue
        for name in dict.fromkeys((currency, network)):
            if found := slip(address, name):
                yield _row(address, "address", f"under {name}, but {found}", where)
                break


def _tokens(tags: pd.DataFrame) -> Iterator[type_of_row]:
    """A token is not a network: its name does not say on which chain the address is."""
    for address, network, where in _rows(tags, ("address", "network", "where")):
        if network in TOKENS:
            problem = (
                f"{network} is a token issued on several chains, and the pack names no network"
            )
            yield _row(address, "network", problem, where)


def _confidence(tags: pd.DataFrame) -> Iterator[type_of_row]:
    """A confidence that the source does not bear: one row for each source, not for each tag."""
    claims = tags[["where", "address", "confidence_word", "source", "pack"]]
    for (_, word, source), rows in claims.groupby(
        ["pack", "confidence_word", "source"], sort=False
    ):
        authority = _is_authority(source)
        if word == "authority_data" and authority is False:
            said = "confidence says that an authority published it"
        elif word == "unknown" and authority:
            said = "confidence is unknown or not stated"
        else:
            continue
        more = f" ({len(rows):,} tags)" if len(rows) > 1 else ""
        problem = f"{said}, but the source is {source[:80]}{more}"
        yield _row(rows["address"].iloc[0], "confidence", problem, rows["where"].iloc[0])


def _is_authority(source: str) -> bool | None:
    """Say whether a source is the site of a public authority; None where it is not an address."""
    try:
        host = (urlsplit(source).hostname or "").lower() if "://" in source else ""
    except ValueError:
        return None
    return bool(_AUTHORITY.search(host)) if host else None


def _early(tags: pd.DataFrame) -> Iterator[type_of_row]:
    for row in tags[tags["date"] < _FIRST_DAY].itertuples():
        problem = f"the date {row.date:%Y-%m-%d} is before the first block of any chain"
        yield _row(row.address, "date", problem, row.where)


def _repeated(tags: pd.DataFrame) -> Iterator[type_of_row]:
    """The same claim twice: GraphSense tells tags apart by address, label and source."""
    same = ["normal", "network", "label", "source", "actor", "category", "abuse", "date", "tx"]
    again = tags[tags.duplicated(same) & tags["normal"].notna()]
    for row in again.itertuples():
        yield _row(row.address, "repeated", "the same tag was given before", row.where)


def _disagree(tags: pd.DataFrame, field: str) -> Iterator[type_of_row]:
    """One address, two answers. Capital letters and spaces make no difference."""
    stated = tags[tags[field].notna() & tags["normal"].notna()]
    plain = stated[field].str.casefold().str.split().str.join(" ")
    groups = stated.assign(plain=plain).drop_duplicates(["normal", "network", "plain"])
    for _, rows in _several(groups):
        shown = "; ".join(
            f"{value!r} ({where})"
            for value, where in list(_rows(rows, (field, "where")))[:_MOST_SHOWN]
        )
        more = f" and {len(rows) - _MOST_SHOWN} more" if len(rows) > _MOST_SHOWN else ""
        problem = f"one address has {len(rows)} different {_plural(field)}: {shown}{more}"
        yield _row(rows["address"].iloc[0], field, problem, rows["where"].iloc[-1])


def _dates(tags: pd.DataFrame) -> Iterator[type_of_row]:
    """The same claim from the same source, with two dates."""
    claim = ["normal", "network", "label", "source"]
    dated = tags[tags["date"].notna() & tags["normal"].notna()].drop_duplicates([*claim, "date"])
    again = dated[dated.duplicated(claim, keep=False)]
    for _, rows in again.groupby(claim, sort=False):
        shown = " and ".join(
            f"{date:%Y-%m-%d} ({where})" for date, where in _rows(rows, ("date", "where"))
        )
        yield _row(
            rows["address"].iloc[0],
            "date",
            f"one claim has two dates: {shown}",
            rows["where"].iloc[-1],
        )


def _several(groups: pd.DataFrame) -> Iterator[tuple[object, pd.DataFrame]]:
    keys = ["normal", "network"]
    yield from groups[groups.duplicated(keys, keep=False)].groupby(keys, sort=False)


def _plural(field: str) -> str:
    return "categories" if field == "category" else f"{field}s"


def _rows(table: pd.DataFrame, columns: tuple[str, ...]) -> Iterator[tuple]:
    return zip(*(table[name].tolist() for name in columns), strict=True)


def _row(address: object, kind: str, problem: str, where: object) -> type_of_row:
    address = None if pd.isna(address) else address
    return {"address": address, "kind": kind, "problem": problem, "where": where}
