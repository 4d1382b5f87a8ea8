"""Amounts that a protocol prescribes, in satoshi."""

from __future__ import annotations

import numpy as np

from cointrace.coinjoins.periods import periods_of

LEAST_WABISABI = 5_000
_MOST = 21_000_000 * 100_000_000


def _multiples(base: int, factors: tuple[int, ...]) -> set[int]:
    found, power = set(), 1
    while power <= _MOST:
        found |= {factor * power for factor in factors}
        power *= base
    return {value for value in found if LEAST_WABISABI <= value <= _MOST}


ROUND = _multiples(10, (1, 2, 5))
STANDARD = _multiples(2, (1,)) | _multiples(3, (1, 2)) | ROUND
"""What Wasabi 2 splits coins into: 2^i, 3^i, 2*3^i, and 1, 2 or 5 times 10^i, from 5,000 satoshi up.

Source: the class StandardDenomination (also DenominationBuilder) in the code of WalletWasabi.
"""

TELLING = np.array(sorted(STANDARD - ROUND), np.int64)
"""Those of them that nobody writes on an invoice, such as 8,192 or 354,294."""

PREMIX_LEAST, PREMIX_MOST = 100, 110_000
"""What a new coin brings above a Whirlpool pool's denomination, to pay the miner of its first mix."""

POOL_WINDOWS = tuple(
    (period.denomination + PREMIX_LEAST, period.denomination + PREMIX_MOST)
    for period in periods_of("whirlpool_tx0")
)

WASABI1_BASE, WASABI1_REACH = 10_000_000, 2_000_000
"""Wasabi 1 rounds begin near 0.1 BTC; the reach is that of Dumplings' Constants.cs."""
