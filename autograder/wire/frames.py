"""One message = one frame on a stream socket: a JSON text and the raw buffers that it refers to.

Layout, all integers unsigned 32-bit big-endian: the length of the JSON text, the number of buffers, the length of
each buffer; then the JSON text (UTF-8) and the buffers, one after the other.
"""

import json
import select
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

from autograder.wire.limits import DEFAULT_CAPS, Caps, WireError

_HEAD = struct.Struct(">II")


class ChannelClosed(WireError):
    """The other side is gone."""


class ChannelTimeout(WireError):
    """The other side did not answer in time."""


class Channel:
    """Send and receive messages over a connected stream socket.

    Args:
        link: the connected socket; the channel owns it from now on.
        caps: what an arriving message may hold at most.
    """

    def __init__(self, link: socket.socket, caps: Caps = DEFAULT_CAPS) -> None:
        self._link = link
        self._caps = caps
        link.setblocking(False)

    def fileno(self) -> int:
        """Return the socket's descriptor, so that `select` takes a channel."""
        return self._link.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._link.close()

    def send(
        self,
        message: dict[str, Any],
        buffers: list[bytes] | None = None,
        *,
        deadline: float | None = None,
    ) -> None:
        """Send one message.

        Args:
            message: plain JSON data.
            buffers: raw bytes that the message refers to by position.
            deadline: a moment of `time.monotonic()`; none waits for ever.

        Raises:
            ChannelClosed: the other side is gone.
            ChannelTimeout: the other side took too long to read.
            WireError: the message is larger than the wire carries; nothing was sent.
        """
        buffers = buffers or []
        text = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
        head = _HEAD.pack(len(text), len(buffers))
        lengths = struct.pack(f">{len(buffers)}I", *map(len, buffers))
        self._check_size(len(text), [len(buffer) for buffer in buffers])
        self._send_all(b"".join([head, lengths, text, *buffers]), deadline)

    def receive(self, *, deadline: float | None = None) -> tuple[dict[str, Any], list[bytes]]:
        """Wait for one message and return it with its buffers.

        Raises:
            ChannelClosed: the other side is gone, or went in the middle of a message.
            ChannelTimeout: nothing whole came before the deadline.
            WireError: what came is no message.
        """
        text_length, count = _HEAD.unpack(self._receive_exactly(_HEAD.size, deadline))
        self._check_count(count)
        lengths = struct.unpack(f">{count}I", self._receive_exactly(4 * count, deadline))
        self._check_size(text_length, lengths)
        text = self._receive_exactly(text_length, deadline)
        buffers = [self._receive_exactly(length, deadline) for length in lengths]
        try:
            message = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise WireError("a message arrived that is no JSON") from error
        if not isinstance(message, dict):
            raise WireError("a message arrived that is no JSON object")
        return message, buffers

    def _check_count(self, count: int) -> None:
        if count > self._caps.buffers:
            raise WireError(f"a message with {count:,} parts is more than the wire carries")

    def _check_size(self, text_length: int, lengths: Sequence[int]) -> None:
        self._check_count(len(lengths))
        total = text_length + sum(lengths)
        if total > self._caps.frame_bytes or text_length > self._caps.json_bytes:
            raise WireError(f"a message of {total:,} bytes is more than the wire carries")

    def _send_all(self, data: bytes, deadline: float | None) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._link.send(view) :]
            except BlockingIOError:
                self._wait(deadline, writing=True)
            except OSError as error:
                raise ChannelClosed("the other side is gone") from error

    def _receive_exactly(self, count: int, deadline: float | None) -> bytes:
        data = bytearray()
        while len(data) < count:
            # Looked at each time: who floods us never makes us wait.
            if deadline is not None and time.monotonic() > deadline + 0.05:
                raise ChannelTimeout("no answer came in time")
            try:
                part = self._link.recv(min(count - len(data), 1 << 20))
            except BlockingIOError:
                self._wait(deadline, writing=False)
                continue
            except OSError as error:
                raise ChannelClosed("the other side is gone") from error
            if not part:
                raise ChannelClosed("the other side is gone")
            data += part
        return bytes(data)

    def _wait(self, deadline: float | None, *, writing: bool) -> None:
        wait = None if deadline is None else max(0.0, deadline - time.monotonic())
        # poll, not select: a class may leave us with descriptors above 1023.
        poll = select.poll()
        poll.register(self._link, select.POLLOUT if writing else select.POLLIN)
        if not poll.poll(None if wait is None else wait * 1000 + 1):
            raise ChannelTimeout("no answer came in time")
