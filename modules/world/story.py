"""What happens in this world? Puts people, calendar, everyday life and cases into one plan."""

from .actors import ACTORS, MILLI
from .book import Book
from .calendar import draw_times
from .entities import Entity, WalletPlan, draw_entities, draw_states, slug
from .inquiries import CASES, Case
from .names import Names
from .plan import Payee, Plan
from .seed import Stream

BLOCKS = 540
_RUSH_BLOCKS = 112
_RUSH_PEOPLE = 290


def draw_plan(seed: str, blocks: int = BLOCKS) -> Plan:
    """Draw the whole plan of a world from its seed, `blocks` blocks long after genesis."""
    names = Names(seed)
    book = Book(seed)
    states = draw_states(names)
    for entity, wallet in draw_entities(seed, names, states):
        book.add(entity, wallet)
    for id_ in book.of_kind("exchange"):
        book.wallets.append(WalletPlan(f"{id_} cold", id_, "Strongbox"))
    cases = [Case(number, book, names, states) for number in range(CASES)]
    streams = {id_: Stream(seed, "actor", id_) for id_ in book.entities}
    luck = Stream(seed, "mining")
    miners = book.of_kind("miner")
    for _ in range(blocks):
        # Four miners of unequal strength: 4, 3, 2 and 1 parts in ten.
        book.open_day(miners[(0, 0, 0, 0, 1, 1, 1, 2, 2, 3)[luck.below(10)]])
        for case in cases:
            case.act(book)
        for kind, act in ACTORS.items():
            for id_ in book.of_kind(kind):
                act(book, id_, streams[id_])
        for case in cases:
            ACTORS["household"](book, case.tip, streams[case.tip])
        book.close_day()
    imitations = [(case.imitator, case.collector) for case in cases if case.imitator]
    return _plan(seed, f"The world of {names.place()}", states, book, cases, imitations)


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
    return _plan(seed, "The rush", states, book, [], [])


def _plan(
    seed: str,
    name: str,
    states: list[str],
    book: Book,
    cases: list[Case],
    imitations: list[tuple[str, str]],
) -> Plan:
    return Plan(
        seed=seed,
        name=name,
        states=tuple(states),
        entities=tuple(book.entities.values()),
        wallets=tuple(book.wallets),
        times=tuple(draw_times(seed, book.height)),
        miners=tuple(book.miners),
        payments=tuple(book.payments),
        inquiries=tuple(case.inquiry for case in cases),
        imitations=tuple(imitations),
    )
