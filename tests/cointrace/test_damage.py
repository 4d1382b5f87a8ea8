"""Whatever happened to the bytes, there is one sentence with a place and a remedy."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cointrace import ChainError, read_blocks
from cointrace.blocks import read_block
from cointrace.merkle import merkle_root
from cointrace.order import target_of
from tests.cointrace import mint

BLOCKS = mint.small_chain(4)
BLOCK = BLOCKS[3]
MAGIC = mint.MAGIC


def block_with(*txs: mint.Tx) -> bytes:
    """A block whose header is right whatever its transactions are."""
    return mint.mined(bytes(32), [mint.coinbase(0, list(txs)), *txs], 1_400_000_000)


def refused(raw: bytes, sentence: str, network: str = "regtest") -> None:
    with pytest.raises(ChainError, match=sentence) as caught:
        read_blocks(raw, network)
    text = str(caught.value)
    assert text.startswith("these bytes") and text.endswith(".") and "\n" not in text


def read_whole(raw: bytes) -> bytes | None:
    """The hash of the block, or None where it is refused; any other exception is a failure."""
    try:
        return read_block(raw)[0].hash
    except ChainError:
        return None


def test_a_block_cut_at_any_byte_is_refused():
    for end in range(len(BLOCK)):
        with pytest.raises(ChainError):
            read_blocks(BLOCK[:end])


def test_a_blk_file_cut_at_any_byte_is_refused_or_ends_between_blocks():
    stored = mint.framed(*BLOCKS[:3])
    ends = {len(mint.framed(*BLOCKS[:many])) for many in (1, 2, 3)}
    for end in range(1, len(stored)):
        if end in ends:
            assert len(read_blocks(stored[:end]).blocks) < 3
        else:
            with pytest.raises(ChainError):
                read_blocks(stored[:end])


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_a_changed_byte_is_refused_or_gives_another_hash(mask):
    """Witnesses too: the block hash does not cover them, the coinbase's commitment does."""
    for at in range(len(BLOCK)):
        altered = bytearray(BLOCK)
        altered[at] ^= mask
        try:
            found = read_blocks(bytes(altered)).blocks["hash"][0]
        except ChainError:
            continue
        assert found != mint.block_hash(BLOCK)[::-1].hex()
        assert at < 80, "only the header may differ without contradiction"


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_real_block_with_changed_bytes_never_fails_otherwise(real_block, data):
    altered = bytearray(real_block)
    for _ in range(data.draw(st.integers(1, 4))):
        altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))
    altered = altered[: data.draw(st.integers(0, len(altered)))]
    header = read_whole(bytes(altered))
    assert altered == real_block or header != mint.block_hash(real_block)


@pytest.fixture(scope="module")
def real_block(shared_data) -> bytes:
    return (shared_data / "crypto" / "btc-blocks" / "block169482.dat").read_bytes()


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_random_bytes_never_fail_otherwise(raw):
    for start in (b"", MAGIC, MAGIC + struct.pack("<I", len(raw))):
        with pytest.raises(ChainError):
            read_blocks(start + raw)
    for start in (BLOCK[:80], BLOCK[:86], BLOCK[:130]):
        assert read_whole(start + raw) in (None, mint.block_hash(start + raw))


def test_bytes_behind_the_end_are_refused_with_their_place():
    refused(BLOCK + b"\0", f"byte {len(BLOCK)}: 1 byte follows after the end of the block; remove")


def test_a_longer_frame_than_its_block_is_refused():
    stored = mint.framed(BLOCKS[0]) + mint.framed(BLOCKS[1] + b"ab")
    place = len(stored) - 2
    refused(stored, f"byte {place}: 2 bytes follow after the end of the block")


def test_the_mark_of_another_network_names_it():
    refused(
        mint.framed(BLOCK), 'a block of regtest, not of mainnet; say network="regtest"', "mainnet"
    )


def test_what_stands_between_blocks_is_named_with_its_place():
    stored = mint.framed(BLOCKS[0]) + b"junk" + mint.framed(BLOCKS[1])
    refused(stored, "byte 293: the mark of a regtest block should stand here, not 6a756e6b")


@pytest.mark.parametrize("length", [0, 80, 4_000_001, 0xFFFFFFFF])
def test_an_impossible_length_is_refused(length):
    refused(
        MAGIC + struct.pack("<I", length) + BLOCK, f"byte 4: a block cannot be {length:,} bytes"
    )


def test_a_file_that_ends_early_says_by_how_much():
    refused(
        mint.framed(BLOCK)[:-7], "the file ends 7 bytes before its last block does; the data were"
    )
    refused(MAGIC + b"\1", "byte 5: the file ends before the length of a block")


def test_impossible_counts_are_refused_with_their_place():
    many = BLOCK[:80] + b"\xff" * 9 + BLOCK[81:]
    refused(many, r"byte 80: 18,446,744,073,709,551,615 transactions cannot stand in the")
    refused(BLOCK[:80] + b"\0" + BLOCK[81:], "byte 80: 0 transactions cannot stand")
    inputs = BLOCK[:87] + b"\xfe\xff\xff\xff\xff" + BLOCK[88:]
    refused(inputs, "a transaction cannot have 4,294,967,295 inputs here; the data were altered")


def test_a_transaction_without_outputs_is_refused():
    bare = mint.Tx([(b"\1" * 32, 0)], [], script_sig=bytes(20))
    refused(block_with(bare), "cannot have 0 outputs")


def test_a_witness_mark_without_a_witness_is_refused():
    tx = mint.Tx([(b"\1" * 32, 0)], [(1, b"\x51")], witness=[b"x"])
    raw = block_with(tx)
    assert raw.count(b"\1\1x") == 1
    refused(raw.replace(b"\1\1x", b"\0"), "has the witness mark but no witness")


def test_a_changed_amount_breaks_the_promise_of_the_header():
    paid = struct.pack("<q", 1_0000_0000)
    assert BLOCK.count(paid) == 1
    refused(
        BLOCK.replace(paid, struct.pack("<q", 9_0000_0000)),
        "the transactions are not those that the header commits to; the block was altered after",
    )


def test_a_changed_signature_breaks_the_promise_of_the_coinbase():
    refused(BLOCK.replace(b"\1" * 71, b"\3" * 71), "not those that the coinbase commits to")


def test_witnesses_that_no_coinbase_commits_to_are_refused():
    tx = mint.Tx([(b"\1" * 32, 0)], [(1, b"\x51")], witness=[b"x"])
    raw = mint.mined(bytes(32), [mint.coinbase(0, []), tx], 1_400_000_000)
    refused(raw, "witnesses stand in the block but its coinbase does not commit")


def test_repeated_transactions_are_refused_though_the_root_is_right():
    """CVE-2012-2459: two transactions, the second one written twice more, have the same root."""
    txs = [mint.coinbase(0, []), *(mint.Tx([(bytes([n]) * 32, 0)], [(n, b"")]) for n in (1, 2))]
    raw = mint.mined(bytes(32), txs, 1_400_000_000)
    assert len(read_blocks(raw).txs) == 3
    longer = raw[:80] + b"\4" + raw[81:] + txs[2].write()
    assert mint.root([tx.txid for tx in [*txs, txs[2]]]) == raw[36:68]
    refused(longer, "transactions are repeated in the block")


def test_a_block_needs_one_coinbase_and_no_second():
    spend = mint.Tx([(b"\1" * 32, 0)], [(1, b"\x51")])
    refused(mint.mined(bytes(32), [spend], 1_400_000_000), "first transaction is not a coinbase")
    refused(block_with(mint.coinbase(1, [])), "a second coinbase stands in the block")


def test_more_money_than_there_can_be_is_refused():
    for amount in (21_000_000 * 10**8 + 1, -1):
        with pytest.raises(ChainError, match="more than there can ever be"):
            read_blocks(block_with(mint.Tx([(b"\1" * 32, 0)], [(amount, b"\x51")])))
    most = block_with(mint.Tx([(b"\1" * 32, 0)], [(21_000_000 * 10**8, b"\x51")]))
    assert read_blocks(most).outputs["value"].max() == 21_000_000 * 10**8


def test_a_header_without_its_work_is_refused():
    raw = bytearray(BLOCK)
    raw[72:76] = bytes.fromhex("ffff001d")
    refused(bytes(raw), "byte 0: the hash of the header does not show the work")


@pytest.mark.parametrize("bits", ["00000000", "ffffff20", "ffff7f21", "01008004"])
def test_a_target_that_no_network_allows_is_refused(bits):
    raw = bytearray(BLOCK)
    raw[72:76] = bytes.fromhex(bits)
    refused(bytes(raw), f"byte 72: the stated target {bytes.fromhex(bits)[::-1].hex()} is not one")


def test_regtest_work_is_not_enough_for_mainnet():
    refused(BLOCK, "byte 72: the stated target 207fffff is not one that mainnet allows", "mainnet")


@pytest.mark.parametrize(
    ("bits", "target"),
    [
        # Bitcoin Core, src/test/arith_uint256_tests.cpp, bignum_SetCompact.
        (0x00123456, 0),
        (0x01123456, 0x12),
        (0x02123456, 0x1234),
        (0x03123456, 0x123456),
        (0x04123456, 0x12345600),
        (0x05009234, 0x92340000),
        (0x20123456, 0x123456 << 232),
        (0x04923456, 0),
    ],
)
def test_targets_are_those_of_bitcoin_core(bits, target):
    assert target_of(bits) == target


def test_no_transactions_have_no_root():
    with pytest.raises(ChainError, match="no transactions"):
        merkle_root([])


def test_a_file_is_named_in_the_sentence(tmp_path):
    (tmp_path / "blk00000.dat").write_bytes(mint.framed(*BLOCKS)[:-1])
    with pytest.raises(
        ChainError, match=r"^blk00000\.dat, byte [\d,]+: the file ends 1 byte before"
    ):
        read_blocks(tmp_path)


def test_the_parts_of_the_sentence_can_be_acted_on():
    stored = mint.framed(BLOCKS[0]) + mint.framed(BLOCKS[1] + b"ab")
    with pytest.raises(ChainError) as caught:
        read_blocks(stored)
    error = caught.value
    assert (error.source, error.offset) == ("these bytes", len(stored) - 2)
    assert error.remedy.startswith("remove them")


def test_a_folder_where_a_file_should_be_is_named(tmp_path):
    (tmp_path / "blk00000.dat").mkdir()
    with pytest.raises(
        ChainError, match=r"blk00000\.dat: the file cannot be read \(is a directory"
    ):
        read_blocks(tmp_path)
