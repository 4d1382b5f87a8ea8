"""Number the values of a column from 0, in order of first appearance."""

from __future__ import annotations

import numpy as np
import pandas as pd


def number_values(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return the number of each row's value (-1 where it is missing), and the values by number.

    The numbers are int32 where that is enough, else int64.
    """
    narrow = np.int32 if len(column) < 2**31 else np.int64
    if len(column) and column.dtype == np.int64:
        values = column.to_numpy()
        if values.min() >= 0 and values.max() < 4 * len(values):
            return _number_small(values, narrow)
    codes, values = pd.factorize(column)
    return codes.astype(narrow, copy=False), pd.Index(values)


def number_runs(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Do the same as `number_values` for a column without gaps, sooner where equal values adjoin.

    The inputs of a transaction mostly follow each other, so that one comparison with the neighbour is
    enough for most rows.
    """
    values = column.array
    begins = np.ones(len(values), bool)
    begins[1:] = np.asarray(values[1:] != values[:-1], dtype=bool)
    if begins.all():
        return number_values(column)
    places = np.flatnonzero(begins)
    runs = column.iloc[places]
    if _certainly_distinct(runs):
        codes, distinct = np.arange(len(runs), dtype=np.int32), pd.Index(runs)
    else:
        codes, distinct = number_values(runs)
    return np.repeat(codes, np.diff(places, append=len(values))), distinct


def _certainly_distinct(column: pd.Series) -> bool:
    """Say whether no text occurs twice, if that can be seen quickly: False means "perhaps not".

    Ids are texts of one length, so their bytes can be read as 64-bit numbers and summed with weights.
    Different sums come from different texts; when two sums are equal, nothing is said.
    """
    if not isinstance(column.array, pd.arrays.ArrowStringArray) or not 0 < len(column) < 2**31:
        return False
    import pyarrow as pa

    text = pa.chunked_array([pa.array(column.array, pa.large_string())]).combine_chunks()
    text = text.chunk(0) if isinstance(text, pa.ChunkedArray) else text
    _, ends, data = text.buffers()
    ends = np.frombuffer(ends, np.int64)[text.offset : text.offset + len(text) + 1]
    sizes = np.diff(ends)
    width = int(sizes[0])
    if width == 0 or width % 8 or (sizes != width).any():
        return False
    words = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]].view(np.uint64)
    weights = np.arange(1, width // 8 + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    sums = np.sort((words.reshape(-1, width // 8) * weights).sum(axis=1, dtype=np.uint64))
    return bool((sums[1:] != sums[:-1]).all())


def _number_small(values: np.ndarray, narrow: type) -> tuple[np.ndarray, pd.Index]:
    """Number whole numbers that can serve as places in an array, with no need to hash them."""
    none = len(values)
    first = np.full(int(values.max()) + 1, none, narrow)
    # Written from last to first, so that what remains is where each value appears first.
    first[values[::-1]] = np.arange(none, dtype=narrow)[::-1]
    opens = np.zeros(none, bool)
    opens[first[first < none]] = True
    distinct = values[opens]
    first[distinct] = np.arange(len(distinct), dtype=narrow)
    return first[values], pd.Index(distinct)
