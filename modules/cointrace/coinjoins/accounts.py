"""Can change outputs be paired with inputs, as the accounts of a JoinMarket maker demand?"""

from __future__ import annotations

from itertools import combinations

from cointrace.coinjoins.shapes import Shape

LEAST_GAIN = -1_000
"""A maker may add so much to the miner's fee (JoinMarket's `txfee`), in satoshi."""
MOST_GAIN = 0.005
"""A maker hardly ever earns more than this share of the amount: half a per cent."""
_MOST_INPUTS = 120


def explained_changes(shape: Shape, amount: int) -> int:
    """Return how many outputs beside the equal ones are one maker's change.

    Such an output is the sum of one or two inputs, less `amount`, plus the maker's gain. Each input
    is used once; single inputs come before pairs and small gains before large ones.
    """
    values = list(shape.in_values)
    if len(values) > _MOST_INPUTS:
        return 0
    changes = sorted(value for value in shape.out_values if value != amount)
    most = max(-LEAST_GAIN, int(amount * MOST_GAIN))
    free = set(range(len(values)))
    found = 0
    for size in (1, 2):
        left = []
        for change in changes:
            near = [
                (abs(gain), group)
                for group in combinations(sorted(free), size)
                if LEAST_GAIN <= (gain := change + amount - sum(values[n] for n in group)) <= most
            ]
            if near:
                found += 1
                free -= set(min(near)[1])
            else:
                left.append(change)
        changes = left
    return found
