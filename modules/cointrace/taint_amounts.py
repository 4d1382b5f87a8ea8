"""Poison, haircut and TIHO: how much of each output is tainted, one transaction after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

POISON, HAIRCUT, TIHO = 0, 1, 2


def make_amount_walk(jit: Callable[[Any], Any]) -> Callable[..., int]:
    """Return the loop, compiled by `jit`, or as plain Python where `jit` returns what it gets."""

    @jit
    def part_of(amount, part, whole):
        """Return amount * part // whole for amount <= whole, though the product may pass 64 bits."""
        guess = int(float(amount) * float(part) / float(whole))
        # The product may wrap in 64 bits; what is left over is small, and so comes out right.
        rest = amount * part - guess * whole
        while rest < 0:
            guess -= 1
            rest += whole
        while rest >= whole:
            guess += 1
            rest -= whole
        return guess

    @jit
    def give(slot, flow, value, amount, next_tx, due):
        """Add flowing taint to what is marked here already; return what both claimed."""
        marked = amount[slot]
        added = flow
        if marked > 0:
            added = part_of(flow, value - marked, value)
        amount[slot] = marked + added
        if marked + added > 0 and next_tx[slot] >= 0:
            due[next_tx[slot]] = 1
        return flow - added

    @jit
    def by_share(t, total, whole, out_first, out_value, outputs, shares):
        """Divide in proportion; whole satoshi by running sums, so that nothing is lost or made."""
        reached, given = 0, 0
        for o in range(out_first[t], out_first[t + 1]):
            reached += out_value[o]
            upto = part_of(total, reached, whole)
            shares[o - out_first[t]] = upto - given
            given = upto
        shares[outputs] = total - given

    @jit
    def by_size(t, total, out_first, out_value, outputs, shares):
        """Fill the output of the highest value first; of equal ones the one that stands first."""
        values = np.asarray(out_value[out_first[t] : out_first[t + 1]])
        order = np.argsort(-values, kind="mergesort")
        left = total
        for k in range(outputs):
            shares[order[k]] = min(left, values[order[k]])
            left -= shares[order[k]]
        shares[outputs] = left

    @jit
    def walk(
        policy, steps, due, coinbase, block_first, block, new_money,
        in_first, in_out, in_value, out_first, out_value, fee, next_tx, amount, stopped, shares,
    ):  # fmt: skip
        """Follow taint through the transactions in `steps`; return what was claimed twice."""
        count = len(out_value)
        twice = 0
        for t in steps:
            if not due[t]:
                continue
            total, whole, known = 0, 0, True
            if coinbase[t]:
                whole = new_money[t]
                for u in range(block_first[block[t]], block_first[block[t] + 1]):
                    whole += fee[u]
                    total += amount[count + u]
            else:
                for i in range(in_first[t], in_first[t + 1]):
                    if in_value[i] < 0:
                        known = False
                    else:
                        whole += in_value[i]
                    if in_out[i] >= 0:
                        total += amount[in_out[i]]
            if total == 0:
                continue
            outputs = out_first[t + 1] - out_first[t]
            if policy == POISON:
                for o in range(out_first[t], out_first[t + 1]):
                    shares[o - out_first[t]] = out_value[o]
                shares[outputs] = max(fee[t], 0)
            elif not known:
                stopped[t] = total
                continue
            elif policy == HAIRCUT:
                by_share(t, total, whole, out_first, out_value, outputs, shares)
            else:
                by_size(t, total, out_first, out_value, outputs, shares)
            for k in range(outputs):
                slot = out_first[t] + k
                twice += give(slot, shares[k], out_value[slot], amount, next_tx, due)
            twice += give(count + t, shares[outputs], fee[t], amount, next_tx, due)
        return twice

    return walk
