"""Python values as JSON with buffers, and back.

Encoding runs beside the trainee's code and may be lied to; decoding runs in the judge and believes nothing: each tag,
type and size is checked, and what comes out is built here from exact built-in, numpy and pandas types. So nothing
that arrives can carry an `__eq__`, a `__len__` or any other code of the trainee.
"""

from collections.abc import Callable
from typing import Any

from autograder.wire import figures, moments, plain, records, tables
from autograder.wire.handed import Handed, is_changeable
from autograder.wire.limits import DEFAULT_CAPS, Caps, WireError

REFERENCES = frozenset({"callable", "yours", "builtin", "stream", "raisable"})
"""Tags of what stays where it is, and is asked or called over there."""


class Opaque:
    """Something that does not cross: only the name of its type does."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Encoder:
    """Turn values into JSON; collect the buffers on the way.

    Args:
        refer: says how something that stays here is asked over there (JSON with a tag of `REFERENCES`), or None.
        handed: the objects of one call. Each is named by its number instead of sent a second time.
        learning: whether objects that are met are added to them: so for the arguments, not for the answer.
    """

    def __init__(
        self,
        refer: Callable[[Any], Any] | None = None,
        caps: Caps = DEFAULT_CAPS,
        handed: Handed | None = None,
        learning: bool = False,
    ) -> None:
        self.buffers: list[bytes] = []
        self._refer = refer
        self._caps = caps
        self._items = 0
        self._handed = handed
        self._learning = learning

    def buffer(self, data: bytes) -> int:
        """Keep `data` beside the message and return its number."""
        self.buffers.append(data)
        return len(self.buffers) - 1

    def value(self, value: Any, depth: int = 0) -> Any:
        """Return `value` as JSON.

        Raises:
            WireError: too deep, too many items.
        """
        if value is None or type(value) is bool:
            self._count(depth)
            return value
        if self._handed is not None:
            number = self._handed.number(value)
            if number is not None:
                return {"t": "same", "n": number}
        data = self.content(value, depth)
        if self._learning and self._handed is not None and is_changeable(data):
            self._handed.add(value)
        return data

    def content(self, value: Any, depth: int = 0) -> Any:
        """Return `value` as JSON, in full even where it is one of the objects of the call."""
        self._count(depth)
        kind = type(value)
        if kind is str:
            # A lone surrogate is no text in UTF-8; JSON carries it escaped.
            return value
        encode_one = _BY_TYPE.get(kind)
        if encode_one is not None:
            return encode_one(self, value, depth)
        data = records.encode(self, value, depth)
        if data is not None:
            return data
        for type_, encode_one in _ENCODERS:
            if isinstance(value, type_):
                return encode_one(self, value, depth)
        data = tables.encode(self, value, depth)
        if data is None:
            data = figures.encode(self, value, depth)
        if data is None and self._refer is not None:
            data = self._refer(value)
        return {"t": "opaque", "type": kind.__name__[:200]} if data is None else data

    def sequence(self, values: Any, depth: int) -> list[Any]:
        """Return each of `values` as JSON, one level deeper."""
        return [self.value(item, depth + 1) for item in values]

    def _count(self, depth: int) -> None:
        if depth > self._caps.depth:
            raise WireError(f"it is nested more than {self._caps.depth} levels deep")
        self._items += 1
        if self._items > self._caps.items:
            raise WireError(f"it holds more than {self._caps.items:,} items")


_ENCODERS: list[tuple[type, Callable[[Encoder, Any, int], Any]]] = [
    *plain.ENCODERS,
    *moments.ENCODERS,
]
_BY_TYPE = dict(_ENCODERS)


class Decoder:
    """Turn JSON that arrived into values, believing nothing.

    Args:
        buffers: the raw buffers of the message.
        resolve: makes something of a reference (JSON with a tag of `REFERENCES`); without it none may arrive.
        handed: the objects of one call. A value may be one of them, named by its number.
        learning: whether objects that arrive are added to them: so for the arguments, not for the answer.
    """

    def __init__(
        self,
        buffers: list[bytes],
        resolve: Callable[["Decoder", dict[str, Any]], Any] | None = None,
        caps: Caps = DEFAULT_CAPS,
        handed: Handed | None = None,
        learning: bool = False,
    ) -> None:
        self._buffers = buffers
        self._resolve = resolve
        self._caps = caps
        self._items = 0
        self._handed = handed
        self._learning = learning

    @property
    def caps(self) -> Caps:
        """What a message may hold."""
        return self._caps

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
        value = self._value(data, depth)
        if self._learning and self._handed is not None and is_changeable(data):
            self._handed.add(value)
        return value

    def _value(self, data: Any, depth: int) -> Any:
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
        if type(tag) is not str:
            raise WireError("a kind of value arrived that the wire does not carry")
        decode_one = _DECODERS.get(tag)
        if decode_one is not None:
            try:
                return decode_one(self, data, depth)
            except WireError:
                raise
            # Whatever pandas or Arrow raise: a forged message must not end the judge.
            except Exception as error:
                raise WireError(f"a {tag} arrived that is not well formed") from error
        if tag == "same" and self._handed is not None:
            return self._handed.object(self.integer(data.get("n"), 0, 2**31))
        if tag in REFERENCES and self._resolve is not None:
            return self._resolve(self, data)
        if tag == "opaque":
            return Opaque(self.text(data.get("type"), 200))
        raise WireError("a kind of value arrived that the wire does not carry")

    def sequence(self, data: dict[str, Any], depth: int) -> list[Any]:
        """Return the decoded values under "v"."""
        return [self.value(item, depth + 1) for item in self.items(data.get("v"))]


_DECODERS: dict[str, Callable[[Decoder, dict[str, Any], int], Any]] = {
    **plain.DECODERS,
    **moments.DECODERS,
    **records.DECODERS,
    **tables.DECODERS,
    **figures.DECODERS,
}
TAGS = frozenset(_DECODERS) | REFERENCES | {"opaque", "same"}
"""Every tag that a message may hold."""


def encode(
    value: Any, refer: Callable[[Any], Any] | None = None, caps: Caps = DEFAULT_CAPS
) -> tuple[Any, list[bytes]]:
    """Return `value` as JSON, and its buffers.

    Args:
        value: any Python value; what does not cross becomes the name of its type.
        refer: says how something that stays here is asked over there.

    Raises:
        WireError: it is too deep or too large.
    """
    encoder = Encoder(refer, caps)
    return encoder.value(value), encoder.buffers


def decode(
    data: Any,
    buffers: list[bytes],
    resolve: Callable[[Decoder, dict[str, Any]], Any] | None = None,
    caps: Caps = DEFAULT_CAPS,
) -> Any:
    """Return the value that `data` and `buffers` stand for. The inverse of `encode`.

    Raises:
        WireError: they are not of the form, too deep, or too large.
    """
    return Decoder(buffers, resolve, caps).value(data)
