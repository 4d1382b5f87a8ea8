"""How is a case planted? The address under inquiry, its honest twin, the tip, and what looks like it.

All twelve cases are made by this one function and so are equally hard: the same number range of
payments, of cash-outs and of innocent lookalikes around the tip. Every second tip is false.
"""

from collections.abc import Callable

from .actors import MILLI, deposit, home_exchange
from .book import Book
from .entities import Entity, WalletPlan, named, slug
from .names import Names
from .plan import Inquiry, Payee
from .schemes import SCHEMES
from .seed import Stream

CASES = 12
LOOKALIKES = ("batch", "refund", "other address", "two hops", "twin", "similar address")
_COLLECTOR_PROGRAMS = ("Lantern", "Anvil", "Harbour", "Ferry", "Kestrel", "Almanac")
_SIMILAR_PROGRAM = "Lantern"  # a similar address is looked for among P2WPKH addresses only
_START, _LENGTH, _LAST = 128, (250, 300), 530

Step = Callable[["Case", Book], bool]


class Case:
    """One case while it is being planned: its inquiry, and an agenda of steps by block height."""

    def __init__(self, number: int, book: Book, names: Names, states: list[str]) -> None:
        """Draw the people of case `number`, enter them into `book`, and draw up the agenda."""
        self.stream = stream = Stream(book.seed, "case", number)
        row = SCHEMES[number % len(SCHEMES)]
        place, state = names.place(), stream.choice(states)
        self.lookalikes, supported = _fate(book.seed, number % CASES)
        similar = "similar address" in self.lookalikes
        program = _SIMILAR_PROGRAM if similar else _COLLECTOR_PROGRAMS[number % 6]
        self.collector = self._enter(
            book, "collector", number, row.collector.format(place=place), state, program
        )
        self.other = f"{self.collector} other"
        book.wallets.append(WalletPlan(self.other, self.collector, program))
        self.twin = self._enter(
            book, "collection", number, row.twin.format(place=place), state, program
        )
        tipper = names.person()
        program = ("Keepsake", "Pocket")[number // 2 % 2]
        self.tip = self._enter(
            book, "person of interest", number, tipper, stream.choice(states), program
        )
        self.imitator = ""
        if similar:
            name = named("{place} Second Hand", names)
            self.imitator = self._enter(book, "small shop", number, name, state, "Lantern")
        informants = book.of_kind("informant")
        informant = informants[number % len(informants)]
        self.end = _START + stream.below(40) + stream.between(*_LENGTH)
        self.inquiry = Inquiry(
            number=number,
            collector=self.collector,
            twin=self.twin,
            tip=self.tip,
            informant=informant,
            supported=supported,
            lookalikes=self.lookalikes,
            until_height=stream.between(self.end + 40, _LAST),
            title=row.title.format(place=place),
            brief=row.brief.format(
                place=place,
                collector=book.entities[self.collector].name,
                state=state,
                tipper=tipper,
                informant=book.entities[informant].name,
                height="{height}",
            ),
        )
        self.agenda: dict[int, list[Step]] = {}
        self._draw_up()

    def act(self, book: Book) -> None:
        """Take the steps due at this block; what cannot be afforded yet waits two blocks."""
        for step in self.agenda.pop(book.height, []):
            if not step(self, book):
                self._at(book.height + 2, step)

    def tagged(self, what: str) -> str:
        """Return the mark of this case's payments of one sort."""
        return f"case {self.inquiry.number:02d} {what}"

    def _enter(
        self, book: Book, kind: str, number: int, name: str, state: str, program: str
    ) -> str:
        id_ = slug(kind, number + 1)
        book.add(Entity(id_, name, kind, state), WalletPlan(id_, id_, program))
        return id_

    def _at(self, height: int, step: Step) -> None:
        self.agenda.setdefault(height, []).append(step)

    def _draw_up(self) -> None:
        stream = self.stream
        start = _START + stream.below(40)
        span = self.end - start
        gifts = stream.between(14, 17)
        for count in range(gifts):  # one in each slice of the time, so that it covers the weeks
            self._at(start + (count * span + stream.below(span)) // gifts, give)
        for count in range(stream.between(11, 14)):
            self._at(start + stream.below(span) + count, give_to_twin)
        for share in (40, 60, 80):
            self._at(start + span * share // 100 + stream.below(8), cash_out)
        for share in (55, 90):
            self._at(start + span * share // 100, twin_spends)
        for place, kind in enumerate(self.lookalikes):
            self._at(start + span * (35 + 30 * place) // 100 + stream.below(10), PLANTS[kind])
        if self.inquiry.supported:
            for share in (45, 75)[: stream.between(1, 2)]:
                self._at(start + span * share // 100 + stream.below(10), tip_pays)


def _fate(seed: str, number: int) -> tuple[tuple[str, str], bool]:
    """Draw which two lookalikes case `number` of a town gets, and whether its tip is true.

    Six tips are true and six false, each lookalike comes up four times; which case gets what
    depends on the seed alone, so that the number of a case betrays nothing.
    """
    stream = Stream(seed, "fate")
    pairs = [(LOOKALIKES[at % 6], LOOKALIKES[(at + 1 + at // 6) % 6]) for at in range(CASES)]
    tips = [at < CASES // 2 for at in range(CASES)]
    return stream.shuffled(pairs)[number], stream.shuffled(tips)[number]


def _gift(stream: Stream) -> int:
    """Draw an amount as people give: often round, sometimes converted from money."""
    if stream.chance(3, 5):
        return stream.choice((2, 3, 5, 10, 15, 20, 25)) * MILLI
    return stream.between(2 * MILLI, 30 * MILLI)


def _pay_or_fund(case: Case, book: Book, payees: list[Payee], purpose: str, tag: str) -> bool:
    """Let the person of the tip pay; where the purse is empty, fill it from the exchange first."""
    if book.pay(case.tip, purpose, payees, tag=case.tagged(tag)):
        return True
    book.withdraw(home_exchange(book, case.tip), Payee(case.tip, None, 60 * MILLI))
    return False


def _from_anyone(case: Case, book: Book, payee: Payee, purpose: str) -> bool:
    """Let some household pay, from its wallet or straight from its account at the exchange."""
    stream = case.stream
    if stream.chance(1, 4):
        book.withdraw(stream.choice(book.of_kind("exchange")), payee)
        return True
    givers = [each for each in book.of_kind("household") if book.has(each, payee.value)]
    return bool(givers) and book.pay(stream.choice(givers), purpose, [payee])


def give(case: Case, book: Book) -> bool:
    """Someone pays to the address under inquiry."""
    payee = Payee(case.collector, "public", _gift(case.stream))
    return _from_anyone(case, book, payee, "payment to a collector")


def give_to_twin(case: Case, book: Book) -> bool:
    """Someone pays to the honest twin, in the same way."""
    payee = Payee(case.twin, "public", _gift(case.stream))
    return _from_anyone(case, book, payee, "payment to a collection")


def cash_out(case: Case, book: Book) -> bool:
    """The collector brings a third of what is there to an exchange."""
    value = book.balance(case.collector) * case.stream.between(25, 40) // 100
    return value > 2 * MILLI and deposit(
        book, case.collector, "cash-out", value, case.tagged("cash-out")
    )


def twin_spends(case: Case, book: Book) -> bool:
    """The twin buys what it collected for."""
    value = book.balance(case.twin) * case.stream.between(25, 40) // 100
    shop = case.stream.choice(book.of_kind("merchant"))
    return value > 2 * MILLI and book.pay(case.twin, "supplies", [Payee(shop, None, value)])


def tip_pays(case: Case, book: Book) -> bool:
    """The tip is true: its address really pays the address under inquiry."""
    payee = Payee(case.collector, "public", _gift(case.stream))
    return _pay_or_fund(case, book, [payee], "payment to a collector", "real")


def batch(case: Case, book: Book) -> bool:
    """An exchange pays both in one transaction, at the request of two customers: no link at all."""
    book.withdraw(
        case.stream.choice(book.of_kind("exchange")),
        Payee(case.collector, "public", _gift(case.stream)),
        Payee(case.tip, None, case.stream.between(10, 40) * MILLI),
    )
    return True


def refund(case: Case, book: Book) -> bool:
    """The money goes the other way: the collector pays the person of the tip."""
    payee = Payee(case.tip, None, case.stream.between(1500, 1900) * MILLI // 1000)
    tag = case.tagged("lookalike")
    return book.pay(case.collector, "refund", [payee], only="public", tag=tag)


def other_address(case: Case, book: Book) -> bool:
    """The person of the tip pays the same collector, but at another address, for something else."""
    payee = Payee(case.other, None, _gift(case.stream))
    return _pay_or_fund(case, book, [payee], "purchase", "lookalike")


def two_hops(case: Case, book: Book) -> bool:
    """The person of the tip pays a friend, who later pays in the same amount of his own will."""
    value = _gift(case.stream)
    friend = case.stream.choice(book.of_kind("household"))
    if not _pay_or_fund(case, book, [Payee(friend, None, value)], "between friends", "lookalike"):
        return False

    def friend_gives(case: Case, book: Book) -> bool:
        payee = Payee(case.collector, "public", value)
        return book.pay(friend, "payment to a collector", [payee], tag=case.tagged("second hop"))

    case.agenda.setdefault(book.height + 2, []).append(friend_gives)
    return True


def same_day_twin(case: Case, book: Book) -> bool:
    """The person of the tip pays the honest twin what someone else pays the collector that day."""
    value = _gift(case.stream)
    givers = [each for each in book.of_kind("household") if book.has(each, value)]
    twin = Payee(case.twin, "public", value)
    if not givers or not _pay_or_fund(case, book, [twin], "payment to a collection", "lookalike"):
        return False
    payee = Payee(case.collector, "public", value)
    return book.pay(case.stream.choice(givers), "payment to a collector", [payee])


def similar_address(case: Case, book: Book) -> bool:
    """The person of the tip pays a shop whose address begins like the one under inquiry."""
    payee = Payee(case.imitator, "public", _gift(case.stream))
    return _pay_or_fund(case, book, [payee], "purchase", "lookalike")


PLANTS: dict[str, Step] = {
    "batch": batch,
    "refund": refund,
    "other address": other_address,
    "two hops": two_hops,
    "twin": same_day_twin,
    "similar address": similar_address,
}
