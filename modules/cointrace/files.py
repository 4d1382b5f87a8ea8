"""Find blocks where they are kept: bytes, files of one block, and the blk files of Bitcoin Core.

A blk file is a row of blocks, each preceded by four marking bytes of its network and its length in
four bytes, lowest first. Bitcoin Core writes blocks as they arrive, reserves space ahead (zeros at the
end), and since version 28 hides the files behind a repeated key, kept beside them in `xor.dat`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np

from cointrace.blocks import HEADER_SIZE, LARGEST_BLOCK
from cointrace.errors import ChainError, bytes_in_words
from cointrace.networks import BY_MAGIC, Network
from cointrace.primitives import CUT_REMEDY

type_of_source = str | PathLike | bytes | bytearray | memoryview
_NOT_ZERO = re.compile(rb"[^\0]")


@dataclass(frozen=True, slots=True)
class RawBlock:
    """The bytes of one block and where they stood: `offset` in the file or data named `source`."""

    data: bytes
    source: str
    offset: int


def find_blocks(
    source: type_of_source | Iterable[type_of_source], network: Network
) -> list[RawBlock]:
    """Return the raw blocks of a source, in the order in which they are stored.

    Args:
        source: bytes of one block or of a blk file, a path to either, a folder of blk*.dat, or
            several of these.
        network: whose marks the blk files must carry.

    Raises:
        ChainError: nothing can be read there, or a file is not what it should be.
    """
    blocks = list(_find(source, network))
    if not blocks:
        raise ChainError("there are no blocks to read", "give at least one")
    return blocks


def _find(source: object, network: Network) -> Iterator[RawBlock]:
    if isinstance(source, bytes | bytearray | memoryview):
        yield from _split(bytes(source), "these bytes", network)
    elif isinstance(source, str | PathLike):
        path = Path(source)
        for file in _files_in(path) if path.is_dir() else [path]:
            content = _content(file)
            if file.match("blk*.dat"):
                _check_open(file, content)
            yield from _split(content, file.name, network)
    elif isinstance(source, Iterable):
        yield from chain.from_iterable(_find(part, network) for part in source)
    else:
        raise ChainError(
            f"blocks cannot be read from a {type(source).__name__}",
            "give the bytes of a block, a path, or a list of paths",
        )


def _files_in(folder: Path) -> list[Path]:
    files = sorted(folder.glob("blk*.dat"))
    if not files:
        raise ChainError(
            "the folder holds no blk*.dat file", "name the folder that does", source=str(folder)
        )
    return files


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
        key_file = file.with_name("xor.dat")
        key = key_file.read_bytes() if file.match("blk*.dat") and key_file.is_file() else b""
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ChainError(
            f"the file cannot be read ({reason})", "check its name and place", source=str(file)
        ) from None
    if not any(key):
        return content
    repeated = np.resize(np.frombuffer(key, np.uint8), len(content))
    return (np.frombuffer(content, np.uint8) ^ repeated).tobytes()


def _check_open(file: Path, content: bytes) -> None:
    """Check that a blk file begins with a mark, so that its key, where it needs one, was right."""
    found = _NOT_ZERO.search(content)
    if not found or content[found.start() : found.start() + 4] in BY_MAGIC:
        return
    if file.with_name("xor.dat").is_file():
        remedy = "the key in xor.dat is not that of this file, so copy both from one folder"
    else:
        remedy = "if Bitcoin Core 28 or later wrote it, put its xor.dat beside it"
    raise ChainError("no mark of a block stands at its start", remedy, 0, file.name)


def _split(content: bytes, name: str, network: Network) -> Iterator[RawBlock]:
    if not content:
        raise ChainError("there are no bytes here", "take a fresh copy", source=name)
    first = _NOT_ZERO.search(content)
    if not first:
        return  # space that was reserved and never used
    if content[first.start() : first.start() + 4] not in BY_MAGIC:
        yield RawBlock(content, name, 0)
        return
    at = 0
    while found := _NOT_ZERO.search(content, at):
        at = _after_mark(content, found.start(), name, network)
        length = int.from_bytes(content[at - 4 : at], "little")
        if not HEADER_SIZE < length <= LARGEST_BLOCK:
            raise ChainError(
                f"a block cannot be {length:,} bytes long", CUT_REMEDY, at - 4, source=name
            )
        if at + length > len(content):
            raise ChainError(
                f"the file ends {bytes_in_words(at + length - len(content))} before its last block does",
                CUT_REMEDY,
                len(content),
                source=name,
            )
        yield RawBlock(content[at : at + length], name, at)
        at += length


def _after_mark(content: bytes, at: int, name: str, network: Network) -> int:
    """Check the four marking bytes at `at`; return the offset after the length behind them."""
    mark = content[at : at + 4]
    if mark != network.magic:
        other = BY_MAGIC.get(mark)
        if other:
            problem = f"this is a block of {other.name}, not of {network.name}"
            remedy = f'say network="{other.name}"'
        else:
            problem = f"the mark of a {network.name} block should stand here, not {mark.hex()}"
            remedy = "remove what does not belong, or take a fresh copy"
        raise ChainError(problem, remedy, at, source=name)
    if at + 8 > len(content):
        raise ChainError(
            "the file ends before the length of a block", CUT_REMEDY, len(content), source=name
        )
    return at + 8
