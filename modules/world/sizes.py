"""How large is a world? One row per size.

A world is a number of towns that share one chain. Each town has its own people, firms and services
and its own twelve cases of every kind; so a larger world is a longer list of towns, and a case in it
is as hard as in a small one.
"""

from dataclasses import dataclass

from .errors import WorldError

BLOCKS = 540


@dataclass(frozen=True, slots=True)
class Size:
    """A size of world. towns: how many share the chain; blocks: how many come after genesis;
    cases: whether crimes are planted and their cases told.
    """

    name: str
    towns: int
    blocks: int = BLOCKS
    cases: bool = True


SIZES = {
    size.name: size
    for size in (
        # For tests: one town without cases, long enough for its first coins to be spent.
        Size("tiny", 1, 180, cases=False),
        # For the book and for self-study; it lies in data/public.
        Size("public", 1),
        # For a class: more than 200,000 transactions and 200 cases of every kind.
        Size("class", 26),
    )
}
PUBLIC = SIZES["public"]


def size_of(name: str) -> Size:
    """Return the size of that name; raises WorldError where there is none."""
    if name not in SIZES:
        raise WorldError(f"there is no size '{name}'; choose one of {', '.join(SIZES)}")
    return SIZES[name]
