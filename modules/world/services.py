"""Who handles other people's coins? A market with escrow, a mixer that keeps books, a broker.

Their customers' coins pass through wallets of theirs, so a trace that walks into them comes out with
strangers. Courts call that the end of the trail; analysts sometimes do not.
"""

from .actors import deposit, home_exchange, odd
from .book import COIN, Book
from .plan import Payee
from .seed import Stream

MILLI = COIN // 1000
_FIRST = 150


def market(book: Book, who: str, stream: Stream) -> None:
    """Sell for others: each order has a 2-of-3 address of its own, which pays the vendor or refunds."""
    for order in [each for each in book.queue[who] if stream.chance(1, 6)]:
        book.queue[who].remove(order)
        vendor, buyer = order
        # Nineteen of twenty orders arrive; the market keeps its share.
        arrived = stream.chance(19, 20)
        to = vendor if arrived else buyer
        value = vendor.value * (95 if arrived else 97) // 100
        purpose = "release from escrow" if arrived else "refund from escrow"
        book.pay(who, purpose, [Payee(to.wallet, None, value)], only=vendor.label)
    if book.height < _FIRST:
        return
    for _ in range(2):
        buyers = book.of_kind("household")
        buyer = stream.choice(buyers)
        price = odd(stream, 3, 25)
        if stream.chance(1, 4) and book.has(buyer, price):
            label = f"order {book.height} {buyer}"
            if book.pay(buyer, "order on a market", [Payee(who, label, price)]):
                vendor = stream.choice(book.of_kind("vendor"))
                book.queue[who].append((Payee(vendor, label, price), Payee(buyer, None, price)))
    have = book.balance(who)
    if have > 300 * MILLI and stream.chance(1, 30):
        deposit(book, who, "commission", have // 4)


def vendor(book: Book, who: str, stream: Stream) -> None:
    """Sell on the market; bring the takings to an exchange, to the broker or to the mixer."""
    have = book.balance(who)
    if have < 40 * MILLI or not stream.chance(1, 14):
        return
    draw, value = stream.below(3), have * 7 // 10
    if draw == 0:
        deposit(book, who, "cash-out", value)
    elif draw == 1:
        book.pay(who, "sale to a broker", [Payee(book.of_kind("broker")[0], None, value)])
    else:
        into_mixer(book, who, value)


def into_mixer(book: Book, who: str, value: int, tag: str | None = None) -> bool:
    """Give coins to the mixer, which owes them back at another address, less its fee."""
    mixer = book.of_kind("custodial mixer")[0]
    if not book.pay(who, "deposit at a mixer", [Payee(mixer, None, value)], tag=tag):
        return False
    book.queue[mixer].append((Payee(who, None, value * 97 // 100),))
    return True


def mixer(book: Book, who: str, stream: Stream) -> None:
    """Pay out in two or three parts, hours to days later, from whatever coins are there."""
    for ((owed),) in [each for each in book.queue[who] if stream.chance(1, 10)]:
        part = owed.value if owed.value < 20 * MILLI else owed.value * stream.between(3, 6) // 10
        if book.pay(who, "payout of a mixer", [Payee(owed.wallet, None, part)]):
            book.queue[who].remove((owed,))
            if part < owed.value:
                book.queue[who].append((Payee(owed.wallet, None, owed.value - part),))
    if book.balance(who) < COIN and stream.chance(1, 4):
        book.withdraw(home_exchange(book, who), Payee(who, None, COIN))
    if book.height > _FIRST and stream.chance(1, 6):  # most customers have done nothing wrong
        seeker = stream.choice(book.of_kind("privacy seeker"))
        into_mixer(book, seeker, odd(stream, 10, 60))


def broker(book: Book, who: str, stream: Stream) -> None:
    """Buy coins from people and sell them on, in person and to an exchange."""
    if book.balance(who) < 2 * COIN and stream.chance(1, 5):
        book.withdraw(home_exchange(book, who), Payee(who, None, 2 * COIN))
    if book.height > _FIRST and stream.chance(1, 4):
        buyer = stream.choice(book.of_kind("household"))
        book.pay(who, "sale by a broker", [Payee(buyer, None, odd(stream, 10, 80))])
    if book.balance(who) > 5 * COIN and stream.chance(1, 10):
        deposit(book, who, "deposit", 2 * COIN)
