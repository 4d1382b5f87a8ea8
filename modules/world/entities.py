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
    """A kind of entity: how many there are, how they are named, which programs they use.

    purses: names of the further wallets of each.
    """

    kind: str
    count: int
    title: str
    programs: tuple[str, ...]
    purses: tuple[str, ...] = ()


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
    Kind(
        "privacy seeker",
        16,
        "{person}",
        ("Lantern", "Lantern", "Lantern", "Courier"),
        ("premix", "postmix", "mixed"),
    ),
    Kind("round coordinator", 1, "{place} Rounds", ("Lantern",)),
    Kind("pool coordinator", 1, "{place} Pool", ("Lantern",)),
    Kind("darknet market", 1, "{place} Bazaar", ("Strongbox",)),
    Kind("vendor", 5, "vendor {place}", ("Lantern", "Anvil", "Kestrel", "Ferry", "Courier")),
    Kind("custodial mixer", 1, "{place} Blender", ("Harbour",)),
    Kind("broker", 1, "{place} Desk", ("Courier",)),
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


def draw_entities(
    seed: str, names: Names, states: list[str], town: int = 0
) -> list[tuple[Entity, tuple[WalletPlan, ...]]]:
    """Draw the entities of `KINDS` of one town, each with its wallets (the first named like it)."""
    stream = Stream(seed, "entities")
    drawn = []
    for kind in KINDS:
        for number in range(kind.count):
            id_ = slug(kind.kind, town * kind.count + number + 1)
            entity = Entity(id_, named(kind.title, names), kind.kind, stream.choice(states))
            program = kind.programs[number % len(kind.programs)]
            wallets = [WalletPlan(id_, id_, program)]
            wallets += [WalletPlan(f"{id_} {purse}", id_, "Lantern") for purse in kind.purses]
            drawn.append((entity, tuple(wallets)))
    return drawn
