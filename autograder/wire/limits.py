"""How much one message may hold, and what is said when it holds more."""

from dataclasses import dataclass


class WireError(ValueError):
    """Something that came over the wire is not what the wire carries. The text is fit to show."""


@dataclass(frozen=True)
class Caps:
    """The most that one message may hold. Counted while reading, so a small frame cannot unfold."""

    frame_bytes: int = 64 * 1024 * 1024
    # JSON unfolds to about thirty times its size before anything of it can be counted.
    json_bytes: int = 16 * 1024 * 1024
    buffers: int = 16384
    depth: int = 24
    items: int = 1_000_000
    integer_digits: int = 4096
    text_chars: int = 8 * 1024 * 1024


DEFAULT_CAPS = Caps()
_WHOLE_NOTEBOOK = 256 * 1024 * 1024
TO_DRIVER = Caps(frame_bytes=_WHOLE_NOTEBOOK, json_bytes=_WHOLE_NOTEBOOK)
"""Between the driver and the judge, who is no stranger: the outputs of all cells together."""
