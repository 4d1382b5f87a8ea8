"""Python's own values as JSON: numbers, bytes, containers. The values themselves are rebuilt exactly."""

import collections
import io
import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.wire.limits import WireError

if TYPE_CHECKING:
    from autograder.wire.values import Decoder, Encoder

_EXACT_JSON_INTEGER = 2**53
_LARGEST_EXPONENT = 10_000
_FACTORIES: dict[str, type] = {
    kind.__name__: kind for kind in (int, float, str, list, set, dict, tuple, bool)
}
_dict_keys, _dict_values, _dict_items = type({}.keys()), type({}.values()), type({}.items())


def encode_int(encoder: "Encoder", value: int, depth: int) -> Any:
    """Return a whole number as JSON: as it is where JSON readers agree on it, else as text."""
    plain = int(value)
    if -_EXACT_JSON_INTEGER <= plain <= _EXACT_JSON_INTEGER:
        return plain
    return {"t": "int", "v": hex(plain)}


def _encode_float(encoder: "Encoder", value: float, depth: int) -> Any:
    if isinstance(value, np.generic):
        return {"t": "scalar", "dtype": value.dtype.str, "b": encoder.buffer(value.tobytes())}
    plain = float(value)
    return plain if math.isfinite(plain) else {"t": "float", "v": repr(plain)}


def _encode_pairs(encoder: "Encoder", value: Any, depth: int) -> list[list[Any]]:
    return [[encoder.value(k, depth + 1), encoder.value(v, depth + 1)] for k, v in value.items()]


def _encode_defaultdict(encoder: "Encoder", value: defaultdict[Any, Any], depth: int) -> Any:
    factory = value.default_factory
    name = next((name for name, kind in _FACTORIES.items() if kind is factory), None)
    return {"t": "defaultdict", "factory": name, "v": _encode_pairs(encoder, value, depth)}


def _sequence_of(tag: str) -> Callable[["Encoder", Any, int], Any]:
    return lambda encoder, value, depth: {"t": tag, "v": encoder.sequence(value, depth)}


def _pairs_of(tag: str) -> Callable[["Encoder", Any, int], Any]:
    return lambda encoder, value, depth: {"t": tag, "v": _encode_pairs(encoder, value, depth)}


# A subclass comes before its parent. What is no exact type of these is sent as the first that it is.
ENCODERS: list[tuple[type, Callable[["Encoder", Any, int], Any]]] = [
    (str, lambda e, v, d: str.__str__(v)),
    (int, encode_int),
    (float, _encode_float),
    (bytes, lambda e, v, d: {"t": "bytes", "b": e.buffer(bytes(v))}),
    (bytearray, lambda e, v, d: {"t": "bytearray", "b": e.buffer(bytes(v))}),
    (list, lambda e, v, d: e.sequence(v, d)),
    (tuple, _sequence_of("tuple")),
    (set, _sequence_of("set")),
    (frozenset, _sequence_of("frozenset")),
    (deque, lambda e, v, d: {"t": "deque", "most": v.maxlen, "v": e.sequence(v, d)}),
    (Counter, _pairs_of("counter")),
    (defaultdict, _encode_defaultdict),
    (OrderedDict, _pairs_of("ordered")),
    (dict, _pairs_of("dict")),
    (_dict_keys, _sequence_of("keys")),
    (_dict_values, _sequence_of("values")),
    (_dict_items, _sequence_of("items")),
    (
        range,
        lambda e, v, d: {"t": "range", "v": [encode_int(e, n, d) for n in _bounds(v)]},
    ),
    (slice, lambda e, v, d: {"t": "slice", "v": e.sequence(_bounds(v), d)}),
    (Decimal, lambda e, v, d: {"t": "decimal", "v": str(v)}),
    (
        Fraction,
        lambda e, v, d: {"t": "fraction", "v": [hex(v.numerator), hex(v.denominator)]},
    ),
    (
        complex,
        lambda e, v, d: (
            _encode_float(e, v, d)
            if isinstance(v, np.generic)
            else {"t": "complex", "v": [_encode_float(e, v.real, d), _encode_float(e, v.imag, d)]}
        ),
    ),
    (io.StringIO, lambda e, v, d: {"t": "text-file", "at": v.tell(), "v": v.getvalue()}),
    (
        io.BytesIO,
        lambda e, v, d: {"t": "byte-file", "at": v.tell(), "b": e.buffer(v.getvalue())},
    ),
    (PurePath, lambda e, v, d: {"t": "path", "v": v.as_posix()}),
]


def _bounds(value: range | slice) -> tuple[Any, Any, Any]:
    return value.start, value.stop, value.step


def _decode_int(decoder: "Decoder", data: dict[str, Any], depth: int) -> int:
    return int(decoder.text(data["v"], decoder.caps.integer_digits), 16)


def _decode_float(decoder: "Decoder", data: dict[str, Any], depth: int) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[decoder.text(data["v"], 10)]


def _decode_pairs(decoder: "Decoder", data: dict[str, Any], depth: int) -> dict[Any, Any]:
    pairs = [decoder.items(pair) for pair in decoder.items(data["v"])]
    if any(len(pair) != 2 for pair in pairs):
        raise WireError("a dict arrived that is not well formed")
    return {decoder.value(k, depth + 1): decoder.value(v, depth + 1) for k, v in pairs}


def _decode_counter(decoder: "Decoder", data: dict[str, Any], depth: int) -> Counter[Any]:
    counter: Counter[Any] = Counter()
    dict.update(counter, _decode_pairs(decoder, data, depth))
    return counter


def _decode_defaultdict(
    decoder: "Decoder", data: dict[str, Any], depth: int
) -> defaultdict[Any, Any]:
    name = data["factory"]
    factory = None if name is None else _FACTORIES[decoder.text(name, 10)]
    return defaultdict(factory, _decode_pairs(decoder, data, depth))


def _decode_deque(decoder: "Decoder", data: dict[str, Any], depth: int) -> deque[Any]:
    most = data["most"]
    longest = None if most is None else decoder.integer(most, 0, 2**53)
    return deque(decoder.sequence(data, depth), longest)


def _decode_set(decoder: "Decoder", data: dict[str, Any], depth: int) -> set[Any]:
    # One by one, so that the judge's alarm can ring while numbers of one hash are piled up.
    found = set()
    for item in decoder.sequence(data, depth):
        found.add(item)
    return found


def _decode_items(decoder: "Decoder", data: dict[str, Any], depth: int) -> Any:
    pairs = decoder.sequence(data, depth)
    if any(type(pair) is not tuple or len(pair) != 2 for pair in pairs):
        raise WireError("the items of a dict arrived that are not well formed")
    return dict(pairs).items()


def _decode_decimal(decoder: "Decoder", data: dict[str, Any], depth: int) -> Decimal:
    number = Decimal(decoder.text(data["v"], 1000))
    # As a whole number such a one would fill the memory.
    if number.is_finite() and abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise WireError("a decimal number arrived with an enormous exponent")
    return number


def _decode_file(decoder: "Decoder", data: dict[str, Any], depth: int) -> Any:
    if data["t"] == "text-file":
        file: Any = io.StringIO(decoder.text(data["v"], decoder.caps.text_chars))
    else:
        file = io.BytesIO(decoder.buffer(data["b"]))
    file.seek(decoder.integer(data["at"], 0, 2**53))
    return file


def _decode_fraction(decoder: "Decoder", data: dict[str, Any], depth: int) -> Fraction:
    above, below = (
        int(decoder.text(part, decoder.caps.integer_digits), 16)
        for part in decoder.items(data["v"])
    )
    return Fraction(above, below)


DECODERS: dict[str, Callable[["Decoder", dict[str, Any], int], Any]] = {
    "int": _decode_int,
    "float": _decode_float,
    "bytes": lambda d, v, _: d.buffer(v["b"]),
    "bytearray": lambda d, v, _: bytearray(d.buffer(v["b"])),
    "tuple": lambda d, v, depth: tuple(d.sequence(v, depth)),
    "set": _decode_set,
    "frozenset": lambda d, v, depth: frozenset(_decode_set(d, v, depth)),
    "deque": _decode_deque,
    "dict": _decode_pairs,
    "counter": _decode_counter,
    "defaultdict": _decode_defaultdict,
    "ordered": lambda d, v, depth: collections.OrderedDict(_decode_pairs(d, v, depth)),
    "keys": lambda d, v, depth: dict.fromkeys(d.sequence(v, depth)).keys(),
    "values": lambda d, v, depth: dict(enumerate(d.sequence(v, depth))).values(),
    "items": _decode_items,
    "range": lambda d, v, depth: range(*d.sequence(v, depth)),
    "slice": lambda d, v, depth: slice(*d.sequence(v, depth)),
    "decimal": _decode_decimal,
    "fraction": _decode_fraction,
    "complex": lambda d, v, depth: complex(*map(float, d.sequence(v, depth))),
    "text-file": _decode_file,
    "byte-file": _decode_file,
    # Never a path that opens files: it would be the judge's files that a test reads then.
    "path": lambda d, v, _: PurePosixPath(d.text(v["v"], 4096)),
}
