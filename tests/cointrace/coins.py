"""Small chains as tables, and a model that follows every single satoshi, written without the library."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from types import SimpleNamespace

import pandas as pd
from hypothesis import strategies as st


@dataclass
class Block:
    """The coinbase's outputs, and transactions of (outpoints spent, values of outputs)."""

    coinbase: list[int]
    txs: list[tuple[list[tuple[str, int]], list[int]]] = field(default_factory=list)


def name(height: int, position: int) -> str:
    return f"{height:032x}{position:032x}"


def tables(blocks: list[Block]) -> SimpleNamespace:
    """The tables of a chain; the address of an output is its own value in letters."""
    txs, inputs, outputs = [], [], []
    for height, block in enumerate(blocks):
        for position, (spent, values) in enumerate([([], block.coinbase), *block.txs]):
            txid = name(height, position)
            txs.append((txid, height, position, position == 0))
            inputs += [(txid, n, *point) for n, point in enumerate(spent)]
            outputs += [(txid, n, value, f"addr{value}") for n, value in enumerate(values)]
    text = {"txid": "str"}
    return SimpleNamespace(
        txs=pd.DataFrame(txs, columns=["txid", "height", "position", "coinbase"]).astype(text),
        inputs=pd.DataFrame(inputs, columns=["txid", "n", "spent_txid", "spent_vout"]).astype(
            {"txid": "str", "spent_txid": "str", "n": "int64", "spent_vout": "int64"}
        ),
        outputs=pd.DataFrame(outputs, columns=["txid", "n", "value", "address"]).astype(
            {"txid": "str", "address": "str", "n": "int64", "value": "int64"}
        ),
    )


@st.composite
def chains(draw: st.DrawFn, most_blocks: int = 6) -> list[Block]:
    """Chains of a few satoshi: several inputs and outputs, fees, zero amounts, unclaimed fees."""
    small = st.integers(0, 7)
    unspent: dict[tuple[str, int], int] = {}
    blocks = []
    for height in range(draw(st.integers(1, most_blocks))):
        made: list[tuple[list[tuple[str, int]], list[int]]] = []
        fees = 0
        for position in range(1, draw(st.integers(0, 4)) + 1):
            points = sorted(unspent)
            if not points:
                break
            spent = draw(st.lists(st.sampled_from(points), min_size=1, max_size=4, unique=True))
            total = sum(unspent.pop(point) for point in spent)
            values = []
            for wish in draw(st.lists(small, min_size=1, max_size=4)):
                values.append(min(wish, total - sum(values)))
            if draw(st.booleans()):
                values.append(total - sum(values))
            fees += total - sum(values)
            made.append((spent, values))
            unspent |= {(name(height, position), n): value for n, value in enumerate(values)}
        claimed = max(fees + draw(st.integers(-3, 9)), 0)
        first = draw(st.integers(0, claimed))
        coinbase = [first, claimed - first] if draw(st.booleans()) else [claimed]
        unspent |= {(name(height, 0), n): value for n, value in enumerate(coinbase)}
        blocks.append(Block(coinbase, made))
    return blocks


@dataclass
class Followed:
    """What the model says: tainted satoshi per output, and those in fees and lost."""

    outputs: dict[tuple[str, int], int]
    fees: int
    lost: int
    marked: int


def brute(blocks: list[Block], marks: dict[tuple[str, int], int], lifo: bool, follow: bool = True):
    """Every satoshi is an entry of a list: True where tainted. A queue, or a stack."""
    coins: dict[tuple[str, int], list[bool]] = {}
    result = Followed({}, 0, 0, 0)

    def pay(txid: str, waiting: list[bool], values: list[int]) -> list[bool]:
        for n, value in enumerate(values):
            taken = [waiting.pop() if lifo else waiting.pop(0) for _ in range(value)]
            for k in range(marks.get((txid, n), 0)):
                result.marked += not taken[k]
                taken[k] = True
            coins[txid, n] = taken
            result.outputs[txid, n] = sum(taken)
        return [waiting.pop() if lifo else waiting.pop(0) for _ in range(len(waiting))]

    for height, block in enumerate(blocks):
        fees: list[bool] = []
        for position, (spent, values) in enumerate(block.txs, 1):
            waiting = [satoshi for point in spent for satoshi in coins[point]]
            fees += pay(name(height, position), waiting, values)
        new = max(sum(block.coinbase) - len(fees), 0)
        if follow:
            result.lost += sum(pay(name(height, 0), [False] * new + fees, block.coinbase))
        else:
            result.fees += sum(fees)
            pay(name(height, 0), [False] * sum(block.coinbase), block.coinbase)
    return result


def brute_highest(blocks: list[Block], marks: dict[tuple[str, int], int]):
    """TIHO with a bag of tainted satoshi per transaction; only where marks are whole outputs."""
    held: dict[tuple[str, int], int] = {}
    lost = 0

    def pay(txid: str, bag: int, values: list[int]) -> int:
        for value, n in sorted(
            ((value, n) for n, value in enumerate(values)), key=lambda v: (-v[0], v[1])
        ):
            taken = 0
            while bag and taken < value:
                bag, taken = bag - 1, taken + 1
            held[txid, n] = marks.get((txid, n), taken)
        return bag

    for height, block in enumerate(blocks):
        fees = 0
        for position, (spent, values) in enumerate(block.txs, 1):
            fees += pay(name(height, position), sum(held[point] for point in spent), values)
        lost += pay(name(height, 0), fees, block.coinbase)
    return held, lost


def exact_shares(blocks: list[Block], start: tuple[str, int]) -> dict[tuple[str, int], Fraction]:
    """Haircut with fractions of a satoshi, and how many divisions lie behind each output."""
    values = {
        (name(height, position), n): value
        for height, block in enumerate(blocks)
        for position, (_, paid) in enumerate([([], block.coinbase), *block.txs])
        for n, value in enumerate(paid)
    }
    share: dict[tuple[str, int], Fraction] = {}
    for height, block in enumerate(blocks):
        fees = tainted_fees = Fraction(0)
        for position, (spent, paid) in enumerate(block.txs, 1):
            whole = sum(values[point] for point in spent)
            taint = sum((share[point] * values[point] for point in spent), Fraction(0))
            part = taint / whole if whole else Fraction(0)
            for n in range(len(paid)):
                share[name(height, position), n] = part
            fees += whole - sum(paid)
            tainted_fees += part * (whole - sum(paid))
            if start[0] == name(height, position):
                share[start] = Fraction(1)
        whole = max(Fraction(sum(block.coinbase)), fees)
        for n in range(len(block.coinbase)):
            share[name(height, 0), n] = tainted_fees / whole if whole else Fraction(0)
        if start[0] == name(height, 0):
            share[start] = Fraction(1)
    return {point: part * values[point] for point, part in share.items()}
