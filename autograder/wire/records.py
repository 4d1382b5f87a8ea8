"""Named tuples, data classes and enumerations of the trainee: their names and values, none of their methods.

A named tuple arrives as one, an enumeration's member as a member of an enumeration that is built here, a data class's
object as a `Record`. Each compares by what it holds, by rules of the judge's side.
"""

import dataclasses
import enum
import functools
import keyword
from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from autograder.wire.limits import WireError

if TYPE_CHECKING:
    from autograder.wire.values import Decoder, Encoder

_MOST_FIELDS = 1000
_MIXTURES: dict[str, Any] = {"StrEnum": enum.StrEnum, "IntEnum": enum.IntEnum, "Enum": enum.Enum}


class Record:
    """An object of a trainee's data class: its fields, as attributes."""

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self.__dict__.update(fields)
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        # Only for what is no field. A clear word, because methods are what is asked for in vain.
        raise AttributeError(
            f"of the object {self.__dict__.get('_name')} only the fields can be read, and {name} is none"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in list(self.__dict__.items())[:-1])
        return f"{self._name}({fields})"


def encode(encoder: "Encoder", value: Any, depth: int) -> Any:
    """Return a named tuple, an object of a data class, or an enumeration's member as JSON; None for anything else."""
    kind = type(value)
    if isinstance(value, tuple):
        fields = getattr(kind, "_fields", None)
        if type(fields) is not tuple or len(fields) != len(value):
            return None
        return {
            "t": "namedtuple",
            "name": kind.__name__,
            "fields": list(fields),
            "v": encoder.sequence(value, depth),
        }
    if isinstance(value, enum.Enum) and _mixture(kind) is not None:
        return {"t": "member", "is": value.name, **_enumerated(encoder, kind, depth)}
    if isinstance(value, enum.EnumType) and _mixture(value) is not None:
        return {"t": "enumeration", **_enumerated(encoder, value, depth)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {
            "t": "record",
            "name": kind.__name__,
            "fields": names,
            "v": encoder.sequence([getattr(value, name) for name in names], depth),
        }
    return None


def _mixture(kind: type) -> str | None:
    """Return of what kind an enumeration's members are besides; None for one that does not cross."""
    if issubclass(kind, enum.Flag) or not kind.__members__:  # type: ignore[attr-defined]
        return None
    return "StrEnum" if issubclass(kind, str) else "IntEnum" if issubclass(kind, int) else "Enum"


def _enumerated(encoder: "Encoder", kind: Any, depth: int) -> dict[str, Any]:
    mixture = _mixture(kind)
    plain = {"StrEnum": str.__str__, "IntEnum": int}.get(str(mixture), lambda value: value)
    values = [plain(member.value) for member in kind.__members__.values()]
    return {
        "name": kind.__name__,
        "mixture": mixture,
        "members": list(kind.__members__),
        "v": encoder.sequence(values, depth),
    }


def _names(decoder: "Decoder", data: Any) -> tuple[str, ...]:
    names = tuple(decoder.text(name, 200) for name in decoder.items(data))
    if len(names) > _MOST_FIELDS or len(set(names)) < len(names):
        raise WireError("a record arrived that is not well formed")
    for name in names:
        if not name.isidentifier() or name.startswith("_") or keyword.iskeyword(name):
            raise WireError(f"a record has a field named {name[:40]!r}")
    return names


def _fields_of(decoder: "Decoder", data: dict[str, Any], depth: int) -> dict[str, Any]:
    """Return a record's fields by name, none of them a function.

    A record with a function `equals` would be a thing that says of itself that it is right.
    """
    names, values = _names(decoder, data["fields"]), decoder.sequence(data, depth)
    for name, value in zip(names, values, strict=True):
        if callable(value):
            raise WireError(f"its field {name} is a function, and a record must hold plain data")
    return dict(zip(names, values, strict=True))


def _class_name(decoder: "Decoder", data: Any) -> str:
    name = decoder.text(data, 200)
    return name if name.isidentifier() else "Record"


@functools.lru_cache(maxsize=256)
def _tuple_class(name: str, fields: tuple[str, ...]) -> type:
    # Not collections.namedtuple: that runs a text as code.
    made: dict[str, Any] = {
        field: property(itemgetter(place)) for place, field in enumerate(fields)
    }
    made["__slots__"] = ()
    made["_fields"] = fields
    made["_asdict"] = lambda self: dict(zip(fields, self, strict=True))
    made["__repr__"] = lambda self: (
        f"{name}({', '.join(f'{f}={v!r}' for f, v in zip(fields, self, strict=True))})"
    )
    return type(name, (tuple,), made)


def _decode_namedtuple(decoder: "Decoder", data: dict[str, Any], depth: int) -> tuple[Any, ...]:
    fields = _fields_of(decoder, data, depth)
    return _tuple_class(_class_name(decoder, data["name"]), tuple(fields))(fields.values())


def _decode_record(decoder: "Decoder", data: dict[str, Any], depth: int) -> Record:
    return Record(_class_name(decoder, data["name"]), _fields_of(decoder, data, depth))


_enumerations: dict[tuple[str, str, tuple[str, ...], str], Any] = {}


def _decode_enumeration(decoder: "Decoder", data: dict[str, Any], depth: int) -> Any:
    """Return an enumeration that is built here: one and the same for the same names and values."""
    name, members = _class_name(decoder, data["name"]), _names(decoder, data["members"])
    mixture = decoder.text(data["mixture"], 10)
    values = decoder.sequence(data, depth)
    expected = {"StrEnum": str, "IntEnum": int}.get(mixture)
    if expected is not None and any(type(value) is not expected for value in values):
        raise WireError("an enumeration arrived that is not well formed")
    key = (name, mixture, members, repr(values)[:100_000])
    if key not in _enumerations:
        if len(_enumerations) > 256:
            _enumerations.clear()
        pairs = list(zip(members, values, strict=True))
        _enumerations[key] = _MIXTURES[mixture](name, pairs, module="__main__")
    return _enumerations[key]


def _decode_member(decoder: "Decoder", data: dict[str, Any], depth: int) -> Any:
    return _decode_enumeration(decoder, data, depth)[decoder.text(data["is"], 200)]


DECODERS: dict[str, Callable[["Decoder", dict[str, Any], int], Any]] = {
    "namedtuple": _decode_namedtuple,
    "record": _decode_record,
    "member": _decode_member,
    "enumeration": _decode_enumeration,
}
