"""Where a trail begins: outputs, parts of them, transactions or addresses, as outputs by number."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from cointrace.errors import ChainError
from cointrace.links import Links

_SHAPES = (
    "give (txid, vout), (txid, vout, satoshi), a transaction id, an address, (address, height), "
    "or a list or table of these"
)


def find_outputs(links: Links, sources: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the outputs that `sources` mean, ascending, and how much of each.

    Args:
        links: the chain.
        sources: one of these, or a list of them: (txid, vout), a whole output; (txid, vout, satoshi),
            its first so many satoshi; txid, all outputs of a transaction; address, all outputs paid to it;
            (address, height), those from that height on. Or a table with the columns txid and vout (or
            n), and part (satoshi) where only parts are meant.

    Returns:
        Two int64 arrays: output numbers, and satoshi from the beginning of each. Where an output
        is named several times, the largest part counts.

    Raises:
        ChainError: something is named that is not in the chain, or nothing is.
    """
    rows: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    for item in _items(sources):
        found, part = _one(links, item)
        value = links.out_value[found]
        if part is not None and (part < 1 or part > value[0]):
            raise ChainError(
                f"a part of {part:,} satoshi of {_shown(item)} was asked for",
                f"give between 1 and {int(value[0]):,}, what the output holds",
            )
        rows.append(found)
        parts.append(value if part is None else np.array([part], np.int64))
    if not rows:
        raise ChainError("no sources were given", _SHAPES)
    outputs, group = np.unique(np.concatenate(rows), return_inverse=True)
    most = np.zeros(len(outputs), np.int64)
    np.maximum.at(most, group, np.concatenate(parts))
    return outputs, most


def _items(sources: Any) -> list[Any]:
    if isinstance(sources, pd.DataFrame):
        vout = next((name for name in ("vout", "n") if name in sources), None)
        if "txid" not in sources or vout is None:
            raise ChainError("the table of sources has no columns txid and vout", "add them")
        columns = ["txid", vout, *(["part"] if "part" in sources else [])]
        return list(sources[columns].itertuples(index=False, name=None))
    if isinstance(sources, str | int | np.integer) or _is_pair(sources):
        return [sources]
    if isinstance(sources, Iterable) and not isinstance(sources, bytes):
        return list(sources)
    raise ChainError(f"a {type(sources).__name__} says of no output where it is", _SHAPES)


def _is_pair(item: Any) -> bool:
    """Whether this is one source in parts, and not a list of sources."""
    return (
        isinstance(item, tuple)
        and 2 <= len(item) <= 3
        and isinstance(item[0], str | int | np.integer)
        and all(isinstance(part, int | np.integer) for part in item[1:])
    )


def _one(links: Links, item: Any) -> tuple[np.ndarray, int | None]:
    """Return the outputs that one source means, and the part if one was given."""
    name, *numbers = item if isinstance(item, tuple | list) else (item,)
    try:
        numbers = [operator.index(number) for number in numbers]
    except TypeError:
        numbers = [-1]
    wrong_name = isinstance(name, bool) or not isinstance(name, str | int | np.integer)
    if wrong_name or len(numbers) > 2 or any(number < 0 for number in numbers):
        raise ChainError(f"{_shown(item)} is not a source", _SHAPES)
    tx = _transaction(links, name)
    if tx is None:
        return _paid_to(links, name, numbers, item), None
    first, end = (int(at) for at in links.out_first[tx : tx + 2])
    if not numbers:
        return np.arange(first, end), None
    if numbers[0] >= end - first:
        raise ChainError(
            f"transaction {name} has no output {numbers[0]}",
            f"it has {end - first}, counted from 0",
        )
    return np.array([first + numbers[0]]), numbers[1] if len(numbers) == 2 else None


def _transaction(links: Links, name: Any) -> int | None:
    """Return the number of a transaction, or None where `name` looks like an address."""
    text = isinstance(name, str)
    if text == pd.api.types.is_integer_dtype(links.txids.dtype):
        tx = -1
    else:
        tx = int(links.find(pd.array([name], dtype="str" if text else "int64"))[0])
    if tx >= 0:
        return tx
    if not text or (len(name) == 64 and not set(name.lower()) - set("0123456789abcdef")):
        raise ChainError(
            f"transaction {name} is not in the chain",
            "compare the id letter by letter; ids are written in small letters",
        )
    return None


def _paid_to(links: Links, address: str, numbers: list[int], item: Any) -> np.ndarray:
    if links.addresses is None:
        raise ChainError("the table of outputs has no column 'address'", "name outputs instead")
    if len(numbers) > 1:
        raise ChainError(f"{_shown(item)} is not a source", _SHAPES)
    same = pd.Series(links.addresses).eq(address).fillna(False).to_numpy(dtype=bool)
    rows = np.flatnonzero(same)
    if numbers:
        rows = rows[links.height[links.makers(rows)] >= numbers[0]]
    if not len(rows):
        since = f" from height {numbers[0]} on" if numbers else ""
        raise ChainError(
            f"nothing was paid to {_shown(address)}{since}",
            "compare the address letter by letter, and the network",
        )
    return rows


def _shown(item: Any) -> str:
    """Return an input as it may stand in a sentence: one line, not too long."""
    text = repr(item)
    return text if len(text) <= 120 else text[:117] + "..."
