"""How the tests make a book, and what pages they expect in it."""

import subprocess
import sys
from pathlib import Path

import yaml

HOUSE = Path(__file__).parents[2]


def build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Build the book in `source` as `make book` does, but into `out`/_build."""
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(source)]
    command += ["--path-output", str(out), "-W", "-n", "--keep-going"]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def chapters() -> list[str]:
    """Every page that `_toc.yml` names, as its path in the built book."""
    toc = yaml.safe_load((HOUSE / "_toc.yml").read_text(encoding="utf-8"))
    files = [toc["root"]]
    files += [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [f"{file}.html" for file in files]
