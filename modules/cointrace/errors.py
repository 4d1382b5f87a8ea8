"""What can be wrong with block data, said in one sentence with its place and a remedy."""

from __future__ import annotations


class ChainError(ValueError):
    """Block data cannot be read, or contradict themselves.

    The parts are kept apart so that a program can act on them and a person can read them.

    Args:
        problem: what is wrong, as a clause without a full stop.
        remedy: what the reader can do about it, as a clause.
        offset: the byte at which it was noticed, counted from 0, or None where no byte is to blame.
        source: the file or a name for the data, or None while it is not known.
    """

    def __init__(
        self, problem: str, remedy: str, offset: int | None = None, source: str | None = None
    ) -> None:
        """Keep the parts; the sentence is made from them."""
        super().__init__(problem, remedy, offset, source)
        self.problem = problem
        self.remedy = remedy
        self.offset = offset
        self.source = source

    def __str__(self) -> str:
        """Return the one sentence: place, problem, remedy."""
        place = [self.source] if self.source else []
        if self.offset is not None:
            place.append(f"byte {self.offset:,}")
        start = f"{', '.join(place)}: " if place else ""
        return f"{start}{self.problem}; {self.remedy}."

    def inside(self, source: str, base: int) -> ChainError:
        """Return the same error placed in a file: `base` is where the data begin in `source`."""
        offset = None if self.offset is None else base + self.offset
        return ChainError(self.problem, self.remedy, offset, source)


def bytes_in_words(count: int) -> str:
    """Return "1 byte", "2 bytes" and so on."""
    return f"{count:,} byte" + ("" if count == 1 else "s")
