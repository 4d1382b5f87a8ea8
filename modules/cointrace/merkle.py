"""The two promises of a block about its transactions: Merkle root and witness commitment."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from cointrace.errors import ChainError
from cointrace.primitives import double_sha256

if TYPE_CHECKING:
    from cointrace.blocks import Columns

_COMMITMENT = bytes.fromhex("6a24aa21a9ed")
_REMEDY = "the block was altered after it was mined, so take a fresh copy"


def merkle_root(hashes: list[bytes]) -> bytes:
    """Return the Merkle root of a list of 32-byte hashes, in stored order.

    Raises:
        ChainError: as for `merkle_levels`.
    """
    return merkle_levels(hashes)[-1]


def merkle_levels(hashes: list[bytes]) -> list[bytes]:
    """Return the levels of the Merkle tree, each joined to one row of bytes: leaves first, root last.

    Neighbours are joined and double-hashed until one is left; an odd last one is joined to itself,
    and then stands in its level twice.

    Raises:
        ChainError: the list is empty, or two joined neighbours are equal: then a shorter list would
            give the same root (CVE-2012-2459), so the root would prove nothing.
    """
    if not hashes:
        raise ChainError("there are no transactions to take a Merkle root of", _REMEDY)
    level = b"".join(hashes)
    suspect = len(set(hashes)) < len(hashes)  # only equal leaves make equal neighbours higher up
    levels = []
    while len(level) > 32:
        if suspect and _has_equal_neighbours(level):
            raise ChainError("transactions are repeated in the block", _REMEDY)
        if len(level) % 64:
            level += level[-32:]
        levels.append(level)
        level = b"".join(
            [
                sha256(sha256(level[at : at + 64]).digest()).digest()
                for at in range(0, len(level), 64)
            ]
        )
    return [*levels, level]


def _root_after(levels: list[bytes], count: int, changed: dict[int, bytes]) -> bytes:
    """Return the root that a tree of `count` leaves has once the leaves `changed` are put in."""
    for level in levels[:-1]:
        parents = {}
        for at in {place >> 1 for place in changed}:
            left = changed.get(2 * at, level[64 * at : 64 * at + 32])
            right = changed.get(2 * at + 1, level[64 * at + 32 : 64 * at + 64])
            if 2 * at + 1 == count:
                right = left  # the odd last one, joined to itself
            parents[at] = double_sha256(left + right)
        changed, count = parents, (count + 1) // 2
    return changed[0]


def _has_equal_neighbours(level: bytes) -> bool:
    whole = len(level) - len(level) % 64
    return any(level[at : at + 32] == level[at + 32 : at + 64] for at in range(0, whole, 64))


def check_roots(promised: bytes, columns: Columns) -> None:
    """Check a block's transactions against its header, its witnesses against its coinbase (BIP 141).

    Args:
        promised: the Merkle root in the header.
        columns: what the block holds.

    Raises:
        ChainError: a promise is not kept.
    """
    levels = merkle_levels(columns.txid)
    if levels[-1] != promised:
        raise ChainError("the transactions are not those that the header commits to", _REMEDY)
    if columns.wtxid == columns.txid:
        return  # no transaction carries a witness
    commitments = [
        script
        for script in columns.script[: columns.outputs_of[0]]
        if len(script) >= 38 and script.startswith(_COMMITMENT)
    ]
    reserved = columns.witness[0]
    if not commitments or len(reserved) != 64 or " " in reserved:
        raise ChainError("witnesses stand in the block but its coinbase does not commit", _REMEDY)
    root = _witness_root(levels, columns)
    if double_sha256(root + bytes.fromhex(reserved)) != commitments[-1][6:38]:
        raise ChainError("the witnesses are not those that the coinbase commits to", _REMEDY)


def _witness_root(levels: list[bytes], columns: Columns) -> bytes:
    """Return the root of the hashes with witnesses; the coinbase counts as zeros (BIP 141).

    Where few transactions have witnesses, only what stands above those is hashed again.
    """
    count = len(columns.txid)
    pairs = enumerate(zip(columns.txid, columns.wtxid, strict=True))
    changed = {at: whole for at, (base, whole) in pairs if base != whole} | {0: bytes(32)}
    if 4 * len(changed) < count:
        return _root_after(levels, count, changed)
    return merkle_root([bytes(32), *columns.wtxid[1:]])
