"""That a transaction stands in a block, shown with a few hashes instead of the whole block.

A block header holds one hash that stands for all transactions, the Merkle root. To show that one
transaction is among them, its neighbours on the way up to the root are enough: 12 hashes for 4,000
transactions. Whoever has the header can check that alone, without trusting who shows it. Source: S.
Nakamoto, "Bitcoin: A Peer-to-Peer Electronic Cash System" (2008), sections 7 and 8.
"""

from __future__ import annotations

from dataclasses import dataclass

from cointrace.blocks import HEADER_SIZE, read_block, read_header
from cointrace.chain import Chain
from cointrace.errors import ChainError
from cointrace.merkle import merkle_levels
from cointrace.networks import network_named
from cointrace.order import check_work
from cointrace.primitives import double_sha256

_MOST_STEPS = (
    24  # a block has fewer than 2**17 transactions; far more steps than that prove nothing
)


@dataclass(frozen=True)
class MerkleProof:
    """That the transaction `txid` stands at `position` of the block whose header is `header`.

    Attributes:
        txid: the id as people write it.
        position: 0 is the coinbase.
        neighbours: the hash to join with at each step up, hexadecimal in the order in which people
            write hashes; on the left or the right as the bits of `position` say (1 is left).
        header: the 80 bytes of the header, or None where only its root was at hand.
        merkle_root: the root in that header, as people write it.
    """

    txid: str
    position: int
    neighbours: tuple[str, ...]
    merkle_root: str
    header: bytes | None = None

    def steps(self) -> list[tuple[str, str, str]]:
        """Return (left, right, joined) for each step from the transaction up to the root.

        Raises:
            ChainError: a hash is not one, or the position does not fit the number of steps.
        """
        joined = _stored(self.txid, "txid")
        place = self.position
        if len(self.neighbours) > _MOST_STEPS or not 0 <= place < 1 << len(self.neighbours):
            raise ChainError(
                f"position {place} does not fit {len(self.neighbours)} steps",
                "the proof was cut or altered, so ask for it again",
            )
        found = []
        for neighbour in self.neighbours:
            other = _stored(neighbour, "neighbour")
            left, right = (other, joined) if place & 1 else (joined, other)
            joined = double_sha256(left + right)
            found.append((_shown(left), _shown(right), _shown(joined)))
            place >>= 1
        return found

    def check(self, network: str | None = None) -> None:
        """Check the proof with nothing but itself; say nothing if it holds.

        What it shows is only as good as the header: compare the header's hash with that of the block in
        a chain that you trust, or give `network` to check at least the work behind it. And look at the
        transaction itself: a joined pair of 64 bytes could be passed off as one (CVE-2017-12842).

        Args:
            network: whose proof of work the header must show; None leaves that out.

        Raises:
            ChainError: the hashes do not lead to the root, the header holds another root, or it shows
                less work than it claims.
        """
        steps = self.steps()
        top = steps[-1][2] if steps else self.txid
        if top != self.merkle_root:
            raise ChainError(
                "the hashes do not lead to the Merkle root",
                "the transaction is not the one in the block, or the proof was altered",
            )
        if self.header is None:
            if network is not None:
                raise ChainError("the proof has no header to check", "make it from a raw block")
            return
        if len(self.header) != HEADER_SIZE:
            raise ChainError(
                f"the header has {len(self.header)} bytes, not {HEADER_SIZE}", "ask for it again"
            )
        header = read_header(self.header)
        if _shown(header.merkle_root) != self.merkle_root:
            raise ChainError(
                "the header holds another Merkle root", "the proof is of another block"
            )
        if network is not None:
            check_work(header, network_named(network))


def merkle_proof(source: bytes | Chain, txid: str) -> MerkleProof:
    """Show that a transaction stands in a block.

    Args:
        source: the bytes of one block, or a `Chain` that holds the block (then the proof has no header,
            because a chain keeps tables and no raw bytes).
        txid: the id of the transaction, as people write it.

    Raises:
        ChainError: the block cannot be read, or the transaction is not there.
    """
    wanted = _shown(_stored(txid, "txid"))
    if isinstance(source, Chain):
        ids, root = _ids_in_chain(source, wanted)
        return _prove([_stored(one, "txid") for one in ids], wanted, root, None)
    if not isinstance(source, bytes | bytearray | memoryview):
        raise ChainError(
            f"a proof cannot be made from a {type(source).__name__}",
            "give the bytes of a block or a Chain",
        )
    raw = bytes(source)
    header, columns = read_block(raw)
    return _prove(columns.txid, wanted, _shown(header.merkle_root), raw[:HEADER_SIZE])


def _ids_in_chain(chain: Chain, txid: str) -> tuple[list[str], str]:
    """Return the ids of the transaction's whole block, in order, and the block's Merkle root."""
    rows = (chain.txs["txid"] == txid).to_numpy().nonzero()[0]
    if not len(rows):
        raise _absent(txid)
    ends = chain.blocks["transactions"].cumsum().to_numpy()
    block = int(ends.searchsorted(rows[0], side="right"))
    first = int(ends[block - 1]) if block else 0
    ids = chain.txs["txid"].iloc[first : int(ends[block])].tolist()
    return ids, chain.blocks["merkle_root"].iloc[block]


def _prove(leaves: list[bytes], txid: str, root: str, header: bytes | None) -> MerkleProof:
    wanted = bytes.fromhex(txid)[::-1]
    if wanted not in leaves:
        raise _absent(txid)
    levels = merkle_levels(leaves)
    if _shown(levels[-1]) != root:
        raise ChainError(
            "the table of transactions is not the one of its block",
            "prove it from the chain as it was read",
        )
    position = leaves.index(wanted)
    neighbours = []
    for height, level in enumerate(levels[:-1]):
        beside = 32 * (position >> height ^ 1)
        neighbours.append(_shown(level[beside : beside + 32]))
    return MerkleProof(txid, position, tuple(neighbours), root, header)


def _stored(written: object, what: str) -> bytes:
    whole = isinstance(written, str) and len(written) == 64
    try:
        digest = bytes.fromhex(written)[::-1] if whole else b""
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise ChainError(
            f"the {what} {str(written)[:80]!r} is not one", "give 64 hexadecimal digits"
        )
    return digest


def _shown(digest: bytes) -> str:
    return digest[::-1].hex()


def _absent(txid: str) -> ChainError:
    return ChainError(
        f"the transaction {txid} does not stand here", "check its id, or look in another block"
    )
