"""All attacks, by what they try."""

from talking import TALKING

ATTACKS = [*TALKING]
