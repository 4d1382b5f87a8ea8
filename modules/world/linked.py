"""How is a case of crypto-2 planted? A shop, a name that was given, and a CoinJoin between them.

Every case is made of the same steps: the shop sells, pays suppliers, gathers its coins and later takes
part in a CoinJoin together with an honest neighbour. In half of the cases the address that the informant
names is another address of the shop; in the other half it is the neighbour's, whom nothing but the
CoinJoin links to the shop.
"""

from collections.abc import Callable

from .actors import MILLI, home_exchange
from .book import Book
from .entities import Entity, WalletPlan, slug
from .inquiries import CASES
from .names import Names
from .plan import Link, Part, Payee
from .seed import Stream

MARGIN = 200_000  # satoshi set aside for the taker's fees
_START, _LENGTH = 150, (210, 250)
_WAIT = 2  # blocks until a step that cannot be afforded yet is tried again
_PROGRAMS = ("Lantern", "Ferry", "Almanac", "Courier", "Harbour", "Kestrel")

# What the shop is called, and what it sells. Briefs are read by people whose third language is English.
_TRADES = (
    (
        "{place} Remedies",
        "The pills of {place}",
        "{shop} sells medicine on the Internet to people in {state}. The health inspectors bought a box:"
        " the pills are falsified, and hold nothing that cures.",
    ),
    (
        "{place} Old Stones",
        "The stones of {place}",
        "{shop} sells small antiquities on the Internet. A museum in {state} recognised three of them:"
        " they were dug up and carried out of the country without a licence.",
    ),
    (
        "{place} Ivory and Horn",
        "The carvings of {place}",
        "{shop} sells carvings on the Internet. The customs service of {state} opened a parcel: they are"
        " made from animals that may not be traded.",
    ),
)
_TIP = (
    " It prints one Bitcoin address on its bills. An informant says that the named address belongs to"
    " the same people."
)

Step = Callable[["LinkedCase", Book], bool]


class LinkedCase:
    """One case of crypto-2 while it is being planned."""

    def __init__(self, number: int, book: Book, names: Names, states: list[str]) -> None:
        """Enter the people of case `number` into `book`, and draw up what will happen."""
        self.stream = stream = Stream(book.seed, "linked", number)
        tips = [at < CASES // 2 for at in range(CASES)]
        supported = Stream(book.seed, "linked fate").shuffled(tips)[number % CASES]
        title, headline, brief = _TRADES[number % len(_TRADES)]
        place, state = names.place(), stream.choice(states)
        self.shop = slug("shop under inquiry", number + 1)
        shop = Entity(self.shop, title.format(place=place), "shop under inquiry", state)
        book.add(shop, WalletPlan(self.shop, self.shop, _PROGRAMS[number % len(_PROGRAMS)]))
        self.neighbour = slug("neighbour", number + 1)
        neighbour = Entity(self.neighbour, names.person(), "neighbour", stream.choice(states))
        book.add(neighbour, WalletPlan(self.neighbour, self.neighbour, "Pocket"))
        start = _START + stream.below(30)
        self.end = start + stream.between(*_LENGTH)
        self.inquiry = Link(
            number=number,
            shop=self.shop,
            neighbour=self.neighbour,
            supported=supported,
            until_height=self.end + stream.between(60, 90),
            title=headline.format(place=place),
            brief=brief.format(shop=shop.name, state=state) + _TIP,
        )
        self.agenda: dict[int, list[Step]] = {}
        self._draw_up(start)

    def act(self, book: Book) -> None:
        """Take the steps due at this block; what cannot be afforded yet waits."""
        for step in self.agenda.pop(book.height, []):
            if not step(self, book):
                self._at(book.height + _WAIT, step)

    def tagged(self, what: str) -> str:
        """Return the mark of this case's payments of one sort."""
        return f"linked {self.inquiry.number:02d} {what}"

    def _at(self, height: int, step: Step) -> None:
        self.agenda.setdefault(height, []).append(step)

    def _draw_up(self, start: int) -> None:
        stream, span = self.stream, self.end - start
        orders = stream.between(15, 19)
        for count in range(orders):
            self._at(start + (count * span + stream.below(span)) // orders, order)
        self._at(start, fund_neighbour)
        for share in (15, 52, 85):
            self._at(start + span * share // 100 + stream.below(8), neighbour_sells)
            self._at(start + span * share // 100 + stream.below(8), neighbour_buys)
        for share in (26, 43, 84, 93):
            self._at(start + span * share // 100 + stream.below(6), sell_and_supply)
        self._at(start + span * 56 // 100, sell_to_both)

    def then(self, book: Book, wait: int, step: Step) -> bool:
        """Let `step` follow in `wait` blocks."""
        self._at(book.height + wait, step)
        return True


def _customer_pays(case: LinkedCase, book: Book, to: str, label: str | None, what: str) -> bool:
    stream = case.stream
    payee = Payee(to, label, stream.between(8, 26) * MILLI + stream.below(MILLI))
    if stream.chance(1, 4):
        book.withdraw(stream.choice(book.of_kind("exchange")), payee)
        return True
    able = [each for each in book.of_kind("household") if book.has(each, payee.value)]
    return bool(able) and book.pay(stream.choice(able), what, [payee])


def order(case: LinkedCase, book: Book) -> bool:
    """A customer pays at an address made for this order."""
    return _customer_pays(case, book, case.shop, None, "payment to a shop")


def sell_to_both(case: LinkedCase, book: Book) -> bool:
    """Just before the shop gathers its coins, its bill's and its other address are both paid."""
    able = [each for each in book.of_kind("household") if book.has(each, 30 * MILLI)]
    if len(able) < 2:
        return False
    for label, payer in zip(("public", "second"), case.stream.sample(able, 2), strict=True):
        payee = Payee(case.shop, label, case.stream.between(8, 26) * MILLI)
        book.pay(payer, "payment to a shop", [payee], tag=case.tagged("sale"))
    return case.then(book, 2, gather_and_mix)


def gather(case: LinkedCase, book: Book) -> bool:
    """The shop moves all its coins to the address of its bills, and so shows that they are one purse."""
    payee = Payee(case.shop, "public", 0)
    tag = case.tagged("gathering")
    return book.pay(case.shop, "consolidation", [payee], sweep=True, tag=tag)


def gather_and_mix(case: LinkedCase, book: Book) -> bool:
    """The shop gathers its coins, and some days later mixes some of them."""
    return gather(case, book) and case.then(book, case.stream.between(14, 22), mix)


def gather_and_supply(case: LinkedCase, book: Book) -> bool:
    """The shop gathers its coins, and pays with them the next day."""
    return gather(case, book) and case.then(book, case.stream.between(2, 4), supply)


def mix(case: LinkedCase, book: Book) -> bool:
    """A stranger buys the company of shop, neighbour and others for a CoinJoin."""
    amount = case.stream.between(20 * MILLI, 30 * MILLI)
    seekers = case.stream.shuffled(book.of_kind("privacy seeker"))
    able = [each for each in seekers if book.has(each, amount + 2 * MARGIN)]
    makers = [case.shop, case.neighbour]
    if len(able) < 4 or not all(book.has(each, amount + MARGIN) for each in makers):
        return False
    taker, *others = able[: case.stream.between(4, 5)]
    parts = [Part(taker, f"{taker} mixed", amount + MARGIN)]
    parts += [Part(each, each, 0) for each in (*makers, *others)]
    gives = {f"{taker} mixed": amount}
    book.join("joinmarket", "mixing", parts, amount, gives, tag=case.tagged("mixing"))
    return True


def sell_and_supply(case: LinkedCase, book: Book) -> bool:
    """A bill is paid, so that the next gathering shows whose the rest is."""
    sold = _customer_pays(case, book, case.shop, "public", "payment to a shop")
    return sold and case.then(book, 4, gather_and_supply)


def supply(case: LinkedCase, book: Book) -> bool:
    """The shop pays a supplier or brings takings to its exchange, and keeps the change."""
    value = book.balance(case.shop) * case.stream.between(30, 45) // 100
    if value < 4 * MILLI:
        return False
    if case.stream.chance(1, 2):
        payee, purpose = (
            Payee(home_exchange(book, case.shop), f"customer {case.shop}", value),
            "cash-out",
        )
    else:
        payee, purpose = Payee(case.stream.choice(book.of_kind("vendor")), None, value), "supplies"
    tag = case.tagged("spending")
    return book.pay(case.shop, purpose, [payee], only="public", tag=tag)


def fund_neighbour(case: LinkedCase, book: Book) -> bool:
    """The neighbour buys coins."""
    payee = Payee(case.neighbour, "public", case.stream.between(80, 120) * MILLI)
    book.withdraw(case.stream.choice(book.of_kind("exchange")), payee)
    return True


def neighbour_sells(case: LinkedCase, book: Book) -> bool:
    """Somebody pays the neighbour, who has a trade too."""
    return _customer_pays(case, book, case.neighbour, "public", "between friends")


def neighbour_buys(case: LinkedCase, book: Book) -> bool:
    """The neighbour goes shopping."""
    shop = case.stream.choice(book.of_kind("merchant"))
    payee = Payee(shop, None, case.stream.between(2, 6) * MILLI)
    return book.pay(case.neighbour, "purchase", [payee])
