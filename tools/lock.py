"""Choose versions anew: requirements.txt (all of them, hashed) and environment.yml (ours) from pyproject.toml."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

HOUSE = Path(__file__).parents[1]
PYTHON_FOR_CONDA = "3.12"


def main() -> None:
    """Write both files."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    command += ["--generate-hashes", "--python-version", "3.11", "--fork-strategy", "fewest"]
    command += ["--no-emit-index-url", "--custom-compile-command", "make lock", "--group", "dev"]
    command += ["pyproject.toml", "-o", "requirements.txt"]
    subprocess.run(command, cwd=HOUSE, check=True)
    versions = locked_versions((HOUSE / "requirements.txt").read_text())
    (HOUSE / "environment.yml").write_text(conda_environment(direct_dependencies(), versions))


def direct_dependencies() -> list[str]:
    """Return what pyproject.toml asks for, as requirement texts, the tools of development last."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())
    return [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]


def locked_versions(lock: str) -> dict[str, str]:
    """Return the version of each package that a requirements file names."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, flags=re.MULTILINE))


def conda_environment(requirements: list[str], versions: dict[str, str]) -> str:
    """Return environment.yml: Python from conda-forge, our packages in the locked versions from pip."""
    lines = [
        "# Made by `make lock` from pyproject.toml; the same versions as requirements.txt.",
        "name: casework",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        f"  - python={PYTHON_FOR_CONDA}",
        "  - pip",
        "  - pip:",
    ]
    for requirement in requirements:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)[0]
        marker = requirement.partition(";")[2].strip()
        pinned = f"{name}=={versions[name.lower()]}" + (f"; {marker}" if marker else "")
        lines.append(f'      - "{pinned}"' if marker else f"      - {pinned}")
    return "\n".join([*lines, "      - --editable .", ""])


if __name__ == "__main__":
    main()
