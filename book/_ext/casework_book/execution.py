"""Run a chapter's cells the same everywhere, again when what they ran on has changed, and only then.

Jupyter Book keeps outputs by the text of the cells alone: after a change in `cointrace` or in the
world's files it would show yesterday's figures. Here the store of outputs is named after a digest of
both, so a new digest means a new store and every chapter is run again.

The kernel gets a profile of its own: nobody's personal start-up files reach into the book.
"""

import hashlib
import importlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[3]

RUN_ON = (
    "modules/casework/**/*.py",
    "modules/cointrace/**/*.py",
    "data/public/**/*",
    "requirements.txt",
)
"""What the cells of a chapter run on, from the root of the repository."""


def files(root: Path = ROOT) -> Iterator[Path]:
    """Every file that a chapter's cells may run on, in a fixed order."""
    for pattern in RUN_ON:
        yield from sorted(path for path in root.glob(pattern) if path.is_file())


def digest(root: Path = ROOT) -> str:
    """One word (16 hex digits) for the content of all those files and their names."""
    total = hashlib.sha256()
    for path in files(root):
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def name_the_store(app: Sphinx, config: Config) -> None:
    """Point myst-nb at the store of this digest and remove the stores of older ones."""
    stores = Path(app.outdir).parent / ".jupyter_cache"
    store = stores / digest()
    if stores.is_dir():
        for old in stores.iterdir():
            if old != store:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
    config.nb_execution_cache_path = str(store)


def prepare_the_kernel(app: Sphinx, config: Config) -> None:
    """Give the kernel an empty profile, and have the list of fonts made before a cell needs it.

    Making that list takes long on a new machine, and matplotlib then warns, inside the cell.
    """
    profile = Path(app.outdir).parent / ".ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    # Cells talk to the kernel on this machine only, so its warning about TCP tells nobody anything.
    (profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 'ERROR'\n")
    os.environ["IPYTHONDIR"] = str(profile.parent)
    importlib.import_module("matplotlib.font_manager")


def setup(app: Sphinx) -> None:
    """Choose the store and prepare the kernel before myst-nb reads its settings."""
    app.connect("config-inited", name_the_store)
    app.connect("config-inited", prepare_the_kernel)
