"""Build a fictional world, and apart from it the truth about it, from one seed.

`build` makes the files, `check` compares them with their digests; `python -m world` does both.
"""

from .build import PUBLIC_SEED, build, make_files
from .errors import WorldError
from .files import check

__all__ = ["PUBLIC_SEED", "WorldError", "build", "check", "make_files"]
