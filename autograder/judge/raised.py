"""Exceptions of the trainee's functions, as the test cells may catch them.

Each gets a class of the judge's making: below the real class where that is on a closed list, so that
`except ValueError` catches it; below the classes of the trainee's own by their names, so that `except MyError` does,
where `MyError` is a name of the notebook. None of these classes is above an exception of the judge's own. So a notebook
that says `MyError = Exception` does not catch a failing assert with it.
"""

import functools
import importlib
import sys
from typing import Any

from autograder.judge.outputs import readable, readable_name
from autograder.wire import Caps, WireError
from autograder.wire.values import Decoder

MODULES = (
    "builtins",
    "binascii",
    "csv",
    "dataclasses",
    "decimal",
    "json",
    "re",
    "statistics",
    "struct",
    "zipfile",
    "zoneinfo",
    "numpy.exceptions",
    "numpy.linalg",
    "pandas.errors",
    "casework",
    "cointrace",
    "cbrn",
    "evidence",
    "osint",
)
"""Whose exceptions a test catches by their real class. Others it catches by the class that they are built on."""

# Raised inside `map` or `zip` these would only end the test's loop, before it has looked at anything (as PEP 479 says).
_ENDS_A_LOOP = (StopIteration, StopAsyncIteration)
_MOST_CLASSES = 60
_DEEPEST = 20
_LONGEST_TEXT = 2000
_SMALL = Caps(frame_bytes=2**20, json_bytes=2**20, items=1000, depth=6, text_chars=20_000)


class RaisedByTrainee:
    """Marks an exception as raised in the trainee's function.

    _function  names it
    _text      what the exception says of itself
    """

    _function = ""
    _text: str | None = None

    def __str__(self) -> str:
        return super().__str__() if self._text is None else self._text


class _Raised(RaisedByTrainee, Exception):
    """Above all exceptions that a trainee's function may raise."""


@functools.cache
def real_kinds() -> dict[tuple[str, str], type[Exception]]:
    """Return the exceptions on the closed list, by the module and the name that they give themselves."""
    found = {}
    for name in MODULES:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        for kind in vars(module).values():
            if (
                isinstance(kind, type)
                and issubclass(kind, Exception)
                and not issubclass(kind, _ENDS_A_LOOP)
            ):
                found[kind.__module__, kind.__qualname__] = kind
    return found


@functools.cache
def _twin(real: type[Exception]) -> type[Exception]:
    """Return the class for exceptions of this real kind that the trainee's function raises."""
    if real is Exception:
        return _Raised
    above = [_twin(base) for base in real.__bases__ if issubclass(base, Exception)]
    return type(real.__name__, (*above, real), {"__module__": real.__module__})


class Kinds:
    """The exception classes of one notebook, built as they are told of."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], type[Exception]] = {}

    def kind(self, data: Any, depth: int = 0) -> type[Exception]:
        """Return the class for [module, name, classes above].

        Raises:
            WireError: it is not of this form.
        """
        if type(data) is not list or len(data) != 3 or depth > _DEEPEST:
            raise WireError("an exception arrived that is not well formed")
        module, name, above = data
        if type(module) is not str or type(name) is not str or type(above) is not list:
            raise WireError("an exception arrived that is not well formed")
        real = real_kinds().get((module, name))
        if real is not None:
            return _twin(real)
        bases = tuple(dict.fromkeys(self.kind(base, depth + 1) for base in above[:_DEEPEST]))
        key = (module, name, bases)
        if key not in self._made:
            if len(self._made) >= _MOST_CLASSES:
                return _Raised
            shown = readable_name(name.rpartition(".")[2] or "Exception")
            try:
                made = type(shown, bases or (_Raised,), {"__module__": "__main__"})
            except TypeError:  # no order of these classes makes sense
                made = type(shown, (_Raised,), {"__module__": "__main__"})
            self._made[key] = made
        return self._made[key]

    def exception(self, function: str, reply: dict[str, Any], buffers: list[bytes]) -> Exception:
        """Return the exception that a trainee's function is said to have raised."""
        try:
            kind = self.kind(reply.get("raised"))
        except WireError:
            kind = _Raised
        text = readable(reply.get("text"), _LONGEST_TEXT)
        parts = _decoded(reply.get("args"), buffers)
        args = tuple(parts) if type(parts) is list else (text,)
        try:
            error = kind.__new__(kind, *args)
        except Exception:  # of classes with wishes of their own, such as ExceptionGroup
            error = type(kind.__name__, (_Raised,), {"__module__": kind.__module__})(text)
        error._function, error._text = function, text  # type: ignore[attr-defined]
        more = _decoded(reply.get("about"), buffers)
        for name, value in more.items() if type(more) is dict else ():
            if type(name) is str and name.isidentifier() and not name.startswith("_"):
                error.__dict__.setdefault(sys.intern(name), value)
        return error


def _decoded(data: Any, buffers: list[bytes]) -> Any:
    try:
        return None if data is None else Decoder(buffers, caps=_SMALL).value(data)
    except WireError:
        return None
