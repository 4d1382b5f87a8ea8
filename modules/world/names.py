"""What are people, firms and States called? Invented names only, drawn from the seed.

Family names, towns and States are put together from syllables, so that they name nobody and no
place on earth; a test compares the States with the members of the United Nations.
"""

from .errors import WorldError
from .seed import Stream


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STATE_STARTS = _words(
    "Bel Cor Dal Esk Far Gel Hol Ist Kar Lor Mev Nor Osk Pel Quen Ros Sel Tal Ulm Ver"
)
_STATE_ENDS = _words("andra emia ondia untia ellia oveia urnia ethia")
_PLACE_STARTS = _words(
    "Ave Brako Cretha Druna Embri Fove Gorse Hevi Ivre Joru Kestri Lindra Morve Nettra Ostre Pikra"
    " Quarro Rove Sethra Thisse Umbre Wikka Yarro"
)
_PLACE_ENDS = _words("bruk dal fell holm lund mar mund stad vik zenn")
_MIDDLES = _words("bari delo fine gura keli lomi mora nesti pavi rolo silu tara veno zika")
_SHORT = 20  # draws of a name without a middle syllable, before one is put in
_GIVEN = _words(
    "Amiro Belen Corun Daria Edwi Fenna Goran Hilo Ilka Jarek Kessa Lomar Mirel Nadu Orsi Pavo Runa"
    " Sorin Tilde Ustra Vesna Wenzo Ysolt Zorin"
)
_FAMILY_STARTS = _words(
    "Ast Brem Calv Dorn Elm Fesk Garn Hask Ist Jor Kelm Lind Morv Nast Orv Prell Quist Rusk Sorv"
    " Trell Ulv Vrenn Wosk Zell"
)
_FAMILY_ENDS = _words("adan berin eko idas imar olan ossi uvar ymo enthal")


class Names:
    """Draws names and never the same one twice."""

    def __init__(self, seed: str) -> None:
        """Draw from the world's seed."""
        self._stream = Stream(seed, "names")
        self._used: set[str] = set()

    def state(self) -> str:
        """Return the name of a State."""
        return self._new(_STATE_STARTS, _STATE_ENDS)

    def place(self) -> str:
        """Return the name of a town."""
        return self._new(_PLACE_STARTS, _PLACE_ENDS)

    def person(self) -> str:
        """Return a given and a family name."""
        family = self._new(_FAMILY_STARTS, _FAMILY_ENDS)
        return f"{self._stream.choice(_GIVEN)} {family}"

    def _new(self, starts: tuple[str, ...], ends: tuple[str, ...]) -> str:
        for attempt in range(1_000):
            # A large world uses up the short names; then a syllable comes between.
            middle = self._stream.choice(_MIDDLES) if attempt >= _SHORT else ""
            name = self._stream.choice(starts) + middle + self._stream.choice(ends)
            if name not in self._used:
                self._used.add(name)
                return name
        raise WorldError("no invented name is left; add syllables to world/names.py")
