"""How much one message may hold, and what is said when it holds more."""

from dataclasses import dataclass


class WireError(ValueError):
    """Something that came over the wire is not what the wire carries. The text is fit to show."""


@dataclass(frozen=True)
class Caps:
    """The most that one message may hold. Counted while reading, so a small frame cannot unfold."""

    frame_bytes: int = 64 * 1024 * 1024
    buffers: int = 4096
    depth: int = 24
    items: int = 1_000_000
    integer_digits: int = 4096
    text_chars: int = 8 * 1024 * 1024


DEFAULT_CAPS = Caps()
