"""Who can afford what? The planner's account book, kept in satoshi while the plan is drawn.

It knows no coins and no scripts. Fees are set aside generously, so what it thinks affordable is.
"""

from collections import defaultdict

from .blocks import subsidy
from .entities import Entity, WalletPlan
from .plan import Joint, Part, Payee, Payment
from .seed import Stream
from .wallets import MATURITY

COIN = 100_000_000
_FEE_FLOOR = 15_000  # satoshi set aside for any payment
_FEE_EACH = 2_000  # and for each payee


class Book:
    """Accounts of all wallets at the height that is being planned."""

    def __init__(self, seed: str, town: int = 0, towns: int = 1) -> None:
        """Open the empty book of one of `towns` that share what the miners create."""
        self.seed = seed
        self.town = town
        self._towns = towns
        # What a bitcoin is to the largest purses of a world of one town.
        self.large = COIN // towns
        self.height = 0
        self.entities: dict[str, Entity] = {}
        self.wallets: list[WalletPlan] = []
        self.payments: list[tuple[Payment | Joint, ...]] = [()]
        self.miners: list[str] = [""]
        self.queue: dict[str, list[tuple[Payee, ...]]] = defaultdict(list)
        self._by_kind: dict[str, list[str]] = defaultdict(list)
        self._balance: dict[str, int] = defaultdict(int)
        self._coming: list[tuple[str, int]] = []
        self._today: list[Payment | Joint] = []
        self._gathered: set[str] = set()
        self._fees = Stream(seed, "fees")
        self._level = 4

    def add(self, entity: Entity, *wallets: WalletPlan) -> None:
        """Enter an entity and its wallets."""
        self.entities[entity.id] = entity
        self._by_kind[entity.kind].append(entity.id)
        self.wallets.extend(wallets)

    def of_kind(self, kind: str) -> list[str]:
        """Return the ids of the entities of one kind, in the order of entry."""
        return self._by_kind[kind]

    def open_day(self, miner: str) -> None:
        """Turn to the next block, found by `miner`; what was paid before is now spendable."""
        for wallet, value in self._coming:
            self._balance[wallet] += value
        self._coming.clear()
        self._today = []
        self._gathered.clear()
        self.height += 1
        self.miners.append(miner)
        if self.height > MATURITY:
            ripe = self.height - MATURITY
            self._balance[self.miners[ripe]] += subsidy(ripe) // self._towns
        # The price of space wanders between 1 and 12 satoshi per vbyte.
        self._level = min(12, max(1, self._level + self._fees.between(-1, 1)))

    def close_day(self) -> None:
        """Finish the block."""
        self.payments.append(tuple(self._today))

    def has(self, wallet: str, value: int, payees: int = 1) -> bool:
        """Say whether `wallet` can pay `value` satoshi to so many payees, fees included."""
        # What was gathered in this block can only be spent in the next one.
        return (
            wallet not in self._gathered
            and self._balance[wallet] >= value + _FEE_FLOOR + _FEE_EACH * payees
        )

    def balance(self, wallet: str) -> int:
        """Return what the book holds for `wallet`, in satoshi."""
        return self._balance[wallet]

    def pay(
        self,
        payer: str,
        purpose: str,
        payees: list[Payee],
        *,
        data: bytes | None = None,
        only: str | None = None,
        sweep: bool = False,
        tag: str | None = None,
        kind: str = "payment",
    ) -> bool:
        """Plan a payment in this block if `payer` can afford it; say whether it was planned.

        A payment with a `tag` is one the story depends on.
        """
        total = sum(payee.value for payee in payees)
        if not self.has(payer, total, len(payees)):
            return False
        self._balance[payer] -= total + _FEE_FLOOR + _FEE_EACH * len(payees)
        self._coming.extend((payee.wallet, payee.value) for payee in payees)
        if sweep:
            self._gathered.add(payer)
        rate = max(1, self._level + self._fees.between(-2, 3))
        self._today.append(
            Payment(
                payer, purpose, tuple(payees), rate, data, only, sweep, tag is not None, tag, kind
            )
        )
        return True

    def join(
        self,
        kind: str,
        purpose: str,
        parts: list[Part],
        amount: int,
        gives: dict[str, int],
        *,
        coordinator: str = "",
        tag: str | None = None,
    ) -> None:
        """Plan a joint transaction; `gives` says what each wallet gets out of it, in satoshi.

        Each part's `value` leaves its wallet. The caller has seen to it that it is there.
        """
        for part in parts:
            self._balance[part.wallet] -= part.value
        self._coming.extend(gives.items())
        rate = max(1, self._level + self._fees.between(-2, 3))
        self._today.append(Joint(kind, purpose, tuple(parts), amount, rate, coordinator, tag))

    def withdraw(self, exchange: str, *payees: Payee) -> None:
        """Ask `exchange` to pay coins out to customers; those named together share a batch."""
        self.queue[exchange].append(payees)
