"""What hidden tests compare with: the expected answers of a case. No trainee's machine has them."""

from __future__ import annotations

from typing import Any

from casework.errors import CaseworkError
from casework.places import case_file, given_number, read_facts, truth_folder


def expected(name: str) -> dict[str, Any]:
    """Return the expected answers of the case that `open_case(name)` opens.

    The dictionary is the truth file of the case. Its key "unseen" holds a block of another world:
    "block" (raw bytes) and the expected "block_time", "block_hash", "transaction_count".

    Raises:
        CaseworkError: the truth is not here, has no such case, or is damaged.
    """
    folder = truth_folder()
    file = case_file(folder, name, given_number(name))
    unseen = file.with_name("unseen.dat")
    if not unseen.is_file():
        raise CaseworkError(f"The file {unseen} is missing: run `make world` again.")
    facts = read_facts(file.with_name("unseen.json"))
    return {**read_facts(file), "unseen": {"block": unseen.read_bytes(), **facts}}
