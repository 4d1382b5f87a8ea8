"""The two things that everything in a block is made with: the double hash and the size number."""

from __future__ import annotations

from hashlib import sha256

from cointrace.errors import ChainError

_FORMS = {0xFD: (2, 0xFD), 0xFE: (4, 0x1_0000), 0xFF: (8, 0x1_0000_0000)}
CUT_REMEDY = "the data were cut or altered, so take a fresh copy"


def double_sha256(data: bytes) -> bytes:
    """Return SHA-256 of SHA-256 of `data`: 32 bytes, in the order in which blocks store them.

    People write block hashes and transaction ids the other way round: `digest[::-1].hex()`.
    """
    return sha256(sha256(data).digest()).digest()


def compact_size(raw: bytes, offset: int = 0) -> tuple[int, int]:
    """Read the size number ("CompactSize") that begins at byte `offset` of `raw`.

    Up to 252 it is one byte. The byte fd says that 2 bytes follow, fe 4 bytes, ff 8 bytes,
    the lowest byte first.

    Returns:
        The number, and the offset of the first byte after it.

    Raises:
        ChainError: the data end inside the number, or a longer form than needed is used
            (Bitcoin Core, `ReadCompactSize`, refuses that as well).
    """
    if not 0 <= offset < len(raw):
        raise ChainError("the data end where a size number should begin", CUT_REMEDY, offset)
    first = raw[offset]
    if first < 0xFD:
        return first, offset + 1
    width, smallest = _FORMS[first]
    end = offset + 1 + width
    if end > len(raw):
        raise ChainError("the data end inside a size number", CUT_REMEDY, offset)
    value = int.from_bytes(raw[offset + 1 : end], "little")
    if value < smallest:
        raise ChainError(
            f"the size number {value} is written in a longer form than allowed",
            "no node would accept this, so take a fresh copy",
            offset,
        )
    return value, end


def write_compact_size(value: int) -> bytes:
    """Return the size number `value` (0 to 2**64 - 1) in its shortest form.

    Raises:
        ChainError: the value is out of range.
    """
    if not 0 <= value < 1 << 64:
        raise ChainError(f"{value} does not fit a size number", "use 0 to 2**64 - 1")
    if value < 0xFD:
        return bytes([value])
    mark = 0xFD if value < 0x1_0000 else 0xFE if value < 0x1_0000_0000 else 0xFF
    return bytes([mark]) + value.to_bytes(_FORMS[mark][0], "little")
