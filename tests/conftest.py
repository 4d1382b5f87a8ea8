"""What all tests share: where the house and the real sample data are."""

from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def house() -> Path:
    """Return the folder of the checkout."""
    return HOUSE


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real sample data beside the checkout, or skip where it is absent."""
    folder = HOUSE.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real sample data is not here: {folder} is missing")
    return folder
