"""The only way across the wall: framed messages of plain data, checked on arrival. Never pickle, never eval."""

from autograder.wire.frames import Channel, ChannelClosed, ChannelTimeout
from autograder.wire.limits import Caps, WireError
from autograder.wire.values import Opaque, decode, encode

__all__ = [
    "Caps",
    "Channel",
    "ChannelClosed",
    "ChannelTimeout",
    "Opaque",
    "WireError",
    "decode",
    "encode",
]
