"""Python values as JSON with buffers, and back.

Encoding runs beside the trainee's code and may be lied to; decoding runs in the judge and believes nothing: each tag,
type and size is checked, and what comes out is built here from exact built-in, numpy and pandas types. So nothing
that arrives can carry an `__eq__`, a `__len__` or any other code of the trainee.
"""

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from autograder.wire import figures, tables
from autograder.wire.limits import DEFAULT_CAPS, Caps, WireError

_EXACT_JSON_INTEGER = 2**53
_LARGEST_EXPONENT = 10_000


class Opaque:
    """Something that does not cross: only the name of its type does."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Encoder:
    """Turn values into JSON; collect the buffers on the way.

    Args:
        refer: gives a callable a number by which it can be called later; without it callables are opaque.
    """

    def __init__(
        self, refer: Callable[[Any], int] | None = None, caps: Caps = DEFAULT_CAPS
    ) -> None:
        self.buffers: list[bytes] = []
        self._refer = refer
        self._caps = caps
        self._items = 0

    def buffer(self, data: bytes) -> int:
        """Keep `data` beside the message and return its number."""
        self.buffers.append(data)
        return len(self.buffers) - 1

    def value(self, value: Any, depth: int = 0) -> Any:
        """Return `value` as JSON.

        Raises:
            WireError: too deep, too many items.
        """
        if depth > self._caps.depth:
            raise WireError(f"it is nested more than {self._caps.depth} levels deep")
        self._items += 1
        if self._items > self._caps.items:
            raise WireError(f"it holds more than {self._caps.items:,} items")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str:
            # A lone surrogate is no text in UTF-8; JSON carries it escaped.
            return value
        for type_, encode_one in _ENCODERS:
            if isinstance(value, type_):
                return encode_one(self, value, depth)
        foreign = tables.encode(self, value, depth)
        if foreign is None:
            foreign = figures.encode(self, value, depth)
        if foreign is not None:
            return foreign
        if callable(value) and self._refer is not None:
            return {"t": "callable", "ref": self._refer(value), "name": _name_of(value)}
        return {"t": "opaque", "type": kind.__name__[:200]}

    def sequence(self, values: Any, depth: int) -> list[Any]:
        """Return each of `values` as JSON, one level deeper."""
        return [self.value(item, depth + 1) for item in values]


def _name_of(value: Any) -> str:
    name = getattr(value, "__name__", None)
    return name[:200] if isinstance(name, str) else type(value).__name__[:200]


def _encode_int(encoder: Encoder, value: int, depth: int) -> Any:
    plain = int(value)
    if -_EXACT_JSON_INTEGER <= plain <= _EXACT_JSON_INTEGER:
        return plain
    return {"t": "int", "v": hex(plain)}


def _encode_float(encoder: Encoder, value: float, depth: int) -> Any:
    plain = float(value)
    return plain if math.isfinite(plain) else {"t": "float", "v": repr(plain)}


def _encode_dict(encoder: Encoder, value: dict[Any, Any], depth: int) -> Any:
    return {
        "t": "dict",
        "v": [[encoder.value(k, depth + 1), encoder.value(v, depth + 1)] for k, v in value.items()],
    }


def _encode_datetime(encoder: Encoder, value: dt.datetime, depth: int) -> Any:
    stamp = tables.encode_timestamp(value)
    if stamp is not None:
        return stamp
    offset = value.utcoffset()
    return {
        "t": "datetime",
        "v": value.replace(tzinfo=None).isoformat(),
        "offset": None if offset is None else offset.total_seconds(),
    }


# Order matters: bool was handled before int, datetime is a date.
_ENCODERS: list[tuple[type, Callable[[Encoder, Any, int], Any]]] = [
    (str, lambda e, v, d: str.__str__(v)),
    (int, lambda e, v, d: tables.encode_scalar(e, v) or _encode_int(e, v, d)),
    (float, lambda e, v, d: tables.encode_scalar(e, v) or _encode_float(e, v, d)),
    (bytes, lambda e, v, d: {"t": "bytes", "b": e.buffer(bytes(v))}),
    (bytearray, lambda e, v, d: {"t": "bytearray", "b": e.buffer(bytes(v))}),
    (list, lambda e, v, d: e.sequence(v, d)),
    (tuple, lambda e, v, d: {"t": "tuple", "v": e.sequence(v, d)}),
    (set, lambda e, v, d: {"t": "set", "v": e.sequence(v, d)}),
    (frozenset, lambda e, v, d: {"t": "frozenset", "v": e.sequence(v, d)}),
    (
        range,
        lambda e, v, d: {
            "t": "range",
            "v": [_encode_int(e, n, d) for n in (v.start, v.stop, v.step)],
        },
    ),
    (dict, _encode_dict),
    (dt.datetime, _encode_datetime),
    (dt.date, lambda e, v, d: {"t": "date", "v": v.isoformat()}),
    (dt.time, lambda e, v, d: {"t": "time", "v": v.replace(tzinfo=None).isoformat()}),
    (dt.timedelta, lambda e, v, d: tables.encode_timedelta(v)),
    (Decimal, lambda e, v, d: {"t": "decimal", "v": str(v)}),
    (
        complex,
        lambda e, v, d: {
            "t": "complex",
            "v": [_encode_float(e, v.real, d), _encode_float(e, v.imag, d)],
        },
    ),
]


class Decoder:
    """Turn JSON that arrived into values, believing nothing.

    Args:
        buffers: the raw buffers of the message.
        callable_for: makes a stand-in from the number and name of a callable; without it none may arrive.
    """

    def __init__(
        self,
        buffers: list[bytes],
        callable_for: Callable[[int, str], Any] | None = None,
        caps: Caps = DEFAULT_CAPS,
    ) -> None:
        self._buffers = buffers
        self._callable_for = callable_for
        self._caps = caps
        self._items = 0

    def buffer(self, number: Any) -> bytes:
        """Return the buffer with this number.

        Raises:
            WireError: there is none.
        """
        if type(number) is not int or not 0 <= number < len(self._buffers):
            raise WireError("a message refers to a part that it does not hold")
        return self._buffers[number]

    def text(self, value: Any, longest: int = 10_000) -> str:
        """Return `value` if it is a text of at most `longest` characters."""
        if type(value) is not str or len(value) > longest:
            raise WireError("a message holds something else where a short text belongs")
        return value

    def integer(self, value: Any, low: int, high: int) -> int:
        """Return `value` if it is a whole number from `low` to `high`."""
        if type(value) is not int or not low <= value <= high:
            raise WireError("a message holds something else where a small whole number belongs")
        return value

    def items(self, value: Any) -> list[Any]:
        """Return `value` if it is a JSON array."""
        if type(value) is not list:
            raise WireError("a message holds something else where a list belongs")
        return value

    def value(self, data: Any, depth: int = 0) -> Any:
        """Return the value that `data` stands for.

        Raises:
            WireError: it is not of the form, too deep, or too large.
        """
        if depth > self._caps.depth:
            raise WireError(f"it is nested more than {self._caps.depth} levels deep")
        self._items += 1
        if self._items > self._caps.items:
            raise WireError(f"it holds more than {self._caps.items:,} items")
        kind = type(data)
        if data is None or kind in (bool, int, float):
            return data
        if kind is str:
            return self.text(data, self._caps.text_chars)
        if kind is list:
            return [self.value(item, depth + 1) for item in data]
        tag = data.get("t")
        decode_one = _DECODERS.get(tag) if type(tag) is str else None
        if decode_one is not None:
            try:
                return decode_one(self, data, depth)
            except WireError:
                raise
            # Whatever pandas or Arrow raise: a forged message must not end the judge.
            except Exception as error:
                raise WireError(f"a {tag} arrived that is not well formed") from error
        if tag == "callable" and self._callable_for is not None:
            return self._callable_for(
                self.integer(data.get("ref"), 0, 2**31), self.text(data.get("name"), 200)
            )
        if tag == "opaque":
            return Opaque(self.text(data.get("type"), 200))
        raise WireError("a kind of value arrived that the wire does not carry")

    def sequence(self, data: dict[str, Any], depth: int) -> list[Any]:
        """Return the decoded values under "v"."""
        return [self.value(item, depth + 1) for item in self.items(data.get("v"))]


def _decode_int(decoder: Decoder, data: dict[str, Any], depth: int) -> int:
    return int(decoder.text(data["v"], decoder._caps.integer_digits), 16)


def _decode_float(decoder: Decoder, data: dict[str, Any], depth: int) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[decoder.text(data["v"], 10)]


def _decode_dict(decoder: Decoder, data: dict[str, Any], depth: int) -> dict[Any, Any]:
    pairs = [decoder.items(pair) for pair in decoder.items(data["v"])]
    if any(len(pair) != 2 for pair in pairs):
        raise WireError("a dict arrived that is not well formed")
    return {decoder.value(k, depth + 1): decoder.value(v, depth + 1) for k, v in pairs}


def _decode_set(decoder: Decoder, data: dict[str, Any], depth: int) -> set[Any]:
    # One by one, so that the judge's alarm can ring while numbers of one hash are piled up.
    found = set()
    for item in decoder.sequence(data, depth):
        found.add(item)
    return found


def _decode_decimal(decoder: Decoder, data: dict[str, Any], depth: int) -> Decimal:
    number = Decimal(decoder.text(data["v"], 1000))
    # As a whole number such a one would fill the memory.
    if number.is_finite() and abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise WireError("a decimal number arrived with an enormous exponent")
    return number


def _decode_datetime(decoder: Decoder, data: dict[str, Any], depth: int) -> dt.datetime:
    naive = dt.datetime.fromisoformat(decoder.text(data["v"], 40))
    offset = data["offset"]
    if offset is None:
        return naive
    return naive.replace(tzinfo=dt.timezone(dt.timedelta(seconds=float(offset))))


_DECODERS: dict[str, Callable[[Decoder, dict[str, Any], int], Any]] = {
    "int": _decode_int,
    "float": _decode_float,
    "bytes": lambda d, v, _: d.buffer(v["b"]),
    "bytearray": lambda d, v, _: bytearray(d.buffer(v["b"])),
    "tuple": lambda d, v, depth: tuple(d.sequence(v, depth)),
    "set": _decode_set,
    "frozenset": lambda d, v, depth: frozenset(_decode_set(d, v, depth)),
    "range": lambda d, v, depth: range(*d.sequence(v, depth)),
    "dict": _decode_dict,
    "datetime": _decode_datetime,
    "date": lambda d, v, _: dt.date.fromisoformat(d.text(v["v"], 40)),
    "time": lambda d, v, _: dt.time.fromisoformat(d.text(v["v"], 40)),
    "decimal": _decode_decimal,
    "complex": lambda d, v, depth: complex(*map(float, d.sequence(v, depth))),
    **tables.DECODERS,
    **figures.DECODERS,
}


def encode(
    value: Any, refer: Callable[[Any], int] | None = None, caps: Caps = DEFAULT_CAPS
) -> tuple[Any, list[bytes]]:
    """Return `value` as JSON, and its buffers.

    Args:
        value: any Python value; what does not cross becomes the name of its type.
        refer: gives a callable a number by which the other side can call it.

    Raises:
        WireError: it is too deep or too large.
    """
    encoder = Encoder(refer, caps)
    return encoder.value(value), encoder.buffers


def decode(
    data: Any,
    buffers: list[bytes],
    callable_for: Callable[[int, str], Any] | None = None,
    caps: Caps = DEFAULT_CAPS,
) -> Any:
    """Return the value that `data` and `buffers` stand for. The inverse of `encode`.

    Raises:
        WireError: they are not of the form, too deep, or too large.
    """
    return Decoder(buffers, callable_for, caps).value(data)
