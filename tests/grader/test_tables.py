"""Arrays, columns, indexes and tables of every kind arrive as they were sent, over many examples."""

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.wire import decode, encode


def sent(value: Any) -> Any:
    data, buffers = encode(value)
    return decode(json.loads(json.dumps(data)), buffers)


DTYPES = st.sampled_from(
    [
        "?",
        "i1",
        "i2",
        "i4",
        "i8",
        "u1",
        "u2",
        "u4",
        "u8",
        "f2",
        "f4",
        "f8",
        "c8",
        "c16",
        "M8[ns]",
        "M8[D]",
        "m8[s]",
        "U4",
        "S4",
        ">i4",
        ">f8",
    ]
)


@given(DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=3, min_side=0))))
@settings(deadline=None, max_examples=60)
def test_arrays_of_every_kind_arrive_with_type_shape_and_every_bit(array):
    got = sent(array)
    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    assert got.tobytes() == np.ascontiguousarray(array).tobytes()
    for number in array.ravel()[:3]:
        plain = {"U": str, "S": bytes}.get(array.dtype.kind)
        assert type(sent(number)) is (plain or type(number))
        np.testing.assert_array_equal(sent(number), number)


def test_a_fixed_array_arrives_fixed_and_an_array_of_objects_keeps_them():
    array = np.arange(3)
    assert sent(array).flags.writeable
    array.flags.writeable = False
    assert not sent(array).flags.writeable
    objects = np.array([[1, "x"], [None, [2]]], dtype=object)
    np.testing.assert_array_equal(sent(objects), objects)


NUMBERS = st.integers(-(2**31), 2**31 - 1)
MOMENTS = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1))
COLUMNS = {
    "int64": NUMBERS,
    "Int64": st.none() | NUMBERS,
    "UInt8": st.none() | st.integers(0, 255),
    "float64": st.floats(),
    "Float64": st.none() | st.floats(allow_nan=False),
    "bool": st.booleans(),
    "boolean": st.none() | st.booleans(),
    "str": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    "string": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    "object": st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    "category": st.sampled_from(["a", "b", None]),
    "datetime64[us]": st.none() | MOMENTS,
    "datetime64[ns, UTC]": st.none() | MOMENTS,
    "datetime64[s, Europe/Paris]": st.none() | MOMENTS,
    "timedelta64[ns]": st.none() | st.timedeltas(dt.timedelta(-9999), dt.timedelta(9999)),
    "period[M]": MOMENTS,
}
LABELS = (
    st.none()
    | st.text(max_size=3)
    | st.integers(-5, 5)
    | st.tuples(st.integers(), st.text(max_size=2))
)


@st.composite
def series(draw: Any, rows: int | None = None) -> pd.Series:
    dtype = draw(st.sampled_from(sorted(COLUMNS)))
    size = {"min_size": rows, "max_size": rows} if rows is not None else {"max_size": 5}
    values = draw(st.lists(COLUMNS[dtype], **size))
    if dtype == "period[M]":
        made = pd.Series(pd.PeriodIndex(values, freq="M"))
    elif dtype == "object":
        made = pd.Series(values, dtype=object)
    elif dtype.startswith("datetime64") and ", " in dtype:
        made = pd.Series(
            pd.to_datetime(pd.Series(values, dtype="datetime64[us]"), utc=True)
        ).astype(dtype)
    else:
        made = pd.Series(values, dtype=dtype)
    return made.rename(draw(LABELS))


@given(series())
@settings(deadline=None, max_examples=60)
def test_columns_of_every_kind_arrive(column):
    pd.testing.assert_series_equal(sent(column), column)
    if column.dtype != object:
        index = pd.Index(column.array, name=column.name)
        pd.testing.assert_index_equal(sent(index), index)


@given(st.data(), st.integers(0, 4), st.integers(0, 4))
@settings(deadline=None, max_examples=60)
def test_tables_of_every_shape_arrive(data, rows, width):
    columns = [data.draw(series(rows)) for _ in range(width)]
    table = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(rows))
    table.columns = pd.Index(
        data.draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=width, max_size=width)),
        dtype=object,
    )
    if width > 1 and data.draw(st.booleans()):
        table.columns = pd.MultiIndex.from_tuples(
            [(n, "x") for n in range(width)], names=["n", None]
        )
    if rows and data.draw(st.booleans()):
        table.index = pd.MultiIndex.from_arrays(
            [range(rows), pd.date_range("2020", periods=rows)], names=["number", "day"]
        )
    got = sent(table)
    pd.testing.assert_frame_equal(got, table)
    steps = [
        [getattr(level, "freq", None) for level in t.index.levels]
        for t in (got, table)
        if t.index.nlevels > 1
    ]
    assert steps[:1] == steps[1:]


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(3, 9, 2, name="n"),
        pd.date_range("2020-01-01", periods=4, freq="W-SUN"),
        pd.date_range("2020-01-01", periods=4, freq="15min", tz="UTC"),
        pd.date_range("2020-03-28", periods=4, freq="D", tz="Europe/Paris"),
        pd.timedelta_range("1h", periods=3, freq="2h"),
        pd.period_range("2020Q1", periods=3, freq="Q"),
        pd.interval_range(0, 3, closed="left"),
        pd.CategoricalIndex(["a", "b", "a"], ordered=True),
        pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]),
        pd.MultiIndex.from_tuples([("a", None), (None, 2.5), ("a", 1.0)]),
        pd.Index([], name="empty"),
        pd.Index([1, "x", None], dtype=object),
    ],
    ids=lambda index: type(index).__name__,
)
def test_indexes_arrive_with_their_steps(index):
    got = sent(index)
    pd.testing.assert_index_equal(got, index, exact=True)
    assert getattr(got, "freq", None) == getattr(index, "freq", None)
    counted = pd.Series(range(len(index)), index=index)
    pd.testing.assert_series_equal(sent(counted), counted)


def test_what_tables_are_usually_made_into_arrives():
    sales = pd.DataFrame(
        {
            "day": pd.date_range("2020-01-01", periods=6, tz="UTC"),
            "n": range(6),
            "who": list("ababab"),
        }
    )
    for made in (
        sales.groupby("who")["n"].agg(["sum", "mean"]),
        sales.set_index("day")["n"].resample("2D").sum(),
        sales.pivot_table(index="who", columns="n", values="n", observed=True),
        sales.describe(),
        sales["day"].dt.tz_localize(None).dt.to_period("M").value_counts(),
        pd.cut(sales["n"], 3).value_counts(),
        sales.groupby(["who", "day"]).size().unstack(),
    ):
        test = pd.testing.assert_frame_equal if made.ndim == 2 else pd.testing.assert_series_equal
        test(sent(made), made)
