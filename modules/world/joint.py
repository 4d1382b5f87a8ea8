"""How do several wallets make one transaction? One function per kind of joint transaction.

Sources: Maxwell, "CoinJoin" (2013); ZeroLink and the code of Wasabi 1 and 2 (equal outputs, list of
standard amounts); Samourai's Whirlpool (pools, five coins in and out); JoinMarket's taker and makers;
BIP 78 (PayJoin). What they have in common: nobody's coins are at risk, and the chain does not say
whose input paid which output.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .plan import Joint, Part
from .scripts import DUST, INPUT_WEIGHT, Lock
from .seed import Stream
from .selection import Coin
from .wallets import OVERHEAD, PROGRAMS, Draft, Wallet

Fresh = Callable[[str, int], Lock]
"""Gives a new lock of a wallet (by name) on its receiving (0) or change (1) branch."""

COORDINATOR_SHARE = 333
"""Wasabi 1 took 0.003 per cent a participant: one part in about 333 for nine of them and more."""
LEAST_LISTED = 5_000
MOST_PIECES = 7


def _powers(base: int, *factors: int) -> set[int]:
    return {factor * base**power for power in range(34) for factor in factors}


# The amounts that Wasabi 2 cuts coins into (WalletWasabi, class StandardDenomination).
LISTED = sorted(
    each
    for each in _powers(2, 1) | _powers(3, 1, 2) | _powers(10, 1, 2, 5)
    if LEAST_LISTED <= each <= 100_000_000
)


@dataclass
class _Round:
    """A joint transaction that is being put together."""

    joint: Joint
    wallets: dict[str, Wallet]
    fresh: Fresh
    height: int
    stream: Stream
    coins: list[Coin] = field(default_factory=list)
    outputs: list[tuple[int, bytes, Lock]] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)

    def gather(self, part: Part, target: int) -> list[Coin]:
        """Return coins of a part that bring `target` satoshi once their fee is paid, or none."""
        return self.wallets[part.wallet].gather(target, self.height, self.joint.fee_rate)

    def pay(self, wallet: str, value: int, branch: int = 0) -> None:
        """Add an output of `value` satoshi to a new lock of a wallet."""
        lock = self.fresh(wallet, branch)
        if branch:
            self.changes.append(len(self.outputs))
        self.outputs.append((value, lock.script, lock))

    def output_fee(self, wallet: str, branch: int = 0) -> int:
        """Return what one more output of a wallet costs, in satoshi."""
        program = self.wallets[wallet].program
        size = OUTPUT_SIZE[program.changes if branch else program.receives]
        return size * self.joint.fee_rate

    def keep(self, wallet: str, value: int) -> None:
        """Give what is left back as change, if it is worth an output."""
        value -= self.output_fee(wallet, 1)
        if value >= DUST[self.wallets[wallet].program.changes]:
            self.pay(wallet, value, 1)

    def worth(self, coins: Sequence[Coin]) -> int:
        """Return what coins bring once their own fee is paid, in satoshi."""
        return sum(coin.worth(self.joint.fee_rate) for coin in coins)

    @property
    def overhead(self) -> int:
        """Return what the frame of the transaction costs, in satoshi."""
        return (OVERHEAD * self.joint.fee_rate + 3) // 4 + 8


OUTPUT_SIZE = {"p2pkh": 34, "p2sh-p2wpkh": 32, "p2wpkh": 31, "p2wsh": 43, "p2tr": 43}


def _wasabi1(round_: _Round) -> bool:
    """Each part puts in more than the amount, and takes the amount and its change."""
    joint = round_.joint
    fee = joint.amount // COORDINATOR_SHARE
    gain = 0
    for part in joint.parts:
        cost = round_.output_fee(part.to) + round_.overhead
        # Ask for change that is worth having: who has just the amount waits for another round.
        change = round_.output_fee(part.wallet, 1) + 10 * LEAST_LISTED
        coins = round_.gather(part, joint.amount + fee + cost + change)
        if not coins:
            return False
        round_.coins += coins
        round_.pay(part.to, joint.amount)
        round_.keep(part.wallet, round_.worth(coins) - joint.amount - fee - cost)
        gain += fee
    round_.pay(joint.coordinator, gain)
    return True


def pieces(value: int, cost: int, stream: Stream) -> tuple[list[int], int]:
    """Cut `value` satoshi into amounts of the list; return them and what is left.

    Each piece costs `cost` satoshi of fee. Wallets do not always take the largest piece, or the same
    coin would always be cut the same way.
    """
    cut: list[int] = []
    while len(cut) < MOST_PIECES:
        fitting = [each for each in LISTED if each + cost <= value]
        if not fitting:
            break
        piece = stream.choice(fitting[-4:])
        cut.append(piece)
        value -= piece + cost
    return cut, value


def _wasabi2(round_: _Round) -> bool:
    """Each part's coins are cut into amounts of the list; the small rest goes to the miner."""
    joint = round_.joint
    for part in joint.parts:
        coins = round_.gather(part, part.value)
        if not coins:
            return False
        round_.coins += coins
        cost = round_.output_fee(part.to)
        cut, left = pieces(round_.worth(coins) - round_.overhead, cost, round_.stream)
        for piece in cut:
            round_.pay(part.to, piece)
        if left > LEAST_LISTED:
            round_.keep(part.wallet, left)
    return True


def _whirlpool(round_: _Round) -> bool:
    """One coin of each part: new ones bring a little more than the pool's amount and pay the miner."""
    joint = round_.joint
    for part in joint.parts:
        coin = round_.wallets[part.wallet].coin_of(part.value, round_.height)
        if coin is None:
            return False
        round_.coins.append(coin)
        round_.pay(part.to, joint.amount)
    return True


def _joinmarket(round_: _Round) -> bool:
    """The first part is the taker, who pays the miner and, a little, each of the makers."""
    joint = round_.joint
    taker, *makers = joint.parts
    earned, outside = 0, 0
    for maker in makers:
        coins = round_.gather(maker, joint.amount + 2 * LEAST_LISTED)
        if not coins:
            return False
        gain = round_.stream.between(200, max(201, joint.amount // 20_000))
        round_.coins += coins
        round_.pay(maker.to, joint.amount)
        round_.pay(maker.wallet, sum(coin.value for coin in coins) - joint.amount + gain, 1)
        earned += gain
        outside += round_.output_fee(maker.to) + round_.output_fee(maker.wallet, 1)
        outside += sum(coin.value for coin in coins) - round_.worth(coins)
    cost = earned + outside + round_.output_fee(taker.to) + round_.overhead
    coins = round_.gather(taker, joint.amount + cost + 2 * LEAST_LISTED)
    if not coins:
        return False
    round_.coins += coins
    round_.pay(taker.to, joint.amount)
    round_.keep(taker.wallet, round_.worth(coins) - joint.amount - cost)
    return True


def _payjoin(round_: _Round) -> bool:
    """The one who is paid adds a coin of their own, so that the payment shows in no output."""
    joint = round_.joint
    payer, payee = joint.parts
    own = round_.gather(payee, 1)[:1]
    if not own:
        return False
    extra = sum(coin.value for coin in own) - round_.worth(own)
    cost = round_.output_fee(payee.to) + round_.overhead + extra
    coins = round_.gather(payer, joint.amount + cost)
    if not coins:
        return False
    round_.coins += [*coins, *own]
    round_.pay(payee.to, joint.amount + sum(coin.value for coin in own))
    round_.keep(payer.wallet, round_.worth(coins) - joint.amount - cost)
    return True


_KINDS: dict[str, tuple[str, Callable[[_Round], bool]]] = {
    "wasabi1": ("Round", _wasabi1),
    "wasabi2": ("Round", _wasabi2),
    "whirlpool": ("Pool", _whirlpool),
    "joinmarket": ("Market", _joinmarket),
    "payjoin": ("Market", _payjoin),
}
KINDS = tuple(_KINDS)
"""Every kind of joint transaction."""


def draft(
    joint: Joint, wallets: dict[str, Wallet], fresh: Fresh, height: int, stream: Stream
) -> Draft | None:
    """Draft a joint transaction; None where a part lacks the coins."""
    habit, put_together = _KINDS[joint.kind]
    round_ = _Round(joint, wallets, fresh, height, stream)
    if not put_together(round_):
        return None
    program = PROGRAMS[habit]
    coins = sorted(round_.coins, key=lambda coin: (coin.txid, coin.vout))
    order = list(range(len(round_.outputs)))
    if program.order == "sorted":
        order.sort(key=lambda place: round_.outputs[place][:2])
    else:
        coins, order = stream.shuffled(coins), stream.shuffled(order)
    outputs = tuple(round_.outputs[place] for place in order)
    fee = sum(coin.value for coin in coins) - sum(value for value, _, _ in outputs)
    weight = OVERHEAD + sum(INPUT_WEIGHT[coin.lock.kind] for coin in coins)
    if fee * 4 < weight:
        return None  # nobody relays less than one satoshi per virtual byte
    changes = tuple(order.index(place) for place in round_.changes)
    locktime = height - 1 if program.tip_locktime else 0
    return Draft(program, tuple(coins), outputs, changes, locktime, fee)
