"""Who mixes coins with whom? People who guard their privacy, and those who run pools and rounds.

Most of them have nothing to hide from a court: that is the point of the cases in which a mixing alone
proves nothing.
"""

from .book import COIN, Book
from .plan import Part, Payee
from .seed import Stream

MILLI = COIN // 1000
POOL = 10 * MILLI  # the amount of every mix, one of Whirlpool's pools
POOL_FEE = 50_000  # satoshi for the coordinator, once for each Tx0
SEATS = 5  # coins in a mix of the pool
_NOTE = 64  # bytes in which a Tx0 hides the address of its fee
_MARGIN = 200_000  # satoshi set aside for fees of a joint transaction
_LEAVING = 20_000  # satoshi that a coin loses to the miner when it leaves the pool
_FIRST = 150  # block before which coins are too few to mix


def new_coin(book: Book, who: str) -> int:
    """Return what each coin of `who` brings into the pool: its amount, and the fee of a first mix."""
    return POOL + Stream(book.seed, "premix", who).between(5_000, 20_000)


def seeker(book: Book, who: str, stream: Stream) -> None:
    """Prepare coins for the pool, buy from mixed ones, join makers, pay by PayJoin."""
    if book.height < _FIRST:
        return
    have = book.balance(who)
    if have < 180 * MILLI and stream.chance(1, 6):
        exchanges = book.of_kind("exchange")
        value = stream.between(25, 60) * POOL
        book.withdraw(stream.choice(exchanges), Payee(who, None, value))
    draw = stream.below(200)
    if draw < 6:
        prepare(book, who, stream)
    elif draw < 24:
        shop = Payee(stream.choice(book.of_kind("merchant")), None, stream.between(1, 14) * MILLI)
        book.pay(f"{who} mixed", "purchase", [shop])
    elif draw < 36 and book.balance(f"{who} postmix") >= POOL:
        # One whole coin leaves the pool; what stays there can be mixed again.
        out = Payee(f"{who} mixed", None, POOL - _LEAVING)
        book.pay(f"{who} postmix", "out of a pool", [out])
    elif draw < 40:
        take_offers(book, who, stream)
    elif draw < 44:
        payjoin(book, who, stream)


def prepare(book: Book, who: str, stream: Stream) -> None:
    """Make a Tx0: cut coins to the pool's size, pay its coordinator."""
    coin = new_coin(book, who)
    payees = [Payee(f"{who} premix", None, coin)] * stream.between(4, 9)
    payees.append(Payee(book.of_kind("pool coordinator")[0], None, POOL_FEE))
    note = stream.secret("tx0", book.height)[:_NOTE]
    book.pay(who, "entry to a pool", payees, data=note, kind="whirlpool_tx0")


def take_offers(book: Book, who: str, stream: Stream) -> None:
    """Be the taker of a JoinMarket: buy the company of four to six makers."""
    amount = stream.between(20 * MILLI, 60 * MILLI)
    others = [each for each in book.of_kind("privacy seeker") if each != who]
    makers = [each for each in stream.shuffled(others) if book.has(each, amount + _MARGIN)]
    count = stream.between(4, 6)
    if len(makers) < count or not book.has(who, amount + 2 * _MARGIN):
        return
    join_market(book, who, makers[:count], amount, f"{who} mixed")


def join_market(
    book: Book, taker: str, makers: list[str], amount: int, to: str, tag: str | None = None
) -> None:
    """Plan a JoinMarket transaction; makers keep what they mixed, the taker's goes to `to`."""
    parts = [Part(taker, to, amount + _MARGIN)]
    parts += [Part(maker, maker, 0) for maker in makers]
    book.join("joinmarket", "mixing", parts, amount, {to: amount}, tag=tag)


def payjoin(book: Book, who: str, stream: Stream) -> None:
    """Pay a shop that adds a coin of its own."""
    price = stream.between(MILLI, 12 * MILLI)
    shops = [each for each in book.of_kind("merchant") if book.has(each, price)]
    if shops and book.has(who, price + _MARGIN):
        shop = stream.choice(shops)
        parts = [Part(who, who, price + _MARGIN), Part(shop, shop, 0)]
        book.join("payjoin", "purchase", parts, price, {shop: price})


def pool(book: Book, who: str, stream: Stream) -> None:
    """Seat five coins of different people in a mix: two or three that are new, the others again."""
    if not stream.chance(1, 4):
        return
    people = stream.shuffled(book.of_kind("privacy seeker"))
    fresh = [each for each in people if book.balance(f"{each} premix") >= new_coin(book, each)]
    fresh = fresh[: stream.between(2, 3)]
    again = [
        each for each in people if each not in fresh and book.balance(f"{each} postmix") >= POOL
    ]
    if len(fresh) + len(again) < SEATS:  # the pool opens with new coins only
        everyone = [
            each for each in people if book.balance(f"{each} premix") >= new_coin(book, each)
        ]
        fresh, again = everyone[:SEATS], []
    if not fresh or len(fresh) + len(again) < SEATS:
        return
    again = again[: SEATS - len(fresh)]
    parts = [Part(f"{each} premix", f"{each} postmix", new_coin(book, each)) for each in fresh]
    parts += [Part(f"{each} postmix", f"{each} postmix", POOL) for each in again]
    book.join("whirlpool", "mixing", parts, POOL, {part.to: POOL for part in parts})


def rounds(book: Book, who: str, stream: Stream) -> None:
    """Hold a round about once a week: of equal amounts, or of amounts from a list."""
    if book.height < _FIRST + 20:
        return
    people = stream.shuffled(book.of_kind("privacy seeker"))
    draw = stream.below(60)
    if draw < 2:
        amount = stream.between(99 * MILLI, 104 * MILLI)
        able = [each for each in people if book.has(each, amount + 2 * _MARGIN)]
        if len(able) >= 11:
            parts = [Part(each, f"{each} mixed", amount + 2 * _MARGIN) for each in able[:14]]
            gives = {part.to: amount for part in parts}
            book.join("wasabi1", "mixing", parts, amount, gives, coordinator=who)
    elif draw < 4:
        able = [each for each in people if book.has(each, 50 * MILLI)]
        if len(able) >= 7:
            parts = [
                Part(each, each, stream.between(20, 45) * MILLI)
                for each in able[: stream.between(7, 12)]
            ]
            book.join("wasabi2", "mixing", parts, 0, {part.to: part.value for part in parts})
