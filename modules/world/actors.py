"""Who does what on an ordinary day? One function per kind of entity, in one table.

Each is called once per block with the book, the entity's id and its own stream of chance, and
plans what the entity pays. To add a kind: a row in `entities.KINDS`, a function, a row in `ACTORS`.
"""

from collections.abc import Callable

from .book import COIN, Book
from .plan import Payee
from .seed import Stream

MILLI = COIN // 1000  # 0.001 bitcoin, in satoshi
WEEK = 28  # blocks
_OPENING = 150  # blocks in which coins are still so few that nobody lends

Actor = Callable[[Book, str, Stream], None]


def home_exchange(book: Book, who: str) -> str:
    """Return the exchange at which `who` has an account, always the same one."""
    exchanges = book.of_kind("exchange")
    return exchanges[Stream(book.seed, "account", who).below(len(exchanges))]


def deposit(book: Book, who: str, purpose: str, value: int, tag: str | None = None) -> bool:
    """Pay `value` into `who`'s account: the exchange keeps one address per customer."""
    payee = Payee(home_exchange(book, who), f"customer {who}", value)
    return book.pay(who, purpose, [payee], tag=tag)


def odd(stream: Stream, low: int, high: int) -> int:
    """Draw a price in thousandths of a bitcoin that was converted from money: no round number."""
    return stream.between(low * MILLI, high * MILLI)


def other_than(who: str, people: list[str], stream: Stream) -> str:
    """Return one of `people` (at least two) who is not `who`."""
    while (other := stream.choice(people)) == who:
        pass
    return other


def miner(book: Book, who: str, stream: Stream) -> None:
    """Sell most of what is ripe, and now and then give some into custody."""
    have = book.balance(who)
    if have > 60 * book.large and stream.chance(1, 6):
        if stream.chance(1, 5):
            vault = Payee(book.of_kind("custodian")[0], None, have // 4)
            book.pay(who, "custody", [vault])
        else:
            deposit(book, who, "deposit", have * stream.between(5, 9) // 10)


def exchange(book: Book, who: str, stream: Stream) -> None:
    """Pay customers out in batches, gather their deposits, keep the surplus in the cold wallet."""
    queue = book.queue[who]
    batch: list[Payee] = []
    while queue and len(batch) < 8:
        batch.extend(queue.pop(0))
    if batch and not book.pay(who, "withdrawal", batch):
        queue.insert(0, tuple(batch))
        if book.height > _OPENING:
            # All miners may sell at the other exchange: then this one borrows from it.
            lender = max(book.of_kind("exchange"), key=book.balance)
            book.pay(lender, "loan between exchanges", [Payee(who, None, 50 * book.large)])
    cold, have = f"{who} cold", book.balance(who)
    if have > 700 * book.large:
        book.pay(who, "cold storage", [Payee(cold, None, 200 * book.large)])
    elif have < 100 * book.large:
        book.pay(cold, "from cold storage", [Payee(who, None, 100 * book.large)])
    if stream.chance(1, 20):
        book.pay(who, "sweep", [Payee(who, None, 0)], sweep=True)


def custodian(book: Book, who: str, stream: Stream) -> None:
    """Hand coins back for sale."""
    have = book.balance(who)
    if have > 40 * book.large and stream.chance(1, 8):
        deposit(book, who, "settlement", have // 3)


def employer(book: Book, who: str, stream: Stream) -> None:
    """Pay wages once a week, all in one transaction."""
    everyone = book.of_kind("household")
    firms = book.of_kind("employer")
    mine = everyone[firms.index(who) :: len(firms)]
    payday = (book.height + 9 * firms.index(who)) % WEEK
    if payday == WEEK - 6 and book.balance(who) < 3 * COIN:
        _withdraw(book, who, 4 * COIN)
    if payday == 0:
        wages = [
            Payee(staff, None, Stream(book.seed, "wage", staff).between(90, 220) * MILLI)
            for staff in mine
        ]
        book.pay(who, "wages", wages)


def merchant(book: Book, who: str, stream: Stream) -> None:
    """Bring the takings to the exchange; pay a supplier."""
    have = book.balance(who)
    if have > 60 * MILLI and stream.chance(1, 9):
        deposit(book, who, "takings", have * 7 // 10)
    elif have > 40 * MILLI and stream.chance(1, 14):
        other = other_than(who, book.of_kind("merchant"), stream)
        book.pay(who, "supplies", [Payee(other, None, odd(stream, 5, 30))])


def household(book: Book, who: str, stream: Stream) -> None:
    """Shop, bet, lend to a friend, change money."""
    have = book.balance(who)
    if have < 12 * MILLI and stream.chance(1, 6):
        _withdraw(book, who, stream.between(3, 12) * 10 * MILLI)
    draw = stream.below(100)
    if draw < 15:
        shop = stream.choice(book.of_kind("merchant"))
        # The first merchant prints one address on its receipts; the others make a new one each time.
        label = "public" if shop == book.of_kind("merchant")[0] else None
        book.pay(who, "purchase", [Payee(shop, label, odd(stream, 1, 14))])
    elif draw < 17:
        friend = other_than(who, book.of_kind("household"), stream)
        book.pay(who, "between friends", [Payee(friend, None, stream.between(2, 30) * MILLI)])
    elif draw < 19 and have > 200 * MILLI:
        deposit(book, who, "deposit", have // 2)
    elif draw < 23 and Stream(book.seed, "gambler", who).chance(1, 3):
        site = book.of_kind("gambling site")[0]
        if book.pay(who, "bet", [Payee(site, "public", stream.between(1, 8) * MILLI)]):
            book.queue[site].append((Payee(who, None, 0),))


def gambling_site(book: Book, who: str, stream: Stream) -> None:
    """Pay the winners; refill the till from the exchange."""
    if book.balance(who) < 300 * MILLI and stream.chance(1, 4):
        _withdraw(book, who, COIN)
    for ((winner),) in book.queue[who]:
        if stream.chance(45, 100):
            book.pay(who, "winnings", [Payee(winner.wallet, None, odd(stream, 2, 14))])
    book.queue[who].clear()


def notary(book: Book, who: str, stream: Stream) -> None:
    """Write the digest of the day's documents into the chain."""
    if book.balance(who) < 5 * MILLI:
        if stream.chance(1, 4):
            _withdraw(book, who, 40 * MILLI)
    elif stream.chance(1, 3):
        book.pay(who, "time stamp", [], data=stream.secret(book.height)[:32])


def victim(book: Book, who: str, stream: Stream) -> None:
    """A firm that is blackmailed once: it buys coins in haste, then pays the crew."""
    number = book.of_kind("victim").index(who)
    hit = 190 + 95 * number + Stream(book.seed, "ransom", who).below(40)
    ransom = Stream(book.seed, "ransom", who).between(5, 12) * COIN
    if book.height == hit:
        _withdraw(book, who, ransom + COIN // 10)
    elif book.height == hit + 8:
        book.pay(who, "ransom", [Payee(book.of_kind("ransomware crew")[0], None, ransom)])


def crew(book: Book, who: str, stream: Stream) -> None:
    """Peel the ransom off in slices, through accounts that others opened for the crew."""
    if book.balance(who) > COIN and stream.chance(1, 3):
        mule = f"mule {stream.between(1, 5)}"
        slice_ = odd(stream, 300, 700)
        payee = Payee(home_exchange(book, mule), f"customer {who} {mule}", slice_)
        book.pay(who, "cash-out", [payee])


def _withdraw(book: Book, who: str, value: int) -> None:
    book.withdraw(home_exchange(book, who), Payee(who, None, value))


# In this order within a block: those who ask exchanges for coins come before the exchanges.
ACTORS: dict[str, Actor] = {
    "miner": miner,
    "custodian": custodian,
    "employer": employer,
    "merchant": merchant,
    "household": household,
    "informant": household,
    "gambling site": gambling_site,
    "notary": notary,
    "victim": victim,
    "ransomware crew": crew,
    "exchange": exchange,
}
