"""The objects that one call hands over, so that what the function changes in them can be brought back.

Both sides number lists, dicts, sets, arrays and tables in the order in which they are met in the arguments. After the
call the trainee's side names those that it changed, and the judge writes their new content into its own objects: into
those of this very call, and into no others.
"""

from collections import deque
from operator import is_
from typing import Any

import numpy as np
import pandas as pd

from autograder.wire.limits import WireError

CHANGEABLE = frozenset(
    {"dict", "counter", "ordered", "defaultdict", "set", "bytearray", "deque"}
    | {"array", "objects", "series", "frame"}
)
"""Tags of values that a function can change in place; a JSON array, which is a list, is one too."""


def is_changeable(data: Any) -> bool:
    """Whether encoded data stands for something that a function can change in place."""
    return type(data) is list or (type(data) is dict and data.get("t") in CHANGEABLE)


class Handed:
    """The numbered objects of one call."""

    def __init__(self) -> None:
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._before: list[Any] = []

    def add(self, value: Any) -> None:
        """Give the next number to an object."""
        self._numbers[id(value)] = len(self._objects)
        self._objects.append(value)

    def number(self, value: Any) -> int | None:
        """Return the number of an object, None where it has none."""
        return self._numbers.get(id(value))

    def object(self, number: int) -> Any:
        """Return the object with this number.

        Raises:
            WireError: there is none.
        """
        if number >= len(self._objects):
            raise WireError("an answer names an object that was not handed over")
        return self._objects[number]

    def remember(self) -> None:
        """Keep what the objects hold now, to see later which were changed."""
        self._before = [_snapshot(value) for value in self._objects]

    def changed(self) -> list[tuple[int, Any]]:
        """Return the objects that hold something else than was remembered, with their numbers."""
        return [
            (number, value)
            for number, (value, before) in enumerate(zip(self._objects, self._before, strict=True))
            if not _is_unchanged(value, before)
        ]


def write_back(changes: list[tuple[Any, Any]]) -> None:
    """Give objects their new content; each stays the object that it is.

    Args:
        changes: pairs of an object and of another of its kind, whose content it takes.

    Raises:
        WireError: the two are of different kinds; then nothing is changed.
    """
    for value, content in changes:
        if not _is_of_kind(value, content):
            raise WireError("an object came back as another kind of object")
    for value, content in changes:
        _take(value, content)


def _snapshot(value: Any) -> Any:
    if isinstance(value, dict):
        return list(value), list(value.values())
    if isinstance(value, (set, bytearray)):
        return value.copy()
    if isinstance(value, np.ndarray):
        return value.tolist() if value.dtype == object else value.tobytes()
    if isinstance(value, (pd.Series, pd.DataFrame)):
        return _Table(value)
    return list(value)


def _is_unchanged(value: Any, before: Any) -> bool:
    if isinstance(value, dict):
        return _are_same(list(value), before[0]) and _are_same(list(value.values()), before[1])
    if isinstance(value, (set, bytearray)):
        return bool(value == before)
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return _are_same(value.ravel().tolist(), np.ravel(before).tolist())
        return bool(value.tobytes() == before)
    if isinstance(value, (pd.Series, pd.DataFrame)):
        return bool(before.is_unchanged(value))
    return _are_same(list(value), before)


def _are_same(values: list[Any], before: list[Any]) -> bool:
    """Whether two lists hold the very same objects. What is changed inside one of them is another's change."""
    return len(values) == len(before) and all(map(is_, values, before))


class _Table:
    """What a Series or a DataFrame held, without a copy of it.

    While there are two tables of the same arrays, pandas writes into new arrays only (copy-on-write). So a table
    whose arrays are the very same ones has not been written to.
    """

    def __init__(self, table: Any) -> None:
        self._second = table.copy(deep=False)
        self._arrays = _arrays(table)
        self._axes = list(table.axes)
        self._names = _names(table)

    def is_unchanged(self, table: Any) -> bool:
        """Whether the table still holds that."""
        return (
            _are_same(_arrays(table), self._arrays)
            and _names(table) == self._names
            and len(table.axes) == len(self._axes)
            and all(
                now.is_(then) or now.identical(then)
                for now, then in zip(table.axes, self._axes, strict=True)
            )
        )


def _arrays(table: Any) -> list[Any]:
    return [block.values for block in table._mgr.blocks]


def _names(table: Any) -> list[Any]:
    return [list(axis.names) for axis in table.axes] + [getattr(table, "name", None)]


def _is_of_kind(value: Any, content: Any) -> bool:
    for kind in (dict, set, bytearray, deque, list, pd.Series, pd.DataFrame):
        if isinstance(value, kind):
            return isinstance(content, kind)
    return (
        isinstance(value, np.ndarray)
        and isinstance(content, np.ndarray)
        and value.shape == content.shape
        and value.dtype == content.dtype
    )


def _take(value: Any, content: Any) -> None:
    if isinstance(value, (dict, set)):
        value.clear()
        value.update(content)
    elif isinstance(value, deque):
        value.clear()
        value.extend(content)
    elif isinstance(value, (list, bytearray)):
        value[:] = content
    elif isinstance(value, np.ndarray):
        value[...] = content
    else:
        # What pandas itself does for `inplace=True`.
        value._update_inplace(content)
