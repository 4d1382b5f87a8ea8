"""What stands in the test cells for functions and iterators of the trainee, and for one call across the wall."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from autograder.judge.outputs import readable_name
from autograder.wire import WireError
from autograder.wire.crossing import with_article
from autograder.wire.handed import Handed
from autograder.wire.values import Decoder

if TYPE_CHECKING:
    from autograder.judge.witness import Witness

MOST_ITEMS = 1_000_000
"""How much of an iterator a test may take."""
MOST_CALLS_BACK = 100_000
"""How often one call may call back a function of the test that it was given."""
DEEPEST_CALLS = 16
"""How often calls may go to and fro before the first of them is answered."""

_LARGEST_BATCH = 1024
_MOST_PARAMETERS = 100
_PLACE = "<the notebook>"
_BUILTIN = frozenset(
    {bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict, object}
)


class NotPlainData(BaseException):
    """What was asked for is of a kind that does not cross the wall. The text is a sentence.

    Not an Exception: a test that waits for one raised by the trainee's function must not take this for it.
    """


class _Unsaid:
    """A default that does not cross."""

    def __repr__(self) -> str:
        return "..."


class Visit:
    """One call across the wall: what it hands over, and what may be called back while it lasts.

    Args:
        name: what the called function is called.
        given: functions of the test that what is called was given earlier, when it was made.
    """

    def __init__(
        self, witness: "Witness", name: str, given: Iterable[Callable[..., Any]] = ()
    ) -> None:
        self._witness = witness
        self.name = name
        self.handed = Handed()
        self.functions = list(given)
        self.errors: list[Exception] = []
        self.calls_back = 0

    def refer(self, value: Any) -> Any:
        """Say how something of the test is asked from over there.

        Raises:
            NotPlainData: it does not cross.
        """
        ref = getattr(value, "_ref", None)
        if isinstance(ref, _Ref):
            return {"t": "yours", "ref": ref.number}
        if isinstance(value, type) and value in _BUILTIN:
            return {"t": "builtin", "name": value.__name__}
        if callable(value):
            return self._kept(value, getattr(value, "__name__", type(value).__name__), False)
        if isinstance(value, Iterator):
            return self._kept(lambda: next(value), type(value).__name__, True)
        raise NotPlainData(
            f"This check hands `{self.name}` {with_article(type(value).__name__)}, and such a thing cannot be handed over."
        )

    def _kept(self, function: Callable[..., Any], name: str, steps: bool) -> dict[str, Any]:
        self.functions.append(function)
        ref = len(self.functions) - 1
        return {"t": "callable", "ref": ref, "name": str(name)[:200], "steps": steps}

    def resolve(self, decoder: Decoder, data: dict[str, Any]) -> Any:
        """Return what a reference in an answer stands for.

        Raises:
            WireError: for nothing that may arrive here.
        """
        tag = data["t"]
        if tag == "yours":
            ref = decoder.integer(data.get("ref"), 0, 2**31)
            if ref >= len(self.functions):
                raise WireError("an answer names a function that was not handed over")
            return self.functions[ref]
        if tag == "callable":
            return stand_in(self._witness, decoder, data, self.functions)
        if tag == "stream":
            ref = decoder.integer(data.get("ref"), 0, 2**31)
            return Stream(self._witness, ref, self.name, self.functions)
        if tag == "raisable":
            return self._witness.kinds.kind(data.get("kind"))
        raise WireError("a kind of value arrived that the wire does not carry")


class _Ref:
    """The number of a thing of the trainee's process."""

    def __init__(self, number: int) -> None:
        self.number = number


class Stream(Iterator[Any]):
    """A generator or other iterator of the trainee's: asked for more as a test goes through it."""

    def __init__(
        self, witness: "Witness", ref: int, name: str, given: list[Callable[..., Any]]
    ) -> None:
        self._witness = witness
        self._ref = _Ref(ref)
        self.name = name
        self._given = given
        self._waiting: list[Any] = []
        self._taken = 0
        self._batch = 1
        self._ended = False
        self._error: BaseException | None = None

    def __next__(self) -> Any:
        while not self._waiting:
            if self._error is not None:
                error, self._error, self._ended = self._error, None, True
                raise error
            if self._ended:
                raise StopIteration
            self._fetch()
        return self._waiting.pop()

    def _fetch(self) -> None:
        if self._taken >= MOST_ITEMS:
            raise NotPlainData(f"What `{self.name}` gives back does not end.")
        items, self._ended, self._error = self._witness.take(
            self._ref.number, Visit(self._witness, self.name, self._given), self._batch
        )
        # One first, as `next` would: what it does besides happens when it would happen in the notebook.
        self._batch = min(2 * self._batch, _LARGEST_BATCH)
        self._taken += len(items)
        self._waiting = items[::-1]


def stand_in(
    witness: "Witness",
    decoder: Decoder,
    data: dict[str, Any],
    given: list[Callable[..., Any]],
) -> Callable[..., Any]:
    """Return a function that asks the trainee's function.

    Args:
        data: "ref" and "name"; where they are known "doc" and "parameters".
        given: functions of the test that were handed to the call which gave this function back.

    Raises:
        WireError: it is not of this form.
    """
    ref = decoder.integer(data.get("ref"), 0, 2**31)
    name = readable_name(decoder.text(data.get("name"), 200))

    def function(*args: Any, **kwargs: Any) -> Any:
        return witness.call(ref, Visit(witness, name, given), args, kwargs)

    # So that `inspect.getsource` finds no source, where it would find this one.
    function.__code__ = function.__code__.replace(co_filename=_PLACE)
    function.__name__ = function.__qualname__ = name
    function.__module__ = "__main__"
    function.__doc__ = None if data.get("doc") is None else decoder.text(data["doc"])
    function._ref = _Ref(ref)  # type: ignore[attr-defined]
    if data.get("parameters") is not None:
        function.__signature__ = _signature(decoder, data["parameters"])  # type: ignore[attr-defined]
    return function


def _signature(decoder: Decoder, data: Any) -> inspect.Signature:
    kinds = list(inspect._ParameterKind)
    made = []
    for parameter in decoder.items(data)[:_MOST_PARAMETERS]:
        name, kind, *default = decoder.items(parameter)
        known: Any = inspect.Parameter.empty
        if default:
            known = _Unsaid() if default[0] is None else decoder.value(decoder.items(default[0])[0])
        try:
            made.append(
                inspect.Parameter(
                    decoder.text(name, 200), kinds[decoder.integer(kind, 0, 4)], default=known
                )
            )
        except ValueError as error:
            raise WireError("a function arrived whose parameters are not well formed") from error
    try:
        return inspect.Signature(made)
    except ValueError as error:
        raise WireError("a function arrived whose parameters are not well formed") from error
