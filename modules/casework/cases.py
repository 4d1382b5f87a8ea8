"""Who gets which case: a keyed hash of the name, so that nobody can work out a neighbour's."""

from __future__ import annotations

import hashlib
import hmac
import json

from casework.errors import CaseworkError

_SHORTEST_KEY = 16


def case_number(key: bytes, student: str, assignment: str, cases: int) -> int:
    """Return the number of the case that a student is given for an assignment: 0 to `cases` - 1.

    The same four arguments always give the same number (HMAC-SHA256, RFC 2104).

    Args:
        key: the class's secret, at least 16 bytes.
        student: the student's id.
        assignment: the name of the assignment, such as "crypto-1".
        cases: how many cases there are.

    Raises:
        CaseworkError: the key is too short to be secret, or there are no cases.
    """
    if len(key) < _SHORTEST_KEY:
        raise CaseworkError(
            f"The key of the class is {len(key)} bytes long: make one of {_SHORTEST_KEY} or more."
        )
    if cases < 1:
        raise CaseworkError(f"There are {cases} cases of {assignment}: build a world with some.")
    message = json.dumps([student, assignment]).encode("ascii")
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return int.from_bytes(digest, "big") % cases
