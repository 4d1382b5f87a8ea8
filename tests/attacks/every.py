"""All attacks, by what they try."""

from cells import CELLS
from files import FILES
from seizing import SEIZING
from talking import TALKING

ATTACKS = [*TALKING, *FILES, *CELLS, *SEIZING]
