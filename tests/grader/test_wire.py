"""What crosses the wall arrives as it was sent; what does not belong there is refused with a sentence."""

import datetime as dt
import json
import math
import socket
import struct
import threading
import time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire import (
    Caps,
    Channel,
    ChannelClosed,
    ChannelTimeout,
    Opaque,
    WireError,
    decode,
    encode,
)


def sent(value: Any) -> Any:
    data, buffers = encode(value)
    return decode(json.loads(json.dumps(data)), buffers)


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(
            same(x, y) and same(a[x], b[y]) for x, y in zip(a, b, strict=True)
        )
    return bool(a == b)


ZONES = st.none() | st.integers(-1439, 1439).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.builds(lambda d, z: d.replace(tzinfo=z), st.datetimes(), ZONES)
    | st.decimals(allow_nan=False)
)
KEYS = st.text() | st.integers() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=5)
        | st.sets(KEYS, max_size=5)
        | st.frozensets(KEYS, max_size=5)
    ),
    max_leaves=30,
)


@given(VALUES)
def test_plain_values_arrive_as_they_were_sent(value):
    assert same(sent(value), value)


@pytest.mark.parametrize("value", [2**4000, -(2**4000), Decimal("NaN"), range(3, 9, 2), 1 + 2j])
def test_uncommon_numbers_arrive(value):
    assert repr(sent(value)) == repr(value)


@given(
    st.sampled_from(
        ["<i8", "<i4", "|u1", "<f8", "<f4", "|b1", "<c16", "<M8[ns]", "<m8[s]", "<U5", "|S3"]
    ),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_arrays_arrive_with_type_and_shape(dtype, rows, columns):
    array = np.arange(rows * columns).astype("i8").astype(dtype).reshape(rows, columns)
    got = sent(array)
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, array)


FRAME = pd.DataFrame(
    {
        "integer": [1, 2],
        "text": ["x", None],
        "nullable": pd.array([1, None], dtype="Int64"),
        "moment": pd.to_datetime(["2020-01-01", None], utc=True),
        "number": [1.5, np.nan],
        "kind": pd.Categorical(["u", "v"]),
        "anything": [[1], {"k": 2}],
        "flag": [True, False],
        "maybe": pd.array([True, None], dtype="boolean"),
        "span": pd.to_timedelta([1, 2], unit="s"),
    },
    index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"]),
)


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.reset_index(),
        FRAME.iloc[:0],
        pd.DataFrame(),
        FRAME.set_axis(list("aabbccddee"), axis=1),
    ],
)
def test_tables_arrive_as_they_were_sent(frame):
    pd.testing.assert_frame_equal(sent(frame), frame)


def test_series_and_indexes_arrive_as_they_were_sent():
    series = FRAME["number"].rename("fee")
    pd.testing.assert_series_equal(sent(series), series)
    days = pd.date_range("2020-01-01", periods=3, tz="Europe/Paris", name="day")
    pd.testing.assert_index_equal(sent(days), days)
    moment = pd.Timestamp("2024-02-29 12:00", tz="UTC")
    assert sent(moment) == moment
    assert sent(pd.NaT) is pd.NaT
    assert sent(pd.NA) is pd.NA


def test_a_figure_arrives_as_a_description_that_answers_as_matplotlib_does():
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2)
    left.plot([1, 2, 3], [4, 5, 6], label="received")
    left.set_xlabel("day")
    left.set_ylabel("amount (BTC)")
    left.set_yscale("log")
    right.bar(["a", "b"], [3, 4])
    right.scatter([0, 1], [7, 8])
    right.set_title("two bars")
    left.legend()
    left.set_ylim(1, 10)
    right.text(0, 0, "a note")
    got = sent(figure)
    plt.close(figure)
    assert got.axes[0].get_xlabel() == "day"
    assert got.axes[0].get_ylabel() == "amount (BTC)"
    assert got.axes[0].get_yscale() == "log"
    assert list(got.axes[0].lines[0].get_ydata()) == [4, 5, 6]
    assert got.axes[0].get_legend_handles_labels()[1] == ["received"]
    assert [bar.get_height() for bar in got.axes[1].patches] == [3, 4]
    assert got.axes[1].collections[0].get_offsets().tolist() == [[0, 7], [1, 8]]
    assert [text.get_text() for text in got.axes[1].get_xticklabels()] == ["a", "b"]
    assert got.axes[0].get_ylim() == (1, 10)
    assert [text.get_text() for text in got.axes[0].get_legend().get_texts()] == ["received"]
    assert got.axes[1].get_legend() is None
    assert [text.get_text() for text in got.axes[1].texts] == ["a note"]


class AlwaysEqual:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class Seven(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class CleverList(list):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


def test_nothing_clever_survives_the_crossing():
    assert isinstance(sent(AlwaysEqual()), Opaque)
    assert type(sent(Seven(7))) is int
    assert sent(Seven(7)) != 8
    assert type(sent(CleverList([1]))) is list
    assert sent(CleverList([1])) != [2]
    assert sent([AlwaysEqual()]) != [5]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-5, 5)
        | st.floats()
        | st.text(max_size=3)
        | st.sampled_from(["t", "v", "b"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["t", "v", "b", "dtype", "shape", "index", "data"]),
                inner,
                max_size=5,
            )
            | st.builds(
                lambda tag, rest: {**rest, "t": tag},
                st.sampled_from(
                    [
                        "int",
                        "float",
                        "bytes",
                        "tuple",
                        "set",
                        "dict",
                        "datetime",
                        "date",
                        "time",
                        "decimal",
                        "complex",
                        "range",
                        "array",
                        "objects",
                        "scalar",
                        "series",
                        "frame",
                        "index",
                        "column",
                        "timestamp",
                        "timedelta",
                        "pandas-timedelta",
                        "nat",
                        "na",
                        "figure",
                        "axes",
                        "callable",
                        "opaque",
                    ]
                ),
                st.dictionaries(
                    st.sampled_from(
                        [
                            "v",
                            "b",
                            "dtype",
                            "shape",
                            "offset",
                            "index",
                            "data",
                            "columns",
                            "name",
                            "unit",
                            "zone",
                            "kind",
                            "texts",
                            "legend",
                            "ticks",
                            "lines",
                            "patches",
                            "ref",
                        ]
                    ),
                    inner,
                    max_size=5,
                ),
            )
        ),
        max_leaves=15,
    ),
    st.lists(st.binary(max_size=40), max_size=3),
)
@settings(max_examples=400, deadline=None)
def test_a_forged_message_is_a_value_or_a_wire_error_and_nothing_else(data, buffers):
    try:
        decode(data, buffers, caps=Caps(frame_bytes=10_000, items=1000))
    except WireError as error:
        assert str(error)


@given(st.binary(max_size=300))
def test_forged_arrow_bytes_are_refused(raw):
    column = {"t": "series", "name": None, "index": {"kind": "range", "v": [0, 1, 1], "name": None}}
    with pytest.raises(WireError):
        decode({**column, "data": {"dtype": "int64", "rows": 100, "parts": [None, 0]}}, [raw])


def test_arrow_data_of_another_type_than_it_says_is_refused():
    data, buffers = encode(pd.Series([1, 2]))
    data["data"]["dtype"] = "str"
    with pytest.raises(WireError, match="no sound Arrow"):
        decode(data, buffers)


def test_what_is_too_deep_or_too_large_is_refused_on_both_sides():
    deep: list = []
    for _ in range(200):
        deep = [deep]
    endless: list = []
    endless.append(endless)
    for value in (deep, endless, list(range(2000))):
        with pytest.raises(WireError):
            encode(value, caps=Caps(items=1000))
    with pytest.raises(WireError):
        decode(deep, [])
    with pytest.raises(WireError):
        decode(list(range(2000)), [], caps=Caps(items=1000))
    with pytest.raises(WireError):
        decode({"t": "array", "dtype": "<f8", "shape": [2**20, 2**20], "b": 0}, [b""])


def test_messages_cross_a_channel_whole_and_in_order():
    ours, theirs = map(Channel, socket.socketpair())
    big = bytes(3_000_000)
    sender = threading.Thread(target=lambda: [ours.send({"n": n}, [big]) for n in range(3)])
    sender.start()
    assert [theirs.receive()[0]["n"] for _ in range(3)] == [0, 1, 2]
    sender.join()
    ours.close()
    with pytest.raises(ChannelClosed):
        theirs.receive()


def test_a_channel_gives_up_at_its_deadline():
    ours, _theirs = map(Channel, socket.socketpair())
    start = time.monotonic()
    with pytest.raises(ChannelTimeout):
        ours.receive(deadline=time.monotonic() + 0.2)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack(">II", 2**31, 0),
        struct.pack(">II", 2, 2**31),
        struct.pack(">II", 3, 0) + b"{a}",
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 200_000, 0) + b"[" * 200_000,
    ],
)
def test_a_forged_frame_is_refused_before_it_costs_anything(raw):
    ours, theirs = socket.socketpair()
    threading.Thread(target=ours.sendall, args=(raw,), daemon=True).start()
    with pytest.raises(WireError):
        Channel(theirs, Caps(frame_bytes=1_000_000)).receive(deadline=time.monotonic() + 5)
