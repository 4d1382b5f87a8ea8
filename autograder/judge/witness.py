"""The trainee's process, as the judge may question it: run a cell, give a value, call a function.

The witness may lie about its own answers, but only with plain data, and only about itself. Every question has a
deadline and a number; an answer that comes too late is thrown away.
"""

import re
import time
from collections.abc import Callable
from typing import Any

from autograder.judge.outputs import kept_outputs, readable, readable_name
from autograder.judge.raised import Kinds
from autograder.judge.standins import DEEPEST_CALLS, MOST_CALLS_BACK, NotPlainData, Visit
from autograder.wire import Caps, Channel, ChannelClosed, ChannelTimeout, Opaque, WireError
from autograder.wire.crossing import refusal
from autograder.wire.handed import write_back
from autograder.wire.values import Decoder, Encoder

_MOST_STALE = 1000
_LONGEST_TEXT = 2000
_NOTED = 8
"""How many last answers are kept, to tell a trainee what their own answer gave."""


class WitnessGone(BaseException):
    """The trainee's process has ended."""


class WitnessSilent(BaseException):
    """The trainee's process did not answer in time."""


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
        self._visits: list[tuple[int, Visit]] = []
        self._stale = 0
        self.kinds = Kinds()
        self.deadline = 0.0
        self.gone = ""
        self.trouble: BaseException | None = None
        self.answers: list[tuple[str, Any]] = []

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
        return self._value(reply, buffers, f"`{name}`", Visit(self, name))

    def call(self, ref: int, visit: Visit, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the trainee's and return what it gives back.

        What the function changes in the lists, dicts, sets, arrays and tables that it is given is changed in them.

        Raises:
            Exception: the exception that the function raised, by its kind, with its text.
            RecursionError: the test and the trainee call each other without end.
            NotPlainData, WitnessGone, WitnessSilent: as for `get`.
        """
        name = visit.name
        if len(self._visits) >= DEEPEST_CALLS:
            raise RecursionError(f"`{name}` and the check call each other too often")
        encoder = Encoder(visit.refer, self._caps, visit.handed, learning=True)
        try:
            data = encoder.value([list(args), kwargs])
            number = self._ask({"op": "call", "ref": ref, "args": data}, encoder.buffers)
        except NotPlainData as error:
            raise self._troubled(error) from None
        except WireError as error:
            why = f"What this check hands to `{name}` is too much: {error}."
            raise self._troubled(NotPlainData(why)) from None
        reply, buffers = self._reply_to(number, visit)
        what = f"What `{name}` gives back"
        if "raised" in reply:
            self._change(reply, buffers, visit, name)
            raise self._as_raised(name, reply, buffers, visit)
        value = self._value(reply, buffers, what, visit)
        self._change(reply, buffers, visit, name)
        self.answers = [*self.answers[1 - _NOTED :], (name, value)]
        return value

    def take(
        self, ref: int, visit: Visit, count: int
    ) -> tuple[list[Any], bool, BaseException | None]:
        """Return the next items of an iterator of the trainee's, at most so many.

        Returns:
            The items, whether they are the last ones, and the exception that came after them, if any.
        """
        name = visit.name
        number = self._ask({"op": "next", "ref": ref, "count": count}, [])
        reply, buffers = self._reply_to(number, visit)
        items = self._value(reply, buffers, f"What `{name}` gives back", visit)
        if type(items) is not list or len(items) > count:
            raise self._troubled(NotPlainData(f"What `{name}` gives back could not be read."))
        done = reply.get("done") is True or not items
        error = self._as_raised(name, reply, buffers, visit) if "raised" in reply else None
        return items, done, error

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
            raise self._troubled(WitnessGone(self.gone))
        self._asked += 1
        self._send({"id": self._asked, **message}, buffers)
        return self._asked

    def _reply_to(self, number: int, visit: Visit) -> tuple[dict[str, Any], list[bytes]]:
        self._visits.append((number, visit))
        try:
            return self._reply(number)
        finally:
            self._visits.pop()

    def _reply(self, number: int) -> tuple[dict[str, Any], list[bytes]]:
        while True:
            try:
                reply, buffers = self._channel.receive(deadline=self.deadline)
            except ChannelTimeout:
                raise self._troubled(WitnessSilent()) from None
            except ChannelClosed:
                self._has_gone()
            except WireError as error:
                self.end(f"The notebook sent something that is no answer: {error}.")
                raise self._troubled(WitnessGone(self.gone)) from None
            if "back" in reply:
                self._answer_back(reply, buffers)
            elif reply.get("id") == number:
                return reply, buffers

    def _answer_back(self, asked: dict[str, Any], buffers: list[bytes]) -> None:
        """Call a function of the test for the trainee's function that it was given to.

        Only while that very call lasts, and only what that call was given.
        """
        number, visit = self._visits[-1] if self._visits else (0, None)
        if visit is None or asked.get("id") != number:
            self._stale += 1
            if self._stale > _MOST_STALE:
                self.end("The notebook called functions of the check when it should not.")
                raise self._troubled(WitnessGone(self.gone))
            self._ended(asked.get("id"))
            return
        what = "What a function of the check was called with"
        try:
            visit.calls_back += 1
            if visit.calls_back > MOST_CALLS_BACK:
                raise NotPlainData(
                    f"A function of the check was called more than {MOST_CALLS_BACK:,} times."
                )
            ref = asked["back"]
            if type(ref) is not int or not 0 <= ref < len(visit.functions):
                raise NotPlainData("The notebook called a function that it was not given.")
            called = self._value({"value": asked.get("args")}, buffers, what, visit)
            if not _is_call(called):
                raise NotPlainData("The notebook called a function of the check in no known form.")
            reply, parts = self._called_back(visit, ref, *called)
            self._send({"op": "answer", "id": number, **reply}, parts)
        except BaseException as error:
            # The trainee's function waits for an answer. It gets none and is stopped, so that the next can be asked.
            self._ended(number)
            raise self._troubled(error)  # noqa: B904 - the very same exception

    def _called_back(
        self, visit: Visit, ref: int, args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[dict[str, Any], list[bytes]]:
        try:
            result = visit.functions[ref](*args, **kwargs)
        except Exception as error:
            visit.errors.append(error)
            return {**_told(error), "error": len(visit.errors) - 1}, []
        encoder = Encoder(visit.refer, self._caps, visit.handed)
        try:
            return {"value": encoder.value(result)}, encoder.buffers
        except WireError as error:
            raise NotPlainData(
                f"What a function of the check gives is too much: {error}."
            ) from None

    def _ended(self, number: Any) -> None:
        if not self.gone:
            self._send({"op": "answer", "id": number, "ended": True}, [])

    def _send(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        try:
            self._channel.send(message, buffers, deadline=self.deadline)
        except ChannelTimeout:
            raise self._troubled(WitnessSilent()) from None
        except ChannelClosed:
            self._has_gone()

    def _troubled(self, error: BaseException) -> BaseException:
        """Note what ends a test cell: it does so even where the cell catches everything."""
        if not isinstance(error, Exception):
            self.trouble = self.trouble or error
        return error

    def _change(self, reply: dict[str, Any], buffers: list[bytes], visit: Visit, name: str) -> None:
        """Write what the function says that it changed into the test's own objects."""
        if reply.get("changed") is None:
            return
        decoder = Decoder(buffers, visit.resolve, self._caps, visit.handed)
        try:
            changes = []
            for pair in decoder.items(reply["changed"]):
                number, data = decoder.items(pair)
                own = visit.handed.object(decoder.integer(number, 0, 2**31))
                changes.append((own, decoder.value(data)))
            write_back(changes)
        # Whatever numpy or pandas find wrong with it.
        except Exception as error:
            why = error if isinstance(error, WireError) else "it does not fit"
            raise self._troubled(
                NotPlainData(f"What `{name}` changed in its arguments could not be read: {why}.")
            ) from None

    def _as_raised(
        self, name: str, reply: dict[str, Any], buffers: list[bytes], visit: Visit
    ) -> Exception:
        own = reply.get("own")
        if type(own) is int and 0 <= own < len(visit.errors):
            return visit.errors[own]  # of a function of the test, and let through
        return self.kinds.exception(name, reply, buffers)

    def _has_gone(self) -> None:
        self.gone = self.gone or (
            "The notebook's process ended before its time: it was closed from within, or it used more memory "
            "or more processes than allowed."
        )
        raise self._troubled(WitnessGone(self.gone))

    def _value(self, reply: dict[str, Any], buffers: list[bytes], what: str, visit: Visit) -> Any:
        if "value" not in reply:
            # The other side's words: without the marks that would make a sentence of its own of them.
            why = re.sub(r"[^\w ,-]", "", readable(reply.get("refused"), 100))
            raise self._troubled(NotPlainData(f"{what} could not be read: {why}."))
        decoder = Decoder(buffers, visit.resolve, self._caps, visit.handed)
        try:
            value = decoder.value(reply["value"])
        except WireError as error:
            raise self._troubled(NotPlainData(f"{what} could not be read: {error}.")) from None
        if isinstance(value, Opaque):
            raise self._troubled(
                NotPlainData(f"{what} is {refusal(readable_name(value.type_name))}")
            )
        return value


def _told(error: Exception) -> dict[str, Any]:
    """Return what a function of the trainee is told of an exception that a function of the test raised."""
    names = [kind.__name__ for kind in type(error).__mro__]
    # What a check asserts is told in its message, not to the function that it checks.
    said = [] if isinstance(error, AssertionError) else list(error.args)
    plain = all(arg is None or type(arg) in (bool, int, str) for arg in said)
    args = [arg if type(arg) is not str else arg[:_LONGEST_TEXT] for arg in said[:20]]
    return {"raised": names, "args": args if plain else [str(error)[:_LONGEST_TEXT]]}


def _is_call(called: Any) -> bool:
    return (
        type(called) is list
        and len(called) == 2
        and type(called[0]) is list
        and type(called[1]) is dict
        and all(type(name) is str for name in called[1])
    )
