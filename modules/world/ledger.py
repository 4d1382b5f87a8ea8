"""What did happen? Plays the plan: wallets pay, miners seal blocks, and the books are kept."""

from collections.abc import Callable
from dataclasses import dataclass

from . import joint
from .blocks import Block, coinbase, genesis, mine, subsidy
from .errors import WorldError
from .plan import Joint, Payee, Payment, Plan
from .scripts import Lock, remark
from .seed import Stream
from .selection import Coin
from .signing import Signed, sign
from .wallets import Draft, Wallet

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Output:
    """An output as the books know it. owner: entity, empty where nobody can spend it."""

    value: int
    address: str | None
    script: bytes
    owner: str


@dataclass(frozen=True, slots=True)
class Record:
    """A transaction as the books know it: who paid, why, from which coins, with which change.

    txid: display order; payer: entity, empty for a coinbase, several with ";" between them where
    several signed; changes: places of the change outputs; kind: "coinbase", "payment" or the kind
    of joint transaction.
    """

    txid: str
    height: int
    payer: str
    purpose: str
    coins: tuple[Coin, ...]
    outputs: tuple[Output, ...]
    changes: tuple[int, ...]
    fee: int
    tag: str | None
    kind: str = "payment"


@dataclass(frozen=True, slots=True)
class Ledger:
    """A played plan: its blocks, the records of every block, and how many payments fell out."""

    plan: Plan
    blocks: tuple[Block, ...]
    records: tuple[tuple[Record, ...], ...]
    public: dict[str, str]  # wallet -> its public address
    kept: dict[tuple[str, str], str]  # wallet and label -> the address kept for it
    skipped: int


class _Player:
    """The state of the world while the plan is played."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.wallets = {
            each.name: Wallet(each.name, each.owner, each.program, plan.seed)
            for each in plan.wallets
        }
        for imitator, original in plan.imitations:
            self.wallets[imitator].imitate(self.wallets[original].kept("public"))
        self.names = {entity.id: entity.name for entity in plan.entities}
        self.holder: dict[bytes, Wallet] = {}
        self.skipped = 0

    def lock_of(self, payee: Payee) -> Lock:
        wallet = self.wallets[payee.wallet]
        if wallet.program.one_address:
            lock = wallet.kept("public")
        else:
            lock = wallet.fresh() if payee.label is None else wallet.kept(payee.label)
        self.holder[lock.script] = wallet
        return lock

    def draft(self, payment: Payment | Joint, height: int) -> Draft | None:
        """Draft a payment; None where the coins do not suffice and nothing depends on it."""
        if isinstance(payment, Joint):
            stream = Stream(self.plan.seed, "joint", height, payment.parts[0].wallet)
            made = joint.draft(payment, self.wallets, self._fresh, height, stream)
            who, required = payment.parts[0].wallet, payment.tag is not None
        else:
            made = self._payment(payment, height)
            who, required = payment.payer, payment.required
        if made is None and required:
            raise WorldError(
                f"{who} cannot pay for '{payment.purpose}' at block {height}; "
                "give it more coins in the plan"
            )
        return made

    def _fresh(self, name: str, branch: int) -> Lock:
        wallet = self.wallets[name]
        lock = wallet.change_lock() if branch else wallet.fresh()
        self.holder[lock.script] = wallet
        return lock

    def _payment(self, payment: Payment, height: int) -> Draft | None:
        wallet = self.wallets[payment.payer]
        only = None if payment.only is None else wallet.kept(payment.only)
        if payment.sweep:
            to = self.lock_of(payment.payees[0])
            return wallet.sweep(to, height, payment.fee_rate, only)
        outputs: list[tuple[int, bytes, Lock | None]] = []
        for payee in payment.payees:
            lock = self.lock_of(payee)
            outputs.append((payee.value, lock.script, lock))
        if payment.data is not None:
            outputs.append((0, remark(payment.data), None))
        draft = wallet.pay(outputs, height, payment.fee_rate, only)
        if draft is not None:
            for place in draft.changes:
                self.holder[draft.outputs[place][1]] = wallet
        return draft

    def block(self, height: int, previous: bytes) -> tuple[Block, tuple[Record, ...]]:
        """Play the payments of one height and seal them."""
        made: list[tuple[Signed, Record]] = []
        foreign: list[tuple[Wallet, Coin]] = []
        for payment in self.plan.payments[height]:
            draft = self.draft(payment, height)
            if draft is None:
                self.skipped += 1
                continue
            signed = sign(draft)
            for coin in draft.coins:
                self.holder[coin.lock.script].spend(coin)
            for place, (value, script, lock) in enumerate(draft.outputs):
                if lock is None:
                    continue
                coin = Coin(signed.txid, place, value, lock, height)
                if place in draft.changes:
                    self.holder[script].receive(coin)  # own change may be spent unconfirmed
                else:
                    foreign.append((self.holder[script], coin))
            made.append((signed, self._record(payment, draft, signed, height)))
        for wallet, coin in foreign:
            wallet.receive(coin)
        made = _packed(made)
        first, opening = self._reward(height, made)
        signed = [first, *(each for each, _ in made)]
        block = mine(height, previous, self.plan.times[height], signed)
        return block, (opening, *(record for _, record in made))

    def _reward(self, height: int, made: list[tuple[Signed, Record]]) -> tuple[Signed, Record]:
        """Share what the block creates among its miners; the fees are the finder's."""
        miners = [self.wallets[name] for name in self.plan.miners[height]]
        share, rest = divmod(subsidy(height), len(miners))
        fees = sum(record.fee for _, record in made)
        locks = [miner.fresh() for miner in miners]
        values = [share + (0 if place else rest + fees) for place in range(len(miners))]
        mark = f"/{self.names[miners[0].owner]}/"
        rewards = [(value, lock.script) for value, lock in zip(values, locks, strict=True)]
        first = coinbase(height, rewards, mark, [signed for signed, _ in made])
        outputs = []
        for place, (miner, lock, value) in enumerate(zip(miners, locks, values, strict=True)):
            self.holder[lock.script] = miner
            miner.receive(Coin(first.txid, place, value, lock, height, True))
            outputs.append(Output(value, lock.address, lock.script, miner.owner))
        record = Record(
            first.txid.hex(), height, "", "coinbase", (), tuple(outputs), (), 0, None, "coinbase"
        )
        return first, record

    def _record(
        self, payment: Payment | Joint, draft: Draft, signed: Signed, height: int
    ) -> Record:
        outputs = tuple(
            Output(
                value,
                lock.address if lock else None,
                script,
                self.holder[script].owner if lock else "",
            )
            for value, script, lock in draft.outputs
        )
        payers = dict.fromkeys(self.holder[coin.lock.script].owner for coin in draft.coins)
        return Record(
            signed.txid.hex(),
            height,
            ";".join(payers),
            payment.purpose,
            draft.coins,
            outputs,
            draft.changes,
            draft.fee,
            payment.tag,
            payment.kind,
        )


def _packed(made: list[tuple[Signed, Record]]) -> list[tuple[Signed, Record]]:
    """Order a block as miners do: best fee per weight first, but parents before children."""
    places = {signed.txid: place for place, (signed, _) in enumerate(made)}
    best = sorted(
        range(len(made)),
        key=lambda place: (-made[place][1].fee * 1000 // made[place][0].weight, place),
    )
    packed: dict[int, None] = {}

    for first in best:
        waiting = [first]
        while waiting:
            place = waiting[-1]
            parents = [
                places[coin.txid]
                for coin in made[place][1].coins
                if coin.txid in places and places[coin.txid] not in packed
            ]
            if parents:
                waiting.extend(parents)
            else:
                packed[waiting.pop()] = None
    return [made[place] for place in packed]


def play(plan: Plan, progress: Progress | None = None) -> Ledger:
    """Play the plan to the end; `progress` is told blocks done and blocks in all."""
    player = _Player(plan)
    blocks, records = [genesis()], [()]
    for height in range(1, len(plan.payments)):
        block, made = player.block(height, blocks[-1].hash)
        blocks.append(block)
        records.append(made)
        if progress:
            progress(height, len(plan.payments) - 1)
    public = {
        name: address
        for name, wallet in player.wallets.items()
        if (address := wallet.kept("public").address)
    }
    kept = {
        (name, label): lock.address
        for name, wallet in player.wallets.items()
        for label, lock in wallet.locks().items()
        if lock.address
    }
    return Ledger(plan, tuple(blocks), tuple(records), public, kept, player.skipped)
