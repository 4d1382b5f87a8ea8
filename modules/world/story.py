"""What happens in this world? Puts people, calendar, everyday life and cases into one plan."""

from dataclasses import replace

from .actors import ACTORS as EVERYDAY
from .actors import MILLI, Actor
from .book import Book
from .calendar import draw_times
from .entities import Entity, WalletPlan, draw_entities, draw_states, slug
from .inquiries import CASES, Case
from .linked import LinkedCase
from .mixing import pool, rounds, seeker
from .names import Names
from .plan import Payee, Plan
from .seed import Stream
from .services import broker, market, mixer, vendor
from .sizes import PUBLIC, Size

# In this order within a block: the exchanges come last, because the others ask them for coins.
ACTORS: dict[str, Actor] = {
    "privacy seeker": seeker,
    "round coordinator": rounds,
    "pool coordinator": pool,
    "darknet market": market,
    "vendor": vendor,
    "custodial mixer": mixer,
    "broker": broker,
    **EVERYDAY,
}
_RUSH_BLOCKS = 112
_RUSH_PEOPLE = 290


class _Town:
    """One town while its story is drawn: its book, its people and its cases."""

    def __init__(self, seed: str, number: int, size: Size, names: Names, states: list[str]) -> None:
        # The first town draws from the seed itself, so that it is the whole of a small world.
        own = seed if number == 0 else f"{seed} town {number}"
        self.book = book = Book(own, number, size.towns)
        for entity, wallets in draw_entities(own, names, states, number):
            book.add(entity, *wallets)
        for id_ in book.of_kind("exchange"):
            book.wallets.append(WalletPlan(f"{id_} cold", id_, "Strongbox"))
        numbers = range(number * CASES, (number + 1) * CASES) if size.cases else ()
        self.cases = [Case(each, book, names, states) for each in numbers]
        self.linked = [LinkedCase(each, book, names, states) for each in numbers]
        self._streams = {id_: Stream(own, "actor", id_) for id_ in book.entities}
        self._luck = Stream(own, "mining")

    def live(self) -> None:
        """Plan what happens here in the next block."""
        book, streams = self.book, self._streams
        # Four miners of unequal strength: 4, 3, 2 and 1 parts in ten.
        miners = book.of_kind("miner")
        book.open_day(miners[(0, 0, 0, 0, 1, 1, 1, 2, 2, 3)[self._luck.below(10)]])
        for case in (*self.cases, *self.linked):
            case.act(book)
        for kind, act in ACTORS.items():
            for id_ in book.of_kind(kind):
                act(book, id_, streams[id_])
        for case in self.cases:
            EVERYDAY["household"](book, case.tip, streams[case.tip])
        book.close_day()


def draw_plan(seed: str, size: Size = PUBLIC) -> Plan:
    """Draw the whole plan of a world of that size from its seed."""
    names = Names(seed)
    states = draw_states(names)
    towns = [_Town(seed, number, size, names, states) for number in range(size.towns)]
    for _ in range(size.blocks):
        for town in towns:
            town.live()
    books = [town.book for town in towns]
    cases = [case for town in towns for case in town.cases]
    plan = _plan(seed, f"The world of {names.place()}", states, books, cases)
    links = tuple(case.inquiry for town in towns for case in town.linked)
    return replace(plan, links=links)


def draw_rush(seed: str) -> Plan:
    """Draw a short world whose last block is so full that its count needs three bytes.

    It serves the hidden question on unseen data, so it is drawn from another seed.
    """
    names = Names(seed)
    book = Book(seed)
    states = draw_states(names)
    stream = Stream(seed, "rush")
    miner = slug("miner", 1)
    book.add(
        Entity(miner, f"{names.place()} Mining", "miner", states[0]),
        WalletPlan(miner, miner, "Lantern"),
    )
    programs = ("Lantern", "Pebble", "Anvil", "Kestrel", "Ferry", "Almanac")
    people = [slug("household", number + 1) for number in range(_RUSH_PEOPLE)]
    for number, id_ in enumerate(people):
        name = f"Resident {number + 1}"
        book.add(
            Entity(id_, name, "household", stream.choice(states)),
            WalletPlan(id_, id_, programs[number % len(programs)]),
        )
    for height in range(1, _RUSH_BLOCKS + 1):
        book.open_day(miner)
        if height == _RUSH_BLOCKS - 5:
            wages = [Payee(each, None, stream.between(40, 90) * MILLI) for each in people]
            book.pay(miner, "wages", wages, tag="rush")
        elif height == _RUSH_BLOCKS:
            for each in people:
                value = stream.between(MILLI, 20 * MILLI)
                book.pay(
                    each, "between friends", [Payee(stream.choice(people), None, value)], tag="rush"
                )
        book.close_day()
    return _plan(seed, "The rush", states, [book], [])


def _plan(seed: str, name: str, states: list[str], books: list[Book], cases: list[Case]) -> Plan:
    height = books[0].height
    # The towns share every block: the finder's town comes first, and a keyed draw says which it is.
    finder = Stream(seed, "finder")
    firsts = [finder.below(len(books)) for _ in range(height + 1)]
    turned = [books[first:] + books[:first] for first in firsts]
    return Plan(
        seed=seed,
        name=name,
        states=tuple(states),
        entities=tuple(entity for book in books for entity in book.entities.values()),
        wallets=tuple(wallet for book in books for wallet in book.wallets),
        times=tuple(draw_times(seed, height)),
        miners=tuple(tuple(book.miners[at] for book in order) for at, order in enumerate(turned)),
        payments=tuple(
            tuple(payment for book in books for payment in book.payments[at])
            for at in range(height + 1)
        ),
        inquiries=tuple(case.inquiry for case in cases),
        imitations=tuple((case.imitator, case.collector) for case in cases if case.imitator),
        towns=len(books),
    )
