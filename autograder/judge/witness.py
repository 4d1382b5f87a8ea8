"""The trainee's process, as the judge may question it: run a cell, give a value, call a function.

The witness may lie about its own answers, but only with plain data, and only about itself. Every question has a
deadline and a number; an answer that comes too late is thrown away.
"""

import builtins
import re
import time
from collections.abc import Callable
from typing import Any

from autograder.judge.outputs import kept_outputs, readable, readable_name
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


class WitnessGone(Exception):
    """The trainee's process has ended."""


class WitnessSilent(Exception):
    """The trainee's process did not answer in time."""


class NotPlainData(Exception):
    """What was asked for is of a kind that does not cross the wall. The text is a sentence."""


class Witness:
    """Questions over one channel, with the trainee's process at the other end.

    Args:
        channel: the connected channel.
        stop: asks the outside to interrupt ("interrupt") or end ("kill") the process.
        caps: what an answer may hold.
        output_bytes: what one cell may put out; the notebook as a whole, eight times as much.
    """

    def __init__(
        self, channel: Channel, stop: Callable[[str], None], caps: Caps, output_bytes: int
    ) -> None:
        self._channel = channel
        self._stop = stop
        self._caps = caps
        self._output_bytes = output_bytes
        self._outputs_left = 8 * output_bytes
        self._asked = 0
        self.deadline = 0.0
        self.gone = ""

    def run(
        self, source: str, seconds: float, grace: float
    ) -> tuple[bool, list[dict[str, Any]], str]:
        """Run one cell.

        Args:
            source: the cell.
            seconds: how long it may take; then it is interrupted, as by a notebook's stop button.
            grace: how long it may take to obey; then the process is ended.

        Returns:
            Whether it ended well, its outputs (nbformat), and a sentence where it had to be stopped.

        Raises:
            WitnessGone: the process has ended.
        """
        self.deadline = time.monotonic() + seconds
        note = ""
        try:
            number = self._ask({"op": "run", "source": source}, [])
            try:
                reply, _ = self._reply(number)
            except WitnessSilent:
                note = f"It ran for more than {seconds:g} seconds and was stopped."
                self._stop("interrupt")
                self.deadline = time.monotonic() + grace
                reply, _ = self._reply(number)
        except WitnessSilent:
            self.end(f"A cell ran for more than {seconds:g} seconds and did not stop when told to.")
            raise WitnessGone(self.gone) from None
        # Twice: what the cell's own count says and what JSON makes of it are not quite the same.
        most = min(2 * self._output_bytes, self._outputs_left)
        outputs, size = kept_outputs(reply.get("outputs"), most)
        self._outputs_left -= size
        return reply.get("ok") is True, outputs, note

    def get(self, name: str) -> Any:
        """Return the value of a name, as plain data or a stand-in.

        Raises:
            KeyError: the name is not defined.
            NotPlainData: it is of a kind that does not cross.
            WitnessGone, WitnessSilent: there is no answer.
        """
        reply, buffers = self._reply(self._ask({"op": "get", "name": name}, []))
        if reply.get("missing") is True:
            raise KeyError(name)
        return self._value(reply, buffers, f"`{name}`")

    def call(self, ref: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the trainee's and return what it gives back.

        Raises:
            Exception: the built-in exception that the function raised, with its text.
            NotPlainData, WitnessGone, WitnessSilent: as for `get`.
        """
        data, buffers = encode([list(args), kwargs])
        reply, parts = self._reply(self._ask({"op": "call", "ref": ref, "args": data}, buffers))
        if "raised" in reply:
            raise _as_raised(name, reply)
        return self._value(reply, parts, f"What `{name}` gives back")

    def recover(self, grace: float) -> None:
        """Stop what the process still does after a question that took too long, so that it can answer the next one.

        Args:
            grace: how long it may take to obey; then it is ended.
        """
        if self.gone:
            return
        self._stop("interrupt")
        self.deadline = time.monotonic() + grace
        try:
            self._reply(self._asked)
        except WitnessSilent:
            self.end("An answer took too long, and the notebook did not stop when told to.")
        except WitnessGone:
            pass

    def end(self, why: str) -> None:
        """Have the process ended; every later question says why."""
        self.gone = self.gone or why
        self._stop("kill")

    def _ask(self, message: dict[str, Any], buffers: list[bytes]) -> int:
        if self.gone:
            raise WitnessGone(self.gone)
        self._asked += 1
        try:
            self._channel.send({"id": self._asked, **message}, buffers, deadline=self.deadline)
        except ChannelTimeout:
            raise WitnessSilent from None
        except ChannelClosed:
            self._has_gone()
        return self._asked

    def _reply(self, number: int) -> tuple[dict[str, Any], list[bytes]]:
        while True:
            try:
                reply, buffers = self._channel.receive(deadline=self.deadline)
            except ChannelTimeout:
                raise WitnessSilent from None
            except ChannelClosed:
                self._has_gone()
            except WireError as error:
                self.end(f"The notebook sent something that is no answer: {error}.")
                raise WitnessGone(self.gone) from None
            if reply.get("id") == number:
                return reply, buffers

    def _has_gone(self) -> None:
        self.gone = self.gone or (
            "The notebook's process ended before its time: it was closed from within, or it used more memory "
            "or more processes than allowed."
        )
        raise WitnessGone(self.gone)

    def _value(self, reply: dict[str, Any], buffers: list[bytes], what: str) -> Any:
        if "value" not in reply:
            # The other side's words: without the marks that would make a sentence of its own of them.
            why = re.sub(r"[^\w ,-]", "", readable(reply.get("refused"), 100))
            raise NotPlainData(f"{what} could not be read: {why}.")
        try:
            value = decode(reply["value"], buffers, self._stand_in, self._caps)
        except WireError as error:
            raise NotPlainData(f"{what} could not be read: {error}.") from None
        if isinstance(value, Opaque):
            raise NotPlainData(
                f"{what} is a {readable_name(value.type_name)}, and this check needs plain data: a number, a text, a date, "
                "a list, a table or a function."
            )
        return value

    def _stand_in(self, ref: int, name: str) -> Callable[..., Any]:
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            return self.call(ref, readable_name(name), args, kwargs)

        stand_in.__name__ = stand_in.__qualname__ = readable_name(name)
        return stand_in


class RaisedByTrainee(Exception):
    """Marks an exception as raised in the trainee's function; `function` names it."""

    function = ""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


# Raised inside `map` or `zip` these would only end the test's loop, before it has looked at anything (as PEP 479 says).
_ENDS_A_LOOP = (StopIteration, StopAsyncIteration)


def _as_raised(name: str, reply: dict[str, Any]) -> BaseException:
    """Return the nearest built-in exception, so that a test can catch what a function of the trainee's raised."""
    lineage = reply.get("raised")
    text = reply.get("text")
    said = [entry for entry in lineage if type(entry) is str] if type(lineage) is list else []
    names = [readable(entry, 100) for entry in said[:20]]
    for kind in names:
        found = getattr(builtins, kind, None)
        if found in _ENDS_A_LOOP:
            found = RuntimeError
        if isinstance(found, type) and issubclass(found, Exception):
            break
    else:
        found = Exception
    # A class of its own: a test catches the built-in one, and the report can say whose exception it was.
    raised = type(
        readable_name(names[0] if names else "Exception"),
        (RaisedByTrainee, found),
        {"function": name},
    )
    try:
        return raised(readable(text, 2000))
    except TypeError:
        plain = type("Exception", (RaisedByTrainee, Exception), {"function": name})
        return plain(readable(text, 2000))
