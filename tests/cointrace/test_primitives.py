"""The double hash, and the size number in its four forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cointrace import ChainError, compact_size, double_sha256, write_compact_size


def test_the_double_hash_of_hello_is_the_published_one():
    """The value in the Bitcoin wiki's "Protocol documentation", section Hashes."""
    published = "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50"
    assert double_sha256(b"hello").hex() == published


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "00"),
        (252, "fc"),
        (253, "fdfd00"),
        (515, "fd0302"),
        (0xFFFF, "fdffff"),
        (0x1_0000, "fe00000100"),
        (0xFFFF_FFFF, "feffffffff"),
        (0x1_0000_0000, "ff0000000001000000"),
        (2**64 - 1, "ffffffffffffffffff"),
    ],
)
def test_each_form_begins_where_the_shorter_one_ends(value, written):
    raw = bytes.fromhex(written)
    assert compact_size(raw) == (value, len(raw))
    assert write_compact_size(value) == raw


@given(st.integers(0, 2**64 - 1), st.binary(max_size=9), st.binary(max_size=9))
def test_what_was_written_is_read_back_wherever_it_stands(value, before, after):
    written = write_compact_size(value)
    assert compact_size(before + written + after, len(before)) == (
        value,
        len(before) + len(written),
    )


@given(st.integers(0, 2**64 - 1), st.data())
def test_a_cut_size_number_is_refused(value, data):
    written = write_compact_size(value)
    kept = written[: data.draw(st.integers(0, len(written) - 1))]
    with pytest.raises(ChainError, match=r"byte 0: the data end .* fresh copy\.$"):
        compact_size(kept)


@pytest.mark.parametrize("raw", ["fdfc00", "feffff0000", "ffffffffff00000000"])
def test_a_longer_form_than_needed_is_refused(raw):
    with pytest.raises(ChainError, match="longer form than allowed"):
        compact_size(bytes.fromhex(raw))


def test_an_offset_outside_the_data_is_refused():
    for offset in (-1, 1, 2**70):
        with pytest.raises(ChainError, match="where a size number should begin"):
            compact_size(b"\x01", offset)


def test_a_value_that_does_not_fit_is_refused():
    for value in (-1, 2**64):
        with pytest.raises(ChainError, match="does not fit"):
            write_compact_size(value)
