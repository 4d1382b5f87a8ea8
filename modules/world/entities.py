"""Who lives in this world, and with which wallets? The table of kinds, and the draw from it."""

from dataclasses import dataclass

from .names import Names
from .seed import Stream

STATES = 6


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, firm or group. id: stable word; state: name of a State of this world."""

    id: str
    name: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class WalletPlan:
    """A wallet that will be opened: name, owner (entity id), program (row of `PROGRAMS`)."""

    name: str
    owner: str
    program: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity: how many there are, how they are named, which programs they use."""

    kind: str
    count: int
    title: str
    programs: tuple[str, ...]


# Read: two exchanges, called "... Exchange", the first runs Ferry, the second Harbour.
KINDS = (
    Kind("miner", 4, "{place} Mining", ("Pickaxe", "Lantern", "Kestrel", "Anvil")),
    Kind("exchange", 2, "{place} Exchange", ("Ferry", "Harbour")),
    Kind("custodian", 1, "{place} Vault", ("Strongbox",)),
    Kind("employer", 3, "{place} Works", ("Pebble", "Harbour", "Lantern")),
    Kind("merchant", 5, "{place} Goods", ("Pebble", "Lantern", "Almanac", "Kestrel", "Ferry")),
    Kind("gambling site", 1, "Lucky {place}", ("Harbour",)),
    Kind("notary", 1, "{place} Time Stamps", ("Lantern",)),
    Kind("ransomware crew", 1, "the {place} crew", ("Lantern",)),
    Kind("victim", 3, "{place} Logistics", ("Pebble", "Anvil", "Harbour")),
    Kind(
        "household",
        30,
        "{person}",
        ("Lantern", "Pebble", "Anvil", "Kestrel", "Ferry", "Almanac", "Keepsake", "Pocket"),
    ),
    Kind("informant", 4, "{person}", ("Pebble", "Lantern", "Keepsake", "Kestrel")),
)


def draw_states(names: Names) -> list[str]:
    """Draw the names of the world's States."""
    return [names.state() for _ in range(STATES)]


def named(title: str, names: Names) -> str:
    """Fill a title such as "{place} Goods" or "{person}"."""
    if "{person}" in title:
        return title.format(person=names.person())
    return title.format(place=names.place())


def slug(kind: str, number: int) -> str:
    """Return the id of the entity `number` (from 1) of `kind`."""
    return f"{kind.replace(' ', '-')}-{number:02d}"


def draw_entities(seed: str, names: Names, states: list[str]) -> list[tuple[Entity, WalletPlan]]:
    """Draw the entities of `KINDS`, each with its first wallet (named like the entity)."""
    stream = Stream(seed, "entities")
    drawn = []
    for kind in KINDS:
        for number in range(kind.count):
            id_ = slug(kind.kind, number + 1)
            entity = Entity(id_, named(kind.title, names), kind.kind, stream.choice(states))
            drawn.append((entity, WalletPlan(id_, id_, kind.programs[number % len(kind.programs)])))
    return drawn
