"""Open a case: who is asked about, and the chain as an investigator sees it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.errors import CaseworkError
from casework.places import case_file, given_number, read_facts, world_folder

if TYPE_CHECKING:
    from cointrace import Chain

_CARD = """\
<section aria-label="Case {name}" style="max-width: 38rem; padding: 0.6rem 1rem; \
border: 1px solid currentColor; border-left-width: 0.4rem; border-radius: 4px; line-height: 1.5">
<p style="margin: 0">Case {name}, file {number}</p>
<p style="margin: 0; font-size: 1.25em"><strong>{title}</strong></p>
<p style="margin: 0.5em 0">{brief}</p>
<dl style="margin: 0">
{facts}
</dl>
</section>"""
# JupyterLab floats the parts of lists of terms; here each stands on its own line.
_FACT = """\
<dt style="float: none; width: auto; font-weight: bold">{label}</dt>
<dd style="float: none; width: auto; margin: 0 0 0.3em 0; overflow-wrap: anywhere">{value}</dd>"""

_ALWAYS = ("number", "title", "brief")
# What the card shows of the facts of a case, where it has them.
_NAMED = {
    "address": "Address under inquiry",
    "tip_address": "Address named in the tip",
    "named_address": "Address that the informant names",
}


@dataclass(frozen=True)
class Case:
    """One case, as it lies on an investigator's desk.

    Attributes:
        name: the name it is opened by, such as "crypto-1".
        number: which of the cases of that name; every trainee has their own.
        title: what it is called.
        brief: what happened and what is asked, in a few sentences.
        until_height: the height of the last block that the case looks at; None where no chain is needed.
        facts: everything that the file says, by name. What a kind of case has besides is reached
            directly too: `case.address` is `case.facts["address"]`.
    """

    name: str
    number: int
    title: str
    brief: str
    until_height: int | None
    facts: dict[str, Any] = field(repr=False)
    _world: Path = field(repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        """Return what the file of the case says under that name."""
        facts = self.__dict__.get("facts", {})
        if name.startswith("_") or name not in facts:
            offered = ", ".join(sorted(facts))
            raise AttributeError(f"This case says nothing of '{name}'. It says: {offered}.")
        return facts[name]

    @property
    def block(self) -> bytes:
        """The raw bytes of the block at `height`."""
        return self._blocks[self.height]

    def chain(self) -> Chain:
        """Return the chain from block 0 to block `until_height`, as the tables of `cointrace.Chain`.

        It is read and checked once; the tables are yours to change, the next call gives fresh ones.
        """
        chain = self._read_chain
        tables = ("blocks", "txs", "inputs", "outputs", "stale")
        # Lazy: what nobody changes is not copied (pandas, "Copy-on-Write").
        return replace(chain, **{name: getattr(chain, name).copy(deep=False) for name in tables})

    @cached_property
    def _blocks(self) -> tuple[bytes, ...]:
        """All raw blocks of the world, in order."""
        from cointrace import ChainError

        folder = self._world / "chain"
        try:
            blocks = _blocks_of(folder, _state_of(folder))
        except ChainError as error:
            raise CaseworkError(_damaged(error)) from None
        if self.until_height is None:
            raise CaseworkError(f"Case {self.name} needs no chain of blocks.")
        if not 0 <= self.facts.get("height", 0) <= self.until_height < len(blocks):
            raise CaseworkError(
                f"Case {self.name} needs blocks up to {self.until_height}, but the chain here has "
                f"{len(blocks)}: run `make world` again, or tell your instructor."
            )
        return blocks

    @cached_property
    def _read_chain(self) -> Chain:
        from cointrace import ChainError

        until = self.until_height
        try:
            whole = _chain_of(self._blocks)
        except ChainError:
            # What is damaged may lie behind the last block of the case, which is none of its concern.
            try:
                whole = _chain_of(self._blocks[: until + 1])
            except ChainError as error:
                raise CaseworkError(_damaged(error)) from None
        tables = ("blocks", "txs", "inputs", "outputs")
        seen = {name: getattr(whole, name) for name in tables}
        # The rows stand in the order of the chain, so the window is their beginning, and no copy.
        ends = {name: table["height"].searchsorted(until, "right") for name, table in seen.items()}
        seen = {name: table.iloc[: ends[name]] for name, table in seen.items()}
        return replace(whole, **seen)

    def __repr__(self) -> str:
        """Return name and title in one line."""
        return f"<Case {self.name}, file {self.number}: {self.title}>"

    def _repr_html_(self) -> str:
        """Return the card that a notebook shows."""
        rows = {
            label: f"<code>{escape(str(self.facts[key]))}</code>"
            for key, label in _NAMED.items()
            if key in self.facts
        }
        if "height" in self.facts:
            rows["The case starts from"] = f"block {self.facts['height']:,}"
        if self.until_height is not None:
            rows["Look at blocks"] = f"0 to {self.until_height:,}"
        return _CARD.format(
            name=escape(self.name),
            number=self.number,
            title=escape(self.title),
            brief=escape(self.brief),
            facts="\n".join(_FACT.format(label=k, value=v) for k, v in rows.items()),
        )


def open_case(name: str) -> Case:
    """Open your case of that name.

    In a class it is the one you were given; without a class it is the public one.

    Args:
        name: for example "crypto-1".

    Raises:
        CaseworkError: there is no such case, or the world is not here.
    """
    folder = world_folder()
    number = given_number(name) if isinstance(name, str) else 0
    file = case_file(folder, name, number)
    facts = read_facts(file)
    missing = [key for key in _ALWAYS if key not in facts]
    if missing:
        raise CaseworkError(
            f"The file {file} says nothing about {', '.join(missing)}: run `make world` again, or "
            "tell your instructor."
        )
    told = {key: facts[key] for key in _ALWAYS}
    return Case(
        name=name, until_height=facts.get("until_height"), facts=facts, _world=folder, **told
    )


def _state_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells that the files of a folder are still the same."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    states = [(file.name, file.stat()) for file in files]
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


@lru_cache(maxsize=1)
def _blocks_of(folder: Path, state: tuple[tuple[str, int, int], ...]) -> tuple[bytes, ...]:
    """The raw blocks in a folder whose files are in that state."""
    from cointrace import raw_blocks

    return tuple(raw_blocks(folder, network="regtest"))


@lru_cache(maxsize=1)
def _chain_of(blocks: tuple[bytes, ...]) -> Chain:
    """The tables of these blocks. Kept, because all cases of a world are windows on one chain."""
    from cointrace import read_blocks

    return read_blocks(blocks, network="regtest")


def _damaged(error: Exception) -> str:
    return f"The chain of this world is damaged: {error} Run `make world` again."
