"""How a trainee's process answers the judge: it runs a cell, gives a value, calls a function, takes from an iterator.

While a function runs that was given a function of a test, it may call that one back; then this side waits until the
judge has answered, and serves what the judge asks meanwhile.
"""

import builtins
import contextlib
import inspect
import io
import signal
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from autograder.wire import Caps, Channel, ChannelClosed, WireError
from autograder.wire.handed import Handed
from autograder.wire.values import Decoder, Encoder

_LONGEST_TEXT = 2000
_LONGEST_DOC = 9000
_SMALL = Caps(items=900, depth=5)


class _FromTest:
    """A function of a test, as the trainee's function sees it."""

    def __init__(self, answers: "Answers", place: int, name: str, steps: bool) -> None:
        self._answers = answers
        self._place = place
        self._steps = steps
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._answers.ask_back(self, self._place, args, kwargs)

    def __iter__(self) -> Iterator[Any]:
        if not self._steps:
            raise TypeError("a function is not iterable")
        return _Steps(self)


class _Steps(Iterator[Any]):
    def __init__(self, step: _FromTest) -> None:
        self._step = step

    def __next__(self) -> Any:
        return self._step()


class _Question:
    """The call or the step that is being answered: its number, and the test's functions that it may call back."""

    def __init__(self, number: int, given: list[Any]) -> None:
        self.number = number
        self.given = given


class Answers:
    """Answers to the judge's questions over one channel.

    Args:
        channel: the connected channel.
        run: runs the source of a cell; returns whether it ended well, and its outputs.
        names: the names of the notebook.
        caps: what an answer may hold.
    """

    def __init__(
        self,
        channel: Channel,
        run: Callable[[str], tuple[bool, list[dict[str, Any]]]],
        names: dict[str, Any],
        caps: Caps,
    ) -> None:
        self._channel = channel
        self._run = run
        self._names = names
        self._caps = caps
        self._kept: list[tuple[Any, list[Any]]] = []
        self._question = _Question(0, [])

    def serve(self) -> None:
        """Answer until the judge closes the channel."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        with contextlib.suppress(ChannelClosed):
            while True:
                message, buffers = self._channel.receive()
                if message["op"] != "answer":  # to a function that waits no longer
                    self._handle(message, buffers)

    def ask_back(
        self, function: _FromTest, place: int, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call a function of the test, and wait for what it gives.

        Raises:
            RuntimeError: the call that it was given to is over.
            KeyboardInterrupt: the judge waits no longer.
            Exception: the exception that it raised.
        """
        question = self._question
        if not (place < len(question.given) and question.given[place] is function):
            raise RuntimeError(f"{function.__name__} can only be called by what it was given to")
        with _shielded():
            encoder = Encoder(self._refer, self._caps)
            data = encoder.value([list(args), kwargs])
            asked = {"id": question.number, "back": place, "args": data}
            self._channel.send(asked, encoder.buffers)
            while True:
                message, buffers = self._channel.receive()
                if message["op"] == "answer" and message["id"] == question.number:
                    break
                if message["op"] != "answer":
                    self._handle(message, buffers)
            self._question = question
        if "ended" in message:
            raise KeyboardInterrupt
        if "raised" in message:
            raise _raised_by_test(message)
        return Decoder(buffers, self._resolve, self._caps).value(message["value"])

    def _handle(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        try:
            with _interruptible():
                reply, parts = self._answer(message, buffers)
        except KeyboardInterrupt:
            reply, parts = {"ok": False, "outputs": [], "refused": "it took too long"}, []
        try:
            self._channel.send({"id": message["id"], **reply}, parts)
        except ChannelClosed:
            raise
        except (WireError, ValueError, MemoryError) as error:
            why = str(error) if isinstance(error, WireError) else "it is no plain data"
            refusal = {"ok": False, "outputs": [], "refused": why}
            self._channel.send({"id": message["id"], **refusal})

    def _answer(
        self, message: dict[str, Any], buffers: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        match message["op"]:
            case "run":
                self._question = _Question(message["id"], [])
                succeeded, outputs = self._run(message["source"])
                return {"ok": succeeded, "outputs": outputs}, []
            case "get":
                if message["name"] not in self._names:
                    return {"missing": True}, []
                self._question = _Question(message["id"], [])
                return self._packed(self._names[message["name"]])
            case "call":
                return self._called(message, buffers)
            case "next":
                return self._taken(message)
        return {"refused": "no such question"}, []

    def _called(
        self, message: dict[str, Any], buffers: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        function, given = self._kept[message["ref"]]
        self._question = _Question(message["id"], list(given))
        handed = Handed()
        decoder = Decoder(buffers, self._resolve, self._caps, handed, learning=True)
        arguments = decoder.value(message["args"])
        handed.remember()
        try:
            result = function(*arguments[0], **arguments[1])
        except BaseException as error:
            return self._packed(None, handed, error)
        return self._packed(result, handed)

    def _taken(self, message: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        iterator, given = self._kept[message["ref"]]
        self._question = _Question(message["id"], given)
        items: list[Any] = []
        try:
            items.extend(islice(iterator, message["count"]))
        except BaseException as error:
            return self._packed(items, None, error, items=True)
        reply, parts = self._packed(items)
        return {**reply, "done": len(items) < message["count"]}, parts

    def _packed(
        self,
        value: Any,
        handed: Handed | None = None,
        error: BaseException | None = None,
        items: bool = False,
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Return a value as an answer, or an exception, with what was changed in the arguments."""
        encoder = Encoder(self._refer, self._caps, handed)
        reply: dict[str, Any] = {}
        try:
            changed = handed.changed() if handed is not None else []
            if changed:
                reply["changed"] = [[number, encoder.content(own)] for number, own in changed]
            if error is None or items:
                reply["value"] = encoder.value(value)
            if error is not None:
                reply.update(_told(error, encoder))
        except (WireError, RecursionError, MemoryError) as problem:
            return {"refused": str(problem)[:500]}, []
        except KeyboardInterrupt:
            return {"refused": "it took too long"}, []
        except Exception as problem:
            return {"refused": f"reading it raised {type(problem).__name__}"}, []
        return reply, encoder.buffers

    def _refer(self, value: Any) -> Any:
        """Say how something of the notebook is asked from over there; None where it cannot be."""
        if isinstance(value, _FromTest):
            given = self._question.given
            if value._place < len(given) and given[value._place] is value:
                return {"t": "yours", "ref": value._place}
        if isinstance(value, type) and issubclass(value, Exception):
            return {"t": "raisable", "kind": _kind(value)}
        if isinstance(value, Iterator) and not isinstance(value, io.IOBase):
            return {"t": "stream", "ref": self._keep(value)}
        if not callable(value):
            return None
        made = {"t": "callable", "ref": self._keep(value), "name": _name_of(value)}
        doc = getattr(value, "__doc__", None)
        if isinstance(doc, str):
            made["doc"] = doc[:_LONGEST_DOC]
        return {**made, "parameters": _parameters(value)}

    def _keep(self, value: Any) -> int:
        self._kept.append((value, self._question.given))
        return len(self._kept) - 1

    def _resolve(self, decoder: Decoder, data: dict[str, Any]) -> Any:
        match data["t"]:
            case "yours":
                return self._kept[data["ref"]][0]
            case "builtin":
                return _BUILTIN[data["name"]]
        given, place = self._question.given, data["ref"]
        function = _FromTest(self, place, data["name"], data["steps"])
        while len(given) <= place:
            given.append(None)
        given[place] = function
        return iter(function) if data["steps"] else function


_BUILTIN = vars(builtins)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt through only while the trainee's code runs, and none that was meant for what ran before.

    One that came while a message is read would leave half of it unread, and end an honest notebook.
    """
    if signal.SIGINT in signal.sigpending():
        signal.sigwait({signal.SIGINT})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


@contextlib.contextmanager
def _shielded() -> Iterator[None]:
    """Let no interrupt through while the trainee's code waits for the judge."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _name_of(value: Any) -> str:
    name = getattr(value, "__name__", None)
    return name[:200] if isinstance(name, str) else type(value).__name__[:200]


def _kind(kind: type) -> list[Any]:
    """Return an exception's class as [module, name, classes above]."""
    above = [_kind(base) for base in kind.__bases__ if issubclass(base, Exception)]
    return [str(kind.__module__)[:200], str(kind.__qualname__)[:200], above]


def _told(error: BaseException, encoder: Encoder) -> dict[str, Any]:
    """Return what an exception says of itself."""
    own = getattr(error, "_error_of_test", None)
    if type(own) is int:
        return {"raised": _kind(type(error)), "own": own}
    try:
        text = str(error)[:_LONGEST_TEXT]
    except Exception:
        text = ""
    told: dict[str, Any] = {"raised": _kind(type(error)), "text": text}
    for field, value in (("args", list(error.args)), ("about", dict(vars(error)))):
        with contextlib.suppress(Exception):
            small = Encoder(None, _SMALL)
            small.buffers = list(encoder.buffers)
            data = small.value(value)
            if field == "args" or value:
                told[field] = data
                encoder.buffers = small.buffers
    return told


def _raised_by_test(message: dict[str, Any]) -> BaseException:
    """Return the exception that a function of the test raised, by its nearest built-in kind."""
    kinds = [_BUILTIN.get(name) for name in message["raised"]]
    kind = next(
        (k for k in kinds if isinstance(k, type) and issubclass(k, Exception)), RuntimeError
    )
    try:
        error = kind(*message["args"])
    except TypeError:
        error = RuntimeError(*message["args"])
    error._error_of_test = message["error"]  # type: ignore[attr-defined]
    return error


def _parameters(value: Any) -> list[Any] | None:
    """Return the parameters of a callable as [name, kind, default]; a default that does not cross is None."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return None
    made = []
    for parameter in signature.parameters.values():
        told: list[Any] = [parameter.name, int(parameter.kind)]
        if parameter.default is not inspect.Parameter.empty:
            told.append(_default(parameter.default))
        made.append(told)
    return made


def _default(value: Any) -> list[Any] | None:
    if value is None or type(value) in (bool, int, float, str, tuple, list, dict):
        with contextlib.suppress(WireError):
            encoder = Encoder(None, _SMALL)
            data = encoder.value(value)
            if not encoder.buffers:
                return [data]
    return None
