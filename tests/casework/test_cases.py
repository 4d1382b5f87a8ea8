"""Who is given which case."""

from collections import Counter

import pytest

from casework import CaseworkError
from casework.cases import case_number

KEY = bytes(range(32))
BY_OPENSSL = "ddc2075c5d5b4f6a3cc25ad0f2ddff19c0ef785d4396e459f94a2f797b9d7d4d"


def test_a_student_always_gets_the_same_case():
    assert case_number(KEY, "ada", "crypto-1", 12) == case_number(KEY, "ada", "crypto-1", 12)


def test_the_number_is_what_another_program_works_out():
    """Worked out apart, with `openssl dgst -sha256 -mac HMAC` over ["ada", "crypto-1"]."""
    assert case_number(KEY, "ada", "crypto-1", 2**256) == int(BY_OPENSSL, 16)


def test_key_student_and_assignment_all_matter():
    many = 10**9
    first = case_number(KEY, "ada", "crypto-1", many)
    assert first != case_number(KEY[::-1], "ada", "crypto-1", many)
    assert first != case_number(KEY, "chen", "crypto-1", many)
    assert first != case_number(KEY, "ada", "crypto-2", many)


def test_names_that_run_together_are_kept_apart():
    many = 10**9
    assert case_number(KEY, "a", "b-1", many) != case_number(KEY, "ab", "-1", many)
    assert case_number(KEY, 'a", "b', "c", many) != case_number(KEY, "a", 'b", "c', many)


def test_a_big_class_is_spread_evenly():
    given = Counter(case_number(KEY, f"s{n}", "crypto-1", 12) for n in range(6_000))
    assert set(given) == set(range(12))
    assert min(given.values()) > 400 and max(given.values()) < 600


def test_a_name_in_any_script_gets_a_case():
    assert 0 <= case_number(KEY, "李娜", "crypto-1", 12) < 12


def test_a_short_key_and_no_cases_are_refused():
    with pytest.raises(CaseworkError, match="is 3 bytes long"):
        case_number(b"abc", "ada", "crypto-1", 12)
    with pytest.raises(CaseworkError, match="There are 0 cases"):
        case_number(KEY, "ada", "crypto-1", 0)
