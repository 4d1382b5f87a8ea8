"""pyproject.toml says what we need, requirements.txt locks it with hashes, environment.yml names the same versions."""

import re
import sys
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import lock


def wanted() -> list[Requirement]:
    return [Requirement(text) for text in lock.direct_dependencies()]


def test_the_lock_holds_a_version_that_pyproject_allows_for_everything_it_asks(house):
    versions = lock.locked_versions((house / "requirements.txt").read_text())
    for requirement in wanted():
        locked = versions.get(canonicalize_name(requirement.name))
        assert locked, f"{requirement.name} is not locked: run make lock"
        assert requirement.specifier.contains(locked, prereleases=True), (
            f"{requirement} but {locked} is locked"
        )


def test_every_locked_package_has_hashes_and_no_address(house):
    text = (house / "requirements.txt").read_text()
    assert not re.search(r"https?://|--(extra-)?index|--find-links", text)
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    assert len(entries) > 100
    for entry in entries:
        assert "--hash=sha256:" in entry, f"no hash: {entry.splitlines()[0]}"


def test_the_conda_environment_names_the_locked_versions(house):
    versions = lock.locked_versions((house / "requirements.txt").read_text())
    environment = yaml.safe_load((house / "environment.yml").read_text())
    (pip,) = [part["pip"] for part in environment["dependencies"] if isinstance(part, dict)]
    named = {canonicalize_name(r.name): r for r in map(Requirement, pip[:-1])}
    assert set(named) == {canonicalize_name(r.name) for r in wanted()}
    for name, requirement in named.items():
        assert str(requirement.specifier) == f"=={versions[name]}"
    assert f"python={lock.PYTHON_FOR_CONDA}" in environment["dependencies"]


def test_the_pythons_that_we_promise_are_the_ones_that_are_checked(house):
    project = tomllib.loads((house / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in (house / "Makefile").read_text()
