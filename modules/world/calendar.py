"""When are blocks found? Believable times that obey Bitcoin's rule of the median time past.

The world's blocks come about six hours apart (Bitcoin's: ten minutes), so that 540 of them tell a
story of four months. As on real chains, a block may carry an earlier time than the one before.
"""

from .blocks import GENESIS_TIME
from .seed import Stream

_FIRST_DAY = 1_736_121_600  # 2025-01-06 00:00 UTC
_DAY = 86_400
_QUIET = 101  # blocks of the first days, before anything can be spent
# Twenty equally likely waits in minutes: the middles of the twenty slices of an exponential
# distribution with mean 360, as whole numbers so that no machine rounds differently.
_WAITS = (9, 28, 48, 69, 92, 116, 141, 169, 199, 232, 268, 308, 353, 405, 465, 537, 627, 749)
_WAITS += (932, 1328)


def median_time_past(times: list[int]) -> int:
    """Return the median of the last eleven times (BIP 113); the next block must be later."""
    last = sorted(times[-11:])
    return last[len(last) // 2]


def draw_times(seed: str, blocks: int) -> list[int]:
    """Draw the times of `blocks` blocks after genesis; index 0 is genesis itself."""
    stream = Stream(seed, "calendar")
    times = [GENESIS_TIME]
    clock = _FIRST_DAY + stream.below(120) * _DAY + stream.below(_DAY)
    for height in range(1, blocks + 1):
        quick = height <= _QUIET
        clock += stream.between(300, 1500) if quick else stream.choice(_WAITS) * 60
        clock += stream.below(60)
        # A miner's clock that is behind: one block in forty is stamped up to 25 minutes early.
        stamp = clock - stream.between(60, 1500) if stream.chance(1, 40) else clock
        times.append(max(stamp, median_time_past(times) + 1))
    return times
