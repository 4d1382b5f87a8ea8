"""Put blocks into the order of their chain, and say at which height each stands.

Each header names the hash of the block before. Where two blocks name the same one, the branch that
took more work is the chain, as for every node; the blocks of the other are stale.
"""

from __future__ import annotations

from dataclasses import dataclass

from cointrace.blocks import HEADER_SIZE, Header, read_header
from cointrace.errors import ChainError
from cointrace.files import RawBlock
from cointrace.networks import Network
from cointrace.primitives import compact_size


@dataclass(frozen=True, slots=True)
class Placed:
    """A raw block with its header and its height, which is None where nothing tells it."""

    raw: RawBlock
    header: Header
    height: int | None


def place(blocks: list[RawBlock], network: Network) -> tuple[list[Placed], list[Placed]]:
    """Return the blocks in chain order, and the stale ones left out of it.

    A gap in the blocks begins a new stretch. Stretches are ordered by height where it is known, and
    by their place in the source where it is not. A block stored twice is taken once.

    Raises:
        ChainError: a header is cut, or shows less work than it claims.
    """
    headers: dict[bytes, tuple[RawBlock, Header]] = {}
    for block in blocks:
        try:
            header = read_header(block.data)
            check_work(header, network)
        except ChainError as error:
            raise error.inside(block.source, block.offset) from None
        headers.setdefault(header.hash, (block, header))
    followers: dict[bytes, list[bytes]] = {}
    for digest, (_, header) in headers.items():
        followers.setdefault(header.prev_hash, []).append(digest)

    stretches = []
    for before, starts in followers.items():
        if before not in headers:
            stretches.append(_stretch(starts, followers, headers))
    first_height = [stretch[0][0].height for stretch in stretches]
    order = sorted(
        range(len(stretches)), key=lambda n: (first_height[n] is None, first_height[n] or 0)
    )
    return (
        [block for n in order for block in stretches[n][0]],
        [block for n in order for block in stretches[n][1]],
    )


def check_work(header: Header, network: Network) -> None:
    """Check that the header's hash is below the target that its `bits` state.

    Raises:
        ChainError: it is not, or the target is easier than the network allows.
    """
    if not 0 < target_of(header.bits) <= network.easiest_target:
        raise ChainError(
            f"the stated target {header.bits:08x} is not one that {network.name} allows",
            "check that this is a block, and of that network",
            72,
        )
    if int.from_bytes(header.hash, "little") > target_of(header.bits):
        raise ChainError(
            "the hash of the header does not show the work that the header claims",
            "the header was altered or is not a header, so take a fresh copy",
            0,
        )


def target_of(bits: int) -> int:
    """Return the target that `bits` write in short: three bytes of value, one of length.

    A hash, read as a number with the lowest byte first, must not be above it. 0 stands for a
    negative target, which no hash can meet (Bitcoin Core, `arith_uint256::SetCompact`).
    """
    length, value = bits >> 24, bits & 0x7FFFFF
    if bits & 0x800000:
        return 0
    return value << (8 * (length - 3)) if length > 3 else value >> (8 * (3 - length))


def _stretch(
    starts: list[bytes],
    followers: dict[bytes, list[bytes]],
    headers: dict[bytes, tuple[RawBlock, Header]],
) -> tuple[list[Placed], list[Placed]]:
    """Return chain and stale blocks among those that descend from `starts`."""
    work: dict[bytes, int] = {}
    reached = list(starts)
    for digest in reached:  # grows while it is walked: parents always stand before children
        header = headers[digest][1]
        effort = (1 << 256) // (target_of(header.bits) + 1)
        work[digest] = work.get(header.prev_hash, 0) + effort
        reached += followers.get(digest, [])
    tip = max(reached, key=work.__getitem__)  # the first of equals: the one that came first
    branch = [tip]
    while (before := headers[branch[-1]][1].prev_hash) in headers:
        branch.append(before)
    branch.reverse()
    first = _first_height([headers[digest] for digest in branch])
    height = {headers[branch[0]][1].prev_hash: None if first is None else first - 1}
    for digest in reached:
        below = height[headers[digest][1].prev_hash]
        height[digest] = None if below is None else below + 1
    placed = {digest: Placed(*headers[digest], height[digest]) for digest in reached}
    kept = set(branch)
    return [placed[d] for d in branch], [placed[d] for d in reached if d not in kept]


def _first_height(branch: list[tuple[RawBlock, Header]]) -> int | None:
    """Return the height of the first block: 0 for a genesis block, else what coinbases say."""
    if not any(branch[0][1].prev_hash):
        return 0
    for steps, (block, header) in enumerate(branch):
        stated = _stated_height(block.data) if header.version >= 2 else None
        if stated is not None and stated >= steps:
            return stated - steps
    return None


def _stated_height(raw: bytes) -> int | None:
    """Return the height that a coinbase states at the start of its script (BIP 34), if it does."""
    try:
        _, at = compact_size(raw, HEADER_SIZE)
        at += 4
        if raw[at] == 0:
            at += 2
        _, script = compact_size(raw, at + 1 + 36)
        size = raw[script]
    except (ChainError, IndexError):
        return None  # reading the whole block says what is wrong with it
    if 0x51 <= size <= 0x60:
        return size - 0x50
    return int.from_bytes(raw[script + 1 : script + 1 + size], "little") if 1 <= size <= 4 else None
