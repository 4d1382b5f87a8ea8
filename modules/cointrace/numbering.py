"""Number the values of a column from 0, in order of first appearance."""

from __future__ import annotations

import numpy as np
import pandas as pd


def number_values(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return the number of each row's value (-1 where it is missing), and the values by number.

    The numbers are int32 where that is enough, else int64.
    """
    codes, values = pd.factorize(column)
    narrow = np.int32 if len(codes) < 2**31 else np.int64
    return codes.astype(narrow), pd.Index(values)


def number_runs(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Do the same as `number_values` for a column without gaps, sooner where equal values adjoin.

    The inputs of a transaction mostly follow each other, so that one comparison with the neighbour is
    enough for most rows.
    """
    begins = column.ne(column.shift()).to_numpy(dtype=bool, copy=True)
    begins[:1] = True
    codes, values = number_values(column[begins])
    return np.repeat(codes, np.diff(np.append(np.flatnonzero(begins), len(column)))), values
