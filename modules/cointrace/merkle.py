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

    Neighbours are joined and double-hashed until one is left; an odd last one is joined to itself.

    Raises:
        ChainError: the list is empty, or two joined neighbours are equal: then a shorter list would
            give the same root (CVE-2012-2459), so the root would prove nothing.
    """
    if not hashes:
        raise ChainError("there are no transactions to take a Merkle root of", _REMEDY)
    level = b"".join(hashes)
    suspect = len(set(hashes)) < len(hashes)  # only equal leaves make equal neighbours higher up
    while len(level) > 32:
        if suspect and _has_equal_neighbours(level):
            raise ChainError("transactions are repeated in the block", _REMEDY)
        if len(level) % 64:
            level += level[-32:]
        level = b"".join(
            [
                sha256(sha256(level[at : at + 64]).digest()).digest()
                for at in range(0, len(level), 64)
            ]
        )
    return level


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
    if merkle_root(columns.txid) != promised:
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
    root = merkle_root([bytes(32), *columns.wtxid[1:]])
    if double_sha256(root + bytes.fromhex(reserved)) != commitments[-1][6:38]:
        raise ChainError("the witnesses are not those that the coinbase commits to", _REMEDY)
