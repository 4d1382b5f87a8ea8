"""What will happen? The plan: who pays whom, when and how much, before a single byte is made."""

from dataclasses import dataclass

from .entities import Entity, WalletPlan


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid: a wallet, the address it keeps for `label` (None: a fresh one), satoshi."""

    wallet: str
    label: str | None
    value: int


@dataclass(frozen=True, slots=True)
class Payment:
    """A transaction to be. payer: wallet; purpose: why it is made, in one or two words.

    fee_rate: satoshi per vbyte; data: what an OP_RETURN output carries; only: spend the coins of
    the address kept for this label; sweep: gather everything into the first payee's address;
    required: the story depends on it, so a wallet that cannot pay is an error, not a delay;
    tag: a mark by which the truth finds the transaction again; kind: "payment", or "whirlpool_tx0".
    """

    payer: str
    purpose: str
    payees: tuple[Payee, ...]
    fee_rate: int
    data: bytes | None = None
    only: str | None = None
    sweep: bool = False
    required: bool = False
    tag: str | None = None
    kind: str = "payment"


@dataclass(frozen=True, slots=True)
class Part:
    """One participant's share in a joint transaction.

    wallet: whose coins go in; to: the wallet that takes the mixed coins; value: satoshi it brings
    (of one coin exactly in a pool, at least so much elsewhere).
    """

    wallet: str
    to: str
    value: int


@dataclass(frozen=True, slots=True)
class Joint:
    """A transaction that several sign together. kind: one of `joint.KINDS`; parts: who takes part,
    in a JoinMarket the taker first, in a PayJoin payer and payee; amount: satoshi of the equal
    outputs, or of the payment; coordinator: wallet that is paid for the service, or empty.
    """

    kind: str
    purpose: str
    parts: tuple[Part, ...]
    amount: int
    fee_rate: int
    coordinator: str = ""
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A case: the wallet whose public address is under inquiry, and what the informant said.

    collector, twin, tip: wallets; informant: entity id; supported: whether the tip is true;
    lookalikes: the innocent patterns planted around the tip; until_height: last block of the case;
    title, brief: texts ("{height}" is filled in once the starting block is known).
    """

    number: int
    collector: str
    twin: str
    tip: str
    informant: str
    supported: bool
    lookalikes: tuple[str, ...]
    until_height: int
    title: str
    brief: str


@dataclass(frozen=True, slots=True)
class Link:
    """A case of crypto-2: the shop, its honest neighbour (entity ids, wallets of the same name), and
    whether the named address is the shop's own.
    """

    number: int
    shop: str
    neighbour: str
    supported: bool
    until_height: int
    title: str
    brief: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole world on paper. Index of times, miners and payments: block height (0 is genesis).

    times: Unix seconds; miners: wallets among which the block shares its reward, the finder first;
    towns: how many share the chain; imitations: wallet -> wallet whose
    public address its own one resembles.
    """

    seed: str
    name: str
    states: tuple[str, ...]
    entities: tuple[Entity, ...]
    wallets: tuple[WalletPlan, ...]
    times: tuple[int, ...]
    miners: tuple[tuple[str, ...], ...]
    payments: tuple[tuple[Payment | Joint, ...], ...]
    inquiries: tuple[Inquiry, ...]
    imitations: tuple[tuple[str, str], ...] = ()
    towns: int = 1
    links: tuple[Link, ...] = ()
