"""What is true in the cases of crypto-2? Read off the books: which addresses are one purse, and why."""

from collections import defaultdict
from dataclasses import dataclass

from .errors import WorldError
from .joint import KINDS
from .ledger import Ledger, Record
from .plan import Link

ASSIGNMENT = "crypto-2"
SEIZED = 24  # transactions of seized wallets whose change is known

# How hard a case may be: least and most of each. A world whose cases fall outside is refused.
BAND = {
    "addresses of the purse": (12, 36),
    "addresses of strangers": (4, 14),
    "payments with change": (3, 5),
    "CoinJoins of the purse": (1, 1),
    "payments to the shop": (17, 30),
    "transactions that link the named address": (1, 3),
}


@dataclass(frozen=True, slots=True)
class Purse:
    """One case seen from the books."""

    inquiry: Link
    address: str
    named: str
    addresses: tuple[str, ...]
    joint: tuple[Record, ...]
    strangers: tuple[str, ...]
    alone: tuple[Record, ...]
    spending: tuple[tuple[Record, frozenset[str]], ...]  # with the addresses that were known before
    received: tuple[Record, ...]
    links: tuple[Record, ...]
    seized: tuple[Record, ...]


def spenders(record: Record) -> list[str]:
    """Return the addresses that a transaction spends from, each once."""
    return list(dict.fromkeys(coin.lock.address for coin in record.coins if coin.lock.address))


def purse_of(records: list[Record], address: str) -> list[str]:
    """Return the addresses that were spent together with `address`, directly or over others.

    `records` are transactions of one owner each. The addresses come in order of first use.
    """
    parent: dict[str, str] = {}

    def root(each: str) -> str:
        while parent.setdefault(each, each) != each:
            each = parent[each]
        return each

    for record in records:
        first, *others = spenders(record) or [address]
        for other in others:
            parent[root(other)] = root(first)
    home = root(address)
    return [each for each in list(parent) if root(each) == home]


def _paid(record: Record) -> list[str]:
    """Return the addresses that a transaction pays."""
    return [output.address for output in record.outputs if output.address]


def tell(ledger: Ledger) -> list[Purse]:
    """Find every case of crypto-2 in the books, in one pass over them."""
    shops = {link.shop for link in ledger.plan.links}
    by_payer: dict[str, list[Record]] = defaultdict(list)
    paid: dict[str, list[Record]] = defaultdict(list)
    known: list[Record] = []
    first: dict[str, str] = {}  # address -> txid that paid it first
    for block in ledger.records:
        for record in block:
            for address in _paid(record):
                first.setdefault(address, record.txid)
            payers = record.payer.split(";")
            for payer in payers:
                if payer in shops:
                    by_payer[payer].append(record)
            for owner in {output.owner for output in record.outputs} & shops - set(payers):
                paid[owner].append(record)
            if record.kind == "payment" and record.changes and payers[0].startswith("household"):
                known.append(record)
    return [
        _tell(ledger, link, by_payer[link.shop], paid[link.shop], known, first)
        for link in ledger.plan.links
    ]


def _tell(
    ledger: Ledger,
    link: Link,
    made: list[Record],
    paid: list[Record],
    known: list[Record],
    first: dict[str, str],
) -> Purse:
    made = [record for record in made if record.height <= link.until_height]
    alone = [record for record in made if record.kind not in KINDS]
    mixed = [record for record in made if record.kind in KINDS]
    address = ledger.public[link.shop]
    second = ledger.kept[link.shop, "second"]
    named = second if link.supported else ledger.public[link.neighbour]
    addresses = purse_of(alone, address)
    own = set(addresses)
    mixed = [record for record in mixed if own & set(spenders(record))]
    strangers = dict.fromkeys(
        each for record in mixed for each in spenders(record) if each not in own
    )
    links = [
        record
        for record in (alone if link.supported else mixed)
        if named in spenders(record) and own & {*spenders(record)} - {named}
    ]
    # Known change comes from the households of the town, spread over the time of the case.
    households = [record for record in known if record.height <= link.until_height]
    step = max(1, len(households) // SEIZED)
    return Purse(
        link,
        address,
        named,
        tuple(addresses),
        tuple(mixed),
        tuple(strangers),
        tuple(alone),
        tuple(
            (record, frozenset(each for each in _paid(record) if first[each] != record.txid))
            for record in alone
            if record.changes and own & set(spenders(record))
        ),
        tuple(record for record in paid if record.height <= link.until_height),
        tuple(links),
        tuple(households[link.number % step :: step][:SEIZED]),
    )


def difficulty(purse: Purse) -> dict[str, int]:
    """Measure a case on every scale of `BAND`."""
    return {
        "addresses of the purse": len(purse.addresses),
        "addresses of strangers": len(purse.strangers),
        "payments with change": len(purse.spending),
        "CoinJoins of the purse": len(purse.joint),
        "payments to the shop": len(purse.received),
        "transactions that link the named address": len(purse.links),
    }


def check_band(ledger: Ledger, purse: Purse) -> None:
    """Refuse a case that is easier or harder than the band, or that went against its plan."""
    number, seed = purse.inquiry.number, ledger.plan.seed
    for scale, value in difficulty(purse).items():
        low, high = BAND[scale]
        if not low <= value <= high:
            raise WorldError(
                f"case {number} of {ASSIGNMENT} of seed '{seed}' is not as hard as the others "
                f"({scale}: {value}, allowed {low} to {high}); choose another seed"
            )
    if (purse.named in purse.addresses) != purse.inquiry.supported:
        raise WorldError(
            f"case {number} of {ASSIGNMENT} of seed '{seed}' went against its plan; "
            "choose another seed"
        )


def brief(purse: Purse) -> dict[str, object]:
    """Return what the trainee is told. The change of the seized wallets is known to the court."""
    return {
        "number": purse.inquiry.number,
        "title": purse.inquiry.title,
        "brief": purse.inquiry.brief,
        "address": purse.address,
        "named_address": purse.named,
        "until_height": purse.inquiry.until_height,
        "seized": [
            {"txid": record.txid, "vout": record.changes[0]}
            for record in sorted(purse.seized, key=lambda record: record.txid)
        ],
    }


def answer(purse: Purse) -> dict[str, object]:
    """Return what is true."""
    return {
        "number": purse.inquiry.number,
        "shop": purse.inquiry.shop,
        "neighbour": purse.inquiry.neighbour,
        "addresses": list(purse.addresses),
        # For questions on tables that the trainee has not seen: who spent what, what was new.
        "spends": [
            [record.txid, address]
            for record in purse.alone
            for address in spenders(record)
            if address in purse.addresses
        ],
        "fresh": [
            {
                "outputs": [[place, output.address] for place, output in enumerate(record.outputs)],
                "seen": [each.address for each in record.outputs if each.address in before],
                "new": new[0] if len(new) == 1 else None,
            }
            for record, before in purse.spending
            for new in [[n for n, each in enumerate(record.outputs) if each.address not in before]]
        ],
        "joint": [record.txid for record in purse.joint],
        "strangers": list(purse.strangers),
        # Only what a later co-spending confirms: what went out of sight is not asked about.
        "change": {
            record.txid: record.changes[0]
            for record, _ in purse.spending
            if record.outputs[record.changes[0]].address in purse.addresses
        },
        "named_supported": purse.inquiry.supported,
        "named_txids": [record.txid for record in purse.links],
    }
