"""What the published protocols leave in a transaction, one rule for each kind of CoinJoin.

A rule takes a `Shape` and returns a `Match`, or None. Amounts that the chain does not know (what an
input carried, when its source is in an earlier block) never speak for a match.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cointrace.coinjoins.accounts import explained_changes
from cointrace.coinjoins.denominations import (
    PREMIX_LEAST,
    PREMIX_MOST,
    STANDARD,
    TELLING,
    WASABI1_BASE,
    WASABI1_REACH,
)
from cointrace.coinjoins.periods import Period, periods_of
from cointrace.coinjoins.shapes import Shape

JOINMARKET_LEAST = 5
"""One taker and the four makers that JoinMarket asks for at least (`minimum_makers` in its settings)."""
JOINMARKET_MOST = 20
"""An assumption: the sample's largest has 12 participants, Wasabi 1 rounds of the time 39 and more."""
DUST = 2_730
"""JoinMarket's own limit of old: no output at or below it is an equal output."""
SPEND_LIMIT = 4
"""Inputs for each output, at most: the limit of the PETS 2026 study's filter for JoinMarket."""
WASABI1_LEAST = 10
"""An assumption: fewer equal outputs near 0.1 BTC are too common among plain payments."""
ZEROLINK_LEAST = 20
"""An assumption, likewise, for amounts that no coordinator has published."""
_TELLING = frozenset(TELLING.tolist())


@dataclass(frozen=True)
class Match:
    """A rule that holds: the kind, which evidence decides how sure it is, and the sentence."""

    kind: str
    evidence: str
    reason: str
    periods: tuple[Period, ...]


def btc(satoshi: int) -> str:
    """Return an amount in bitcoin without needless zeros."""
    whole, rest = divmod(satoshi, 100_000_000)
    return f"{whole}.{rest:08d}".rstrip("0").rstrip(".") + " BTC"


def whirlpool(shape: Shape) -> Match | None:
    """A Whirlpool mix: as many inputs as outputs, every output exactly the pool's denomination.

    Coins that are new to the pool bring a little more, which pays the miner; the others bring the
    denomination itself. Five coins at first, up to eight since the surge cycles of May 2023. The same
    shape in an amount that no pool has is "other". Where the amounts of inputs are not known, those of
    the outputs must do.
    """
    size = len(shape.out_values)
    amount, count = shape.often
    if not 5 <= size <= 10 or count != size or len(shape.in_values) != size:
        return None
    if shape.spenders != size or shape.receivers != size:
        return None
    extra = [value - amount for value in shape.in_values if value is not None]
    new = sum(more > 0 for more in extra)
    if any(more and not PREMIX_LEAST <= more <= PREMIX_MOST for more in extra):
        return None
    pools = tuple(p for p in periods_of("whirlpool") if p.denomination == amount)
    words = f"{size} coins go in and {size} outputs of exactly {btc(amount)} come out"
    if not shape.funded:
        # Without the inputs' amounts only a pool's own amount and size are telling enough.
        told = f"{words}: the shape of a Whirlpool mix; what the inputs brought is not in the chain"
        return Match("whirlpool", "unfunded", told, pools) if pools and size <= 8 else None
    if not new:
        return None
    words += f"; {new} of the coins bring a little more, to pay the miner"
    if pools and size <= 8:
        return Match("whirlpool", "pool", f"{words}: a Whirlpool mix of that pool", pools)
    return Match("other", "pool", f"{words}: a mix in an amount that is no pool of Whirlpool", ())


def whirlpool_tx0(shape: Shape) -> Match | None:
    """A Tx0, which cuts one owner's coins to a pool's size: not a CoinJoin, but the door to one.

    Equal outputs a little above the pool's denomination, an OP_RETURN in which the coordinator's fee
    address is hidden (64 or 80 bytes), one output that pays the pool's fee (from half of it, because there
    were discounts, up to the twentieth of the denomination that was asked at first), and what is left.
    """
    if len(shape.notes) != 1 or shape.receivers != len(shape.out_owners):
        return None
    for pool in periods_of("whirlpool_tx0"):
        low, high = pool.denomination + PREMIX_LEAST, pool.denomination + PREMIX_MOST
        premix = Counter(value for value in shape.out_values if low <= value <= high)
        if not premix:
            continue
        amount, count = max(premix.items(), key=lambda pair: (pair[1], pair[0]))
        rest = [value for value in shape.out_values if value != amount]
        dearest = pool.denomination // 20
        fees = [value for value in rest if pool.pool_fee / 2 <= value <= dearest]
        if not fees or len(rest) > 3:
            continue
        coded = shape.notes[0] in (64, 80)
        if not coded and (shape.notes[0] >= 0 or count < 2):
            continue
        words = (
            f"{count} outputs of {btc(amount)}, just above the {btc(pool.denomination)} pool, one output "
            f"of {btc(max(fees))} for its fee and one OP_RETURN: a Whirlpool Tx0"
        )
        # Two pools never share an amount, so the first that fits is the one.
        return Match("whirlpool_tx0", "coded" if coded else "uncoded", words, (pool,))
    return None


def wasabi2(shape: Shape) -> Match | None:
    """A Wasabi 2 (WabiSabi) round: most outputs are amounts of its fixed list, many of them odd-looking.

    At least five inputs (the least that the wallet itself accepts since version 2.1), hardly any key or
    script twice, at least half of the outputs from the list, three different amounts of it or more,
    and among them enough powers of two and three, which no invoice names.
    """
    inputs, outputs = len(shape.in_values), len(shape.out_values)
    if inputs < 5 or outputs < 5 or shape.spenders < 0.8 * inputs:
        return None
    if shape.receivers < 0.9 * outputs:
        return None
    listed = [value for value in shape.out_values if value in STANDARD]
    telling = {value for value in listed if value in _TELLING}
    enough = max(3, outputs // 10)
    if 2 * len(listed) < outputs or len(set(listed)) < 3 or len(telling) < 3:
        return None
    if sum(value in _TELLING for value in listed) < enough:
        return None
    return Match(
        "wasabi2",
        "list",
        f"{len(listed)} of {outputs} outputs, to {shape.receivers} different scripts, are amounts of "
        f"Wasabi 2's list, {len(telling)} different powers of two and three among them, and "
        f"{shape.spenders} keys spend: a Wasabi 2 round",
        periods_of("wasabi2"),
    )


def joinmarket(shape: Shape) -> Match | None:
    """A JoinMarket CoinJoin: each participant gets one equal output and one change output.

    Only the taker, who pays the others, may go without change; so there are twice as many outputs as
    participants, or one less. The makers earn a little, so their change is what they brought, less the
    equal amount, plus some satoshi: where amounts are known, that decides how sure the finding is.
    With three or four participants the shape alone is too common, and all makers must be found so.
    """
    amount, count = shape.often
    outputs = len(shape.out_values)
    if not 3 <= count <= JOINMARKET_MOST or outputs not in (2 * count - 1, 2 * count):
        return None
    if amount <= DUST or shape.spenders < count or shape.receivers != outputs:
        return None
    if len(shape.in_values) > SPEND_LIMIT * outputs:
        return None
    found = explained_changes(shape, amount) if shape.funded else 0
    words = (
        f"{count} equal outputs of {btc(amount)} and {outputs - count} others, all to different scripts, "
        f"and {shape.spenders} keys spend"
    )
    told = (
        f"; {found} of the others are what one or two inputs brought beyond it, plus a small gain"
    )
    if count < JOINMARKET_LEAST:
        if found < count - 1:
            return None
        return Match("other", "accounts", f"{words}{told}: a CoinJoin of {count}", ())
    if not shape.funded:
        return Match(
            "joinmarket",
            "unfunded",
            f"{words}: the shape of a JoinMarket CoinJoin; what the inputs brought is not in the chain",
            periods_of("joinmarket"),
        )
    strong = 2 * found >= count - 1
    doubt = "" if strong else ", fewer than one expects"
    return Match(
        "joinmarket",
        "accounts" if strong else "shape",
        f"{words}{told}{doubt}: a JoinMarket CoinJoin",
        periods_of("joinmarket"),
    )


def wasabi1(shape: Shape) -> Match | None:
    """A Wasabi 1 (ZeroLink) round: many equal outputs near 0.1 BTC, all keys native segwit.

    Most outputs beside them are change, or the doubled, fourfold, ... amounts of later versions. The
    same shape at another amount is "other" from twenty equal outputs on.
    """
    amount, count = shape.often
    outputs, inputs = len(shape.out_values), len(shape.in_values)
    if count < WASABI1_LEAST or shape.spenders < count or inputs > 7 * count:
        return None
    if shape.receivers != outputs or not 1.2 * count <= outputs <= 3 * count + 1:
        return None
    if {*shape.in_kinds, *shape.out_kinds} - {"p2wpkh", None}:
        return None
    words = (
        f"{count} of {outputs} outputs are {btc(amount)}, all scripts differ, {shape.spenders} keys spend, "
        "and every key is native segwit"
    )
    if abs(amount - WASABI1_BASE) <= WASABI1_REACH:
        return Match("wasabi1", "base", f"{words}: a Wasabi 1 round", periods_of("wasabi1"))
    if count < ZEROLINK_LEAST or outputs < 1.5 * count:
        return None
    return Match("other", "zerolink", f"{words}: a round like Wasabi 1's, at another amount", ())


RULES = (whirlpool, whirlpool_tx0, wasabi2, joinmarket, wasabi1)
"""In the order in which they are asked: what fits an earlier one is not asked again."""
