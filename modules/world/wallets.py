"""How do wallets behave? A table of wallet programs, and the wallet that pays as they do.

What an analyst later reads as a fingerprint (version, locktime, sequence, order of outputs, kind
of the change address, short signatures) is a column of the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import WorldError
from .keys import Keyring
from .scripts import DUST, MULTISIG, NESTED, P2PK, P2PKH, P2TR, P2WPKH, Lock
from .seed import Stream
from .selection import PICKERS, Coin

MATURITY = 100  # blocks before a coinbase may be spent
OVERHEAD = 42  # weight of version, locktime, marker, flag and the two counts (each one byte)


@dataclass(frozen=True, slots=True)
class Program:
    """One wallet program. receives, changes: kinds of script; picker: a name of `PICKERS`;
    order: "shuffled", "change last", "change first" or "sorted" (BIP 69); short: makes low-R
    signatures of 70 bytes; tip_locktime: sets the locktime to the tip's height, else 0;
    one_address: gives every payer the same address and takes its change there.
    """

    receives: str
    changes: str
    picker: str
    version: int
    sequence: int
    tip_locktime: bool
    order: str
    short: bool
    one_address: bool = False


# The names are invented; the habits are those of real kinds of wallet.
PROGRAMS = {
    "Lantern": Program(P2WPKH, P2WPKH, "branch and bound", 2, 0xFFFFFFFD, True, "shuffled", True),
    "Kestrel": Program(P2TR, P2TR, "branch and bound", 2, 0xFFFFFFFD, True, "shuffled", True),
    "Harbour": Program(P2WPKH, P2WPKH, "oldest first", 2, 0xFFFFFFFD, True, "sorted", True),
    "Pebble": Program(NESTED, NESTED, "largest first", 1, 0xFFFFFFFF, False, "change last", False),
    "Anvil": Program(P2PKH, P2PKH, "oldest first", 1, 0xFFFFFFFF, False, "shuffled", False),
    "Ferry": Program(NESTED, P2WPKH, "random draw", 2, 0xFFFFFFFE, False, "shuffled", True),
    "Almanac": Program(P2PKH, P2WPKH, "largest first", 2, 0xFFFFFFFE, True, "change first", True),
    "Keepsake": Program(
        P2PKH, P2PKH, "oldest first", 1, 0xFFFFFFFF, False, "change last", False, True
    ),
    "Pocket": Program(
        P2WPKH, P2WPKH, "random draw", 1, 0xFFFFFFFF, False, "change last", False, True
    ),
    "Strongbox": Program(
        MULTISIG, MULTISIG, "largest first", 2, 0xFFFFFFFD, True, "shuffled", True
    ),
    "Courier": Program(P2WPKH, P2WPKH, "oldest first", 2, 0xFFFFFFFD, False, "change last", True),
    # Not wallets but the habits of joint transactions: rounds, pools, and makers' offers.
    "Round": Program(P2WPKH, P2WPKH, "oldest first", 1, 0xFFFFFFFF, False, "shuffled", True),
    "Pool": Program(P2WPKH, P2WPKH, "oldest first", 1, 0xFFFFFFFF, False, "sorted", True),
    "Market": Program(P2WPKH, P2WPKH, "oldest first", 2, 0xFFFFFFFE, True, "shuffled", True),
    "Pickaxe": Program(P2PK, P2PKH, "oldest first", 1, 0xFFFFFFFF, False, "change last", False),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction before it is signed. outputs: (satoshi, script, lock or None for data);
    changes: places of the change outputs; fee in satoshi.
    """

    program: Program
    coins: tuple[Coin, ...]
    outputs: tuple[tuple[int, bytes, Lock | None], ...]
    changes: tuple[int, ...]
    locktime: int
    fee: int


class Wallet:
    """One wallet: keys, coins and habits."""

    def __init__(self, name: str, owner: str, program: str, seed: str) -> None:
        """Open the empty wallet `name` of entity `owner`, run by `program` (a row of PROGRAMS)."""
        self.name, self.owner = name, owner
        self.program = PROGRAMS[program]
        self.keys = Keyring(Stream(seed, "keys").secret(name))
        self.coins: dict[tuple[bytes, int], Coin] = {}
        self._stream = Stream(seed, "wallet", name)
        self._next = [0, 0]
        self._kept: dict[str, Lock] = {}

    def fresh(self, branch: int = 0) -> Lock:
        """Return a lock never used before, on the receiving (0) or the change (1) branch."""
        index, self._next[branch] = self._next[branch], self._next[branch] + 1
        kind = self.program.changes if branch else self.program.receives
        return self.keys.lock(kind, branch, index)

    def kept(self, label: str) -> Lock:
        """Return the lock kept for `label` (a customer, "public"), the same every time."""
        if label not in self._kept:
            self._kept[label] = self.fresh()
        return self._kept[label]

    def locks(self) -> dict[str, Lock]:
        """Return the locks that are kept so far, by label."""
        return dict(self._kept)

    def imitate(self, original: Lock) -> None:
        """Keep as public address one that begins like `original`."""
        self._kept["public"] = self.keys.lookalike(original)

    def change_lock(self) -> Lock:
        """Return where change goes."""
        return self.kept("public") if self.program.one_address else self.fresh(1)

    def pay(
        self,
        outputs: Sequence[tuple[int, bytes, Lock | None]],
        height: int,
        fee_rate: int,
        only: Lock | None = None,
    ) -> Draft | None:
        """Draft a payment of `outputs` for the block at `height` at `fee_rate` sat/vbyte.

        `only` restricts the coins to those of one lock (coin control). Returns None where the
        coins do not suffice. The coins are not yet taken: see `spend`.
        """
        coins = self._spendable(height, only)
        change = self.program.changes
        change_weight = (9 + {P2PKH: 25, NESTED: 23, P2WPKH: 22}.get(change, 34)) * 4
        change_cost = (change_weight * fee_rate + 3) // 4
        paid = sum(value for value, _, _ in outputs)
        base = OVERHEAD + sum((9 + len(script)) * 4 for _, script, _ in outputs)
        target = paid + (base * fee_rate + 3) // 4
        slack = change_cost + DUST[change]
        picker = PICKERS[self.program.picker]
        picked = picker(coins, target, fee_rate, slack, self._stream)
        if not picked:
            return None
        left = sum(coin.worth(fee_rate) for coin in picked) - target - change_cost
        made = list(outputs)
        if left >= DUST[change]:
            lock = self.change_lock()
            made.append((left, lock.script, lock))
        return self._draft(picked, made, len(outputs) if len(made) > len(outputs) else None, height)

    def sweep(self, to: Lock, height: int, fee_rate: int, only: Lock | None = None) -> Draft | None:
        """Draft a transaction that gathers coins (all, or those of `only`) into one output."""
        coins = [coin for coin in self._spendable(height, only) if coin.worth(fee_rate) > 0]
        weight = OVERHEAD + to.output_weight
        left = sum(coin.worth(fee_rate) for coin in coins) - (weight * fee_rate + 3) // 4
        if left < DUST[to.kind]:
            return None
        return self._draft(coins, [(left, to.script, to)], None, height)

    def gather(self, target: int, height: int, fee_rate: int) -> list[Coin]:
        """Return coins that bring at least `target` satoshi once their own fee is paid, or none."""
        coins = self._spendable(height, None)
        picked = PICKERS["largest first"](coins, target, fee_rate, 0, self._stream)
        return list(picked)

    def coin_of(self, value: int, height: int) -> Coin | None:
        """Return the oldest coin of exactly `value` satoshi, or None."""
        fitting = (coin for coin in self._spendable(height, None) if coin.value == value)
        return next(fitting, None)

    def receive(self, coin: Coin) -> None:
        """Put a coin into the wallet."""
        self.coins[coin.txid, coin.vout] = coin

    def spend(self, coin: Coin) -> None:
        """Take a coin out of the wallet; a coin that is not there is a fault of the plan."""
        if self.coins.pop((coin.txid, coin.vout), None) is None:
            raise WorldError(f"wallet {self.name} spends a coin twice; mend its actor")

    def _spendable(self, height: int, only: Lock | None) -> list[Coin]:
        return [
            coin
            for coin in self.coins.values()
            if (not coin.coinbase or coin.height + MATURITY <= height)
            and (only is None or coin.lock.script == only.script)
        ]

    def _draft(
        self,
        coins: Sequence[Coin],
        outputs: list[tuple[int, bytes, Lock | None]],
        change: int | None,
        height: int,
    ) -> Draft:
        order = self.program.order
        places = list(range(len(outputs)))
        picked = tuple(coins)
        if order == "sorted":  # BIP 69
            picked = tuple(sorted(coins, key=lambda coin: (coin.txid, coin.vout)))
            places.sort(key=lambda place: outputs[place][:2])
        elif order == "shuffled":
            places = self._stream.shuffled(places)
        elif order == "change first" and change is not None:
            places = [change, *places[:-1]]
        made = tuple(outputs[place] for place in places)
        fee = sum(coin.value for coin in coins) - sum(value for value, _, _ in made)
        locktime = height - 1 if self.program.tip_locktime else 0
        kept = () if change is None else (places.index(change),)
        return Draft(self.program, picked, made, kept, locktime, fee)
