"""Every kind of value that the page for authors names arrives as it says, over many examples."""

import dataclasses
import datetime as dt
import enum
import io
import json
import math
import pathlib
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire import Caps, Opaque, WireError, decode, encode
from autograder.wire.handed import Handed
from autograder.wire.values import TAGS, Decoder, Encoder


def sent(value: Any) -> Any:
    data, buffers = encode(value)
    return decode(json.loads(json.dumps(data)), buffers)


PLACES = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"]).map(ZoneInfo)
OFFSETS = st.integers(-1439, 1439).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))


@given(st.datetimes(timezones=st.none() | PLACES | OFFSETS, allow_imaginary=False))
def test_moments_arrive_with_their_time_zone(moment):
    got = sent(moment)
    assert got == moment
    assert (got.tzinfo, got.fold, got.utcoffset()) == (
        moment.tzinfo,
        moment.fold,
        moment.utcoffset(),
    )
    if moment.tzinfo is None or not isinstance(moment.tzinfo, ZoneInfo):
        assert sent(moment.timetz()) == moment.timetz()
        assert sent(moment.timetz()).tzinfo == moment.tzinfo


def test_utc_stays_the_one_utc():
    assert sent(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).tzinfo is dt.UTC
    named = dt.timezone(dt.timedelta(hours=1), "CET")
    assert sent(dt.datetime(2020, 1, 1, tzinfo=named)).tzname() == "CET"


Point = namedtuple("Point", "x y")


@dataclasses.dataclass
class Finding:
    searched: str
    sure: float = 0.5
    notes: list[str] = dataclasses.field(default_factory=list)

    def doubtful(self) -> bool:
        return self.sure < 0.5


class Level(enum.Enum):
    LOW = 1
    HIGH = (2, "x")


class Word(enum.StrEnum):
    YES = "yes"


class Rank(enum.IntEnum):
    FIRST = 1


@pytest.mark.parametrize(
    "value",
    [
        Fraction(-3, 7),
        Decimal("-0.10"),
        Decimal("Infinity"),
        complex(1, -2),
        np.float32(1.5),
        np.complex128(2 + 1j),
        slice(1, None, 2),
        slice(None, -1),
        range(5, -5, -2),
        Counter("abca"),
        OrderedDict([("b", 1), ("a", 2)]),
        defaultdict(list, {"a": [1]}),
        deque([1, [2]], maxlen=3),
        {
            1: "a",
            None: "b",
            (1, ("x",)): "c",
            frozenset({1}): "d",
            dt.date(2020, 1, 1): "e",
            1.5: "f",
        },
        {"a": 1}.keys(),
        {"a": 1}.items(),
        pathlib.PurePosixPath("a/b.txt"),
        pd.Timestamp("2024-02-29 12:00:00.123456789", tz="Asia/Tokyo"),
        pd.Timestamp("2024-02-29", tz=dt.timezone(dt.timedelta(hours=2))),
        pd.Timedelta("1 days 00:00:00.000000001"),
        pd.Period("2024-02", "M"),
        pd.Interval(1, 2.5, closed="left"),
        np.datetime64("2024-02-29T12:00"),
        np.timedelta64(3, "D"),
        "\ud800 half a character",
        b"\x00\xff",
        bytearray(b"ab"),
        2**200,
        -0.0,
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_values_of_many_kinds_arrive(value):
    got = sent(value)
    assert type(got) is type(value)
    assert got == value
    assert repr(got) == repr(value) or isinstance(value, (dict, set))
    if isinstance(value, defaultdict):
        assert got["new"] == []


def test_a_path_arrives_as_a_name_that_opens_nothing():
    assert sent(pathlib.Path("/etc/passwd")) == pathlib.PurePosixPath("/etc/passwd")
    assert not hasattr(sent(pathlib.Path("/etc/passwd")), "read_text")


def test_files_in_memory_arrive_where_they_stand():
    text, raw = io.StringIO("a\nb"), io.BytesIO(b"abc")
    text.readline()
    raw.seek(2)
    assert (sent(text).read(), sent(raw).read()) == ("b", b"c")
    with pathlib.Path("/dev/null").open() as file:
        assert isinstance(sent(file), Opaque)


def test_records_arrive_with_names_and_values_and_without_methods():
    point = sent([Point(1, [2]), Point(1, [2])])
    assert point[0] == (1, [2]) == point[1]
    assert (
        point[0].y == [2]
        and isinstance(point[0], tuple)
        and point[0]._asdict() == {"x": 1, "y": [2]}
    )
    assert type(point[0]) is type(point[1]) and repr(point[0]) == "Point(x=1, y=[2])"
    finding = sent(Finding("the ledger", 0.4))
    assert (finding.searched, finding.sure, finding.notes) == ("the ledger", 0.4, [])
    assert finding == sent(Finding("the ledger", 0.4)) and finding != sent(Finding("x"))
    assert finding != 5 and repr(finding).startswith("Finding(searched='the ledger'")
    with pytest.raises(AttributeError, match="only the fields"):
        finding.doubtful()


def test_members_of_an_enumeration_arrive_as_the_same_member_each_time():
    assert sent(Level.HIGH) is sent(Level.HIGH) is sent(Level).HIGH
    assert (sent(Level.HIGH).name, sent(Level.HIGH).value) == ("HIGH", (2, "x"))
    assert sent(Level.LOW) != sent(Level.HIGH) and sent(Level)(1) is sent(Level.LOW)
    assert sent(Word.YES) == "yes" and sent(Word).YES is sent(Word.YES)
    assert sent(Rank.FIRST) == 1 and sent(Rank.FIRST).name == "FIRST"


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(2, dtype=[("a", "i4")]),
        np.ma.array([1, 2], mask=[0, 1]),
        np.longdouble(1),
        json,
        object(),
        pd.DataFrame({"a": [1]}).groupby("a"),
        (n for n in range(3)),
        ...,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_does_not_cross_arrives_as_the_name_of_its_kind(value):
    got = sent(value)
    assert isinstance(got, Opaque)
    assert got.type_name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("vbtn"), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = [
    "v",
    "b",
    "n",
    "dtype",
    "shape",
    "fixed",
    "index",
    "data",
    "columns",
    "name",
    "names",
    "unit",
    "zone",
    "fold",
    "kind",
    "freq",
    "closed",
    "left",
    "right",
    "ordinals",
    "codes",
    "categories",
    "levels",
    "rows",
    "parts",
    "texts",
    "legend",
    "ticks",
    "lines",
    "patches",
    "collections",
    "title",
    "ref",
    "fields",
    "members",
    "mixture",
    "is",
    "at",
    "factory",
    "most",
    "doc",
    "parameters",
    "levels",
    "start",
]
WORDS = st.sampled_from(
    [
        "<i8",
        "|O",
        "period",
        "interval",
        "category",
        "object",
        "int64",
        "str",
        "range",
        "multi",
        "plain",
        "left",
        "M",
        "D",
        "ns",
        "UTC",
        "Enum",
        "StrEnum",
        "list",
        "x",
        "_x",
        "class",
        "mro",
        "__init__",
        "0x1",
    ]
)


@given(
    st.sampled_from(sorted(TAGS)),
    st.dictionaries(
        st.sampled_from(FIELDS), JSON | WORDS | st.lists(WORDS, max_size=3), max_size=8
    ),
    st.lists(st.binary(max_size=16), max_size=2),
)
@settings(max_examples=600, deadline=None)
def test_a_forged_value_of_any_kind_is_a_value_or_a_wire_error(tag, fields, buffers):
    for data in ({**fields, "t": tag}, [{**fields, "t": tag}]):
        try:
            decode(data, buffers, caps=Caps(frame_bytes=10_000, items=1000))
        except WireError as error:
            assert str(error)


TREES = st.recursive(
    st.integers() | st.text(max_size=2) | st.just(np.arange(2)) | st.just(pd.Series([[1], {}])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.builds(lambda v: defaultdict(list, {"k": v}), inner)
        | st.builds(lambda v: pd.DataFrame({"o": pd.Series([v], dtype=object)}), inner)
        | st.builds(deque, st.lists(inner, max_size=2))
    ),
    max_leaves=8,
)


@given(TREES)
@settings(deadline=None, max_examples=60)
def test_both_sides_number_the_objects_of_a_call_alike(tree):
    ours, theirs = Handed(), Handed()
    encoder = Encoder(handed=ours, learning=True)
    data = encoder.value([tree, tree])
    Decoder(encoder.buffers, handed=theirs, learning=True).value(json.loads(json.dumps(data)))
    assert [type(value) for value in ours._objects] == [type(value) for value in theirs._objects]
    theirs.remember()
    assert theirs.changed() == []
    again = Encoder(handed=theirs)
    for number, value in enumerate(theirs._objects):
        back = Decoder(again.buffers, handed=ours).value(again.value(value))
        assert back is ours._objects[number]
    assert math.isfinite(len(ours._objects))
