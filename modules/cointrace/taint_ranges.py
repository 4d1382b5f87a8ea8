"""FIFO and LIFO: which satoshi of each output are tainted, as ranges, forward and backward.

In a transaction the inputs are laid end to end on one line, and the outputs on the same line beside them, the
fee last. For LIFO the line of the inputs is turned round. What lies opposite is the same money.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def make_range_walk(jit: Callable[[Any], Any]) -> Callable[..., int]:
    """Return the loop, compiled by `jit`, or as plain Python where `jit` returns what it gets.

    A slot is an output, or behind them the fee of a transaction. Its ranges are `length[slot]` pairs of
    `starts` and `ends` from `where[slot]` on. A slot that was marked by the user and that no flow has
    reached yet has one range from 0 to p: its `where` is -1 - p.
    """

    @jit
    def gather(slots, values, n, turned, where, length, starts, ends, line_starts, line_ends):
        """Take the ranges of all slots, put them on the line, and let the slots forget them."""
        need = 0
        for k in range(n):
            if slots[k] >= 0:
                need += length[slots[k]]
        if need > len(line_starts):
            line_starts = np.empty(2 * need, np.int64)
            line_ends = np.empty(2 * need, np.int64)
        m, offset = 0, 0
        for k in range(n):
            slot, value = slots[k], values[k]
            many = length[slot] if slot >= 0 else 0
            for j in range(many):
                at = where[slot]
                if at < 0:
                    a, b = 0, -1 - at
                elif turned:
                    a, b = starts[at + many - 1 - j], ends[at + many - 1 - j]
                else:
                    a, b = starts[at + j], ends[at + j]
                if turned:
                    a, b = value - b, value - a
                if m > 0 and line_ends[m - 1] == offset + a:
                    line_ends[m - 1] = offset + b
                else:
                    line_starts[m], line_ends[m] = offset + a, offset + b
                    m += 1
            if many > 0:
                length[slot] = 0
            offset += value
        return m, line_starts, line_ends

    @jit
    def turn_round(first, top, value, starts, ends):
        """Mirror the ranges of one slot, so that its last satoshi becomes its first."""
        low, high = first, top - 1
        while low <= high:
            a, b, c, d = starts[low], ends[low], starts[high], ends[high]
            starts[low], ends[low] = value - d, value - c
            starts[high], ends[high] = value - b, value - a
            low += 1
            high -= 1

    @jit
    def join(first, top, marked, starts, ends):
        """Unite ranges with the range from 0 to `marked`; return their new end and what both held."""
        both, kept = 0, top
        reach = marked
        for k in range(first, top):
            both += max(0, min(ends[k], marked) - starts[k])
            if starts[k] <= marked:
                reach = max(reach, ends[k])
            elif kept == top:
                kept = k
        behind = top - kept
        if kept == first:
            for k in range(behind):
                starts[top - k], ends[top - k] = starts[top - 1 - k], ends[top - 1 - k]
        else:
            for k in range(behind):
                starts[first + 1 + k], ends[first + 1 + k] = starts[kept + k], ends[kept + k]
        starts[first], ends[first] = 0, reach
        return first + 1 + behind, both

    @jit
    def compact(made, many, where, length, starts, ends):
        """Move ranges that are still needed to the front; return how many slots and ranges stay."""
        kept, top = 0, 0
        for i in range(many):
            slot = made[i]
            at = where[slot]
            if length[slot] > 0:
                for j in range(length[slot]):
                    starts[top + j], ends[top + j] = starts[at + j], ends[at + j]
                where[slot] = top
                top += length[slot]
                made[kept] = slot
                kept += 1
        return kept, top

    @jit
    def larger(array, used):
        wider = np.empty(2 * len(array), np.int64)
        wider[:used] = array[:used]
        return wider

    @jit
    def walk(
        lifo, backward, follow, steps, due, coinbase, block_first, block, new_money,
        in_first, in_out, in_value, out_first, out_value, fee, next_tx,
        where, length, amount, stopped, begins, slots, values,
    ):  # fmt: skip
        """Follow ranges through the transactions in `steps`; return what was claimed twice."""
        count = len(out_value)
        starts, ends = np.empty(1024, np.int64), np.empty(1024, np.int64)
        line_starts, line_ends = np.empty(64, np.int64), np.empty(64, np.int64)
        made, many, top, twice = np.empty(1024, np.int64), 0, 0, 0
        for t in steps:
            if not due[t]:
                continue
            # The two sides of the line: what comes in (row 0), and outputs with the fee (row 1).
            n_in, n_out, paid, known = 0, 0, 0, True
            for o in range(out_first[t], out_first[t + 1]):
                slots[1, n_out], values[1, n_out] = o, out_value[o]
                paid += out_value[o]
                n_out += 1
            left_over = fee[t]
            if coinbase[t] and not follow:
                slots[0, 0], values[0, 0], n_in = -1, paid, 1
            elif coinbase[t]:
                known = new_money[t] >= 0
                slots[0, 0], values[0, 0], n_in = -1, new_money[t], 1
                total = new_money[t]
                for u in range(block_first[block[t]], block_first[block[t] + 1]):
                    if fee[u] != 0:
                        slots[0, n_in], values[0, n_in] = count + u, fee[u]
                        total += fee[u]
                        n_in += 1
                left_over = total - paid
            else:
                for i in range(in_first[t], in_first[t + 1]):
                    slots[0, n_in], values[0, n_in] = in_out[i], in_value[i]
                    known = known and in_value[i] >= 0
                    n_in += 1
            slots[1, n_out], values[1, n_out] = count + t, left_over
            n_out += 1
            if not known:
                side, many_slots = (1, n_out) if backward else (0, n_in)
                for k in range(many_slots):
                    slot = slots[side, k]
                    if slot >= 0 and length[slot] > 0:
                        stopped[t] += amount[slot]
                        length[slot] = 0
                continue
            if lifo:
                for k in range(n_in // 2):
                    z = n_in - 1 - k
                    a, b = slots[0, k], values[0, k]
                    slots[0, k], values[0, k] = slots[0, z], values[0, z]
                    slots[0, z], values[0, z] = a, b
            giver, taker = (1, 0) if backward else (0, 1)
            n_give, n_take = (n_out, n_in) if backward else (n_in, n_out)
            m, line_starts, line_ends = gather(
                slots[giver], values[giver], n_give, lifo and not backward,
                where, length, starts, ends, line_starts, line_ends,
            )  # fmt: skip
            while top + m + 2 * n_take > len(starts) or many + n_take > len(made):
                many, top = compact(made, many, where, length, starts, ends)
                if 2 * (top + m + 2 * n_take) > len(starts):
                    starts, ends = larger(starts, top), larger(ends, top)
                if 2 * (many + n_take) > len(made):
                    made = larger(made, many)
            j, offset = 0, 0
            for k in range(n_take):
                slot, value = slots[taker, k], values[taker, k]
                end, first, held = offset + value, top, 0
                while j < m and line_starts[j] < end:
                    starts[top] = max(line_starts[j], offset) - offset
                    ends[top] = min(line_ends[j], end) - offset
                    held += ends[top] - starts[top]
                    top += 1
                    if line_ends[j] > end:
                        break
                    j += 1
                offset = end
                if held == 0:
                    continue
                if slot < 0:
                    begins[t] += held
                    top = first
                    continue
                if lifo and backward:
                    turn_round(first, top, value, starts, ends)
                if amount[slot] > 0:
                    held += amount[slot]
                    top, both = join(first, top, amount[slot], starts, ends)
                    twice += both
                    held -= both
                amount[slot] = held
                if next_tx[slot] < 0:
                    length[slot] = 0
                    top = first  # money at rest: nobody will ask where in the output it lies
                    continue
                where[slot], length[slot] = first, top - first
                made[many] = slot
                many += 1
                due[next_tx[slot]] = 1
        return twice

    return walk
