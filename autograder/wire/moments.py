"""Dates, times, time zones and spans as JSON: Python's own, and pandas' single ones."""

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from autograder.wire.limits import WireError

if TYPE_CHECKING:
    from autograder.wire.values import Decoder, Encoder

UNITS = {"s", "ms", "us", "ns"}
# Never dateutil's: its names may be paths of files.
ZONE = re.compile(r"(?!dateutil)[A-Za-z0-9_+\-/:]{1,64}")
# An IANA name, such as Europe/Paris.
_PLACE = re.compile(r"[A-Za-z0-9_+\-]{1,30}(/[A-Za-z0-9_+\-]{1,30}){0,2}")
FREQUENCY = re.compile(r"-?\d{0,6}[A-Za-z]{1,4}(-[A-Z]{3}){0,1}")
"""How pandas writes steps of time, such as D, 15min, W-SUN, QE-DEC."""
SIDES = {"left", "right", "both", "neither"}


def _zone_of(value: dt.datetime | dt.time) -> Any:
    """Return a time zone as JSON: its place where it has one, else its distance from UTC; None where there is none."""
    zone = value.tzinfo
    if zone is None:
        return None
    if isinstance(zone, ZoneInfo) and isinstance(zone.key, str):
        return zone.key
    offset = value.utcoffset()
    if offset is None:
        return None
    name = value.tzname() if isinstance(zone, dt.timezone) else None
    plain = name is None or name.startswith("UTC")
    return [offset.total_seconds(), None if plain else name[:100]]


def _zone(decoder: "Decoder", data: Any) -> dt.tzinfo | None:
    if data is None:
        return None
    if type(data) is str:
        if not _PLACE.fullmatch(data):
            raise WireError("a time arrived whose time zone is not well formed")
        return ZoneInfo(data)
    seconds, name = decoder.items(data)
    offset = dt.timedelta(seconds=float(seconds))
    return dt.timezone(offset) if name is None else dt.timezone(offset, decoder.text(name, 100))


def _encode_datetime(encoder: "Encoder", value: dt.datetime, depth: int) -> Any:
    if value is pd.NaT:
        return {"t": "nat"}
    if isinstance(value, pd.Timestamp):
        return {
            "t": "timestamp",
            "v": hex(value.asm8.view("i8").item()),
            "unit": value.unit,
            "zone": None if value.tz is None else str(value.tz),
        }
    return {
        "t": "datetime",
        "v": value.replace(tzinfo=None, fold=0).isoformat(),
        "zone": _zone_of(value),
        "fold": value.fold,
    }


def _encode_time(encoder: "Encoder", value: dt.time, depth: int) -> Any:
    bare = value.replace(tzinfo=None, fold=0).isoformat()
    return {"t": "time", "v": bare, "zone": _zone_of(value), "fold": value.fold}


def _encode_timedelta(encoder: "Encoder", value: dt.timedelta, depth: int) -> Any:
    """Return a duration as JSON, exact to the microsecond, or to pandas' own unit."""
    if isinstance(value, pd.Timedelta):
        return {"t": "pandas-timedelta", "v": hex(value.asm8.view("i8").item()), "unit": value.unit}
    return {"t": "timedelta", "v": [value.days, value.seconds, value.microseconds]}


def _encode_date(encoder: "Encoder", value: dt.date, depth: int) -> Any:
    return {"t": "date", "v": value.isoformat()}


ENCODERS: list[tuple[type, Callable[["Encoder", Any, int], Any]]] = [
    (type(pd.NaT), _encode_datetime),
    (dt.datetime, _encode_datetime),
    (dt.date, _encode_date),
    (dt.time, _encode_time),
    (dt.timedelta, _encode_timedelta),
    (pd.Period, lambda e, v, d: {"t": "period", "v": v.ordinal, "freq": v.freqstr}),
    (
        pd.Interval,
        lambda e, v, d: {
            "t": "interval",
            "v": [e.value(v.left, d + 1), e.value(v.right, d + 1)],
            "closed": v.closed,
        },
    ),
]


def _decode_datetime(decoder: "Decoder", data: dict[str, Any], depth: int) -> dt.datetime:
    naive = dt.datetime.fromisoformat(decoder.text(data["v"], 40))
    fold = decoder.integer(data["fold"], 0, 1)
    return naive.replace(tzinfo=_zone(decoder, data["zone"]), fold=fold)


def _decode_time(decoder: "Decoder", data: dict[str, Any], depth: int) -> dt.time:
    naive = dt.time.fromisoformat(decoder.text(data["v"], 40))
    fold = decoder.integer(data["fold"], 0, 1)
    return naive.replace(tzinfo=_zone(decoder, data["zone"]), fold=fold)


def _decode_timestamp(decoder: "Decoder", data: dict[str, Any], depth: int) -> pd.Timestamp:
    unit = decoder.text(data["unit"], 2)
    if unit not in UNITS:
        raise WireError("a time stamp arrived that is not well formed")
    moment = pd.Timestamp(np.datetime64(int(decoder.text(data["v"], 20), 16), unit))
    zone = data["zone"]
    if zone is None:
        return moment
    if not ZONE.fullmatch(decoder.text(zone, 64)):
        raise WireError("a time stamp arrived whose time zone is not well formed")
    return moment.tz_localize("UTC").tz_convert(zone)


def _decode_pandas_timedelta(decoder: "Decoder", data: dict[str, Any], depth: int) -> pd.Timedelta:
    unit = decoder.text(data["unit"], 2)
    if unit not in UNITS:
        raise WireError("a duration arrived that is not well formed")
    return pd.Timedelta(np.timedelta64(int(decoder.text(data["v"], 20), 16), unit))


def _decode_timedelta(decoder: "Decoder", data: dict[str, Any], depth: int) -> dt.timedelta:
    days, seconds, microseconds = (
        decoder.integer(n, -(10**9), 10**9) for n in decoder.items(data["v"])
    )
    return dt.timedelta(days, seconds, microseconds)


def frequency(decoder: "Decoder", data: Any) -> str:
    """Return a step of time as pandas writes it.

    Raises:
        WireError: it is none.
    """
    step = decoder.text(data, 20)
    if not FREQUENCY.fullmatch(step):
        raise WireError("a step of time arrived that is not well formed")
    return step


def side(decoder: "Decoder", data: Any) -> str:
    """Return which ends of an interval belong to it.

    Raises:
        WireError: it is none of pandas' four words.
    """
    if type(data) is not str or data not in SIDES:
        raise WireError("an interval arrived that is not well formed")
    return data


def _decode_period(decoder: "Decoder", data: dict[str, Any], depth: int) -> pd.Period:
    ordinal = decoder.integer(data["v"], -(2**62), 2**62)
    return pd.Period(ordinal=ordinal, freq=frequency(decoder, data["freq"]))


def _decode_interval(decoder: "Decoder", data: dict[str, Any], depth: int) -> pd.Interval:
    left, right = decoder.sequence(data, depth)
    return pd.Interval(left, right, side(decoder, data["closed"]))


DECODERS: dict[str, Callable[["Decoder", dict[str, Any], int], Any]] = {
    "datetime": _decode_datetime,
    "date": lambda d, v, _: dt.date.fromisoformat(d.text(v["v"], 40)),
    "time": _decode_time,
    "timedelta": _decode_timedelta,
    "timestamp": _decode_timestamp,
    "pandas-timedelta": _decode_pandas_timedelta,
    "period": _decode_period,
    "interval": _decode_interval,
    "nat": lambda d, v, _: pd.NaT,
}
