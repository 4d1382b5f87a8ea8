"""A few hashes show that a transaction stands in a block, and nothing else passes for it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cointrace import ChainError, MerkleProof, merkle_proof, raw_blocks, read_blocks
from tests.cointrace import mint

# A payment in block 574200 to an address on the OFAC list (README of the shared data).
PAYMENT = "41f366c2afcc222fe45398b6dc13dcca8874ca6ed288420700575495d03f8dad"


def minted(count: int) -> tuple[bytes, list[str]]:
    txs = [mint.Tx([(bytes([n % 251]) * 32, n)], [(n, b"\x51")]) for n in range(1, count)]
    txs = [mint.coinbase(1, []), *txs]
    return mint.mined(bytes(32), txs, 1_400_000_000), [tx.txid[::-1].hex() for tx in txs]


@pytest.fixture(scope="module")
def block(shared_data) -> bytes:
    return raw_blocks(shared_data / "crypto" / "btc-blocks" / "block574200.blk", "mainnet")[0]


def test_a_real_payment_is_proven_with_twelve_hashes(block):
    """Checked by hand against the definition: hash pairs upwards, left and right by position."""
    proof = merkle_proof(block, PAYMENT)
    proof.check("mainnet")
    assert len(proof.neighbours) == 12
    joined, place = bytes.fromhex(PAYMENT)[::-1], proof.position
    for neighbour in proof.neighbours:
        other = bytes.fromhex(neighbour)[::-1]
        joined = mint.twice(other + joined if place % 2 else joined + other)
        place //= 2
    assert joined == block[36:68]
    assert read_blocks(block, "mainnet").txs["txid"][proof.position] == PAYMENT
    assert [step[2] for step in proof.steps()][-1] == proof.merkle_root


def test_a_chain_gives_the_same_proof_without_the_header(shared_data, block):
    folder = shared_data / "crypto" / "btc-blocks"
    chain = read_blocks([folder / "block574200.blk", folder / "block169482.dat"], "mainnet")
    proof = merkle_proof(chain, PAYMENT.upper())
    assert proof == replace(merkle_proof(block, PAYMENT), header=None)
    proof.check()
    with pytest.raises(ChainError, match="the proof has no header to check"):
        proof.check("mainnet")


def test_every_transaction_of_real_blocks_is_proven(shared_data):
    folder = shared_data / "crypto" / "btc-blocks"
    chain = read_blocks([folder / "genesis_to_438.blk", folder / "block169482.dat"], "mainnet")
    for txid in chain.txs["txid"]:
        merkle_proof(chain, txid).check()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7, 8, 11])
def test_blocks_of_any_size_are_proven(count):
    raw, ids = minted(count)
    for position, txid in enumerate(ids):
        proof = merkle_proof(raw, txid)
        assert proof.position == position
        assert len(proof.neighbours) == (count - 1).bit_length()
        proof.check("regtest")


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_an_altered_proof_does_not_hold(data):
    raw, ids = minted(data.draw(st.integers(2, 9)))
    proof = merkle_proof(raw, data.draw(st.sampled_from(ids)))
    place = data.draw(st.integers(0, len(proof.neighbours) - 1))
    digits = bytearray.fromhex(proof.neighbours[place])
    digits[data.draw(st.integers(0, 31))] ^= data.draw(st.integers(1, 255))
    neighbours = list(proof.neighbours)
    neighbours[place] = digits.hex()
    with pytest.raises(ChainError, match="the hashes do not lead to the Merkle root"):
        replace(proof, neighbours=tuple(neighbours)).check()
    other = next(txid for txid in ids if txid != proof.txid)
    with pytest.raises(ChainError, match="the hashes do not lead to the Merkle root"):
        replace(proof, txid=other).check()


def test_what_does_not_belong_together_is_refused():
    raw, ids = minted(5)
    proof = merkle_proof(raw, ids[2])
    another = mint.mined(bytes(32), [mint.coinbase(9, [])], 1_400_000_000)
    cases = [
        (replace(proof, header=another[:80]), None, "the header holds another Merkle root"),
        (replace(proof, header=raw[:79]), None, "the header has 79 bytes, not 80"),
        (proof, "mainnet", "the stated target 207fffff is not one that mainnet allows"),
        (replace(proof, position=8), None, "position 8 does not fit 3 steps"),
        (replace(proof, position=-1), None, "position -1 does not fit"),
        (replace(proof, neighbours=("12", *proof.neighbours[1:])), None, "neighbour '12' is not"),
    ]
    for altered, network, sentence in cases:
        with pytest.raises(ChainError, match=sentence):
            altered.check(network)


def test_a_transaction_that_is_not_there_cannot_be_proven():
    raw, ids = minted(3)
    for source in (raw, read_blocks(raw)):
        with pytest.raises(
            ChainError, match=r"the transaction (00){32} does not stand here; check"
        ):
            merkle_proof(source, "00" * 32)
    for wrong in ("", "zz" * 32, ids[0][:-1], None, " " + ids[0][1:]):
        with pytest.raises(ChainError, match=r"the txid .* is not one; give 64 hexadecimal digits"):
            merkle_proof(raw, wrong)
    with pytest.raises(ChainError, match="a proof cannot be made from a list"):
        merkle_proof([raw], ids[0])
    with pytest.raises(ChainError, match="the block ends inside"):
        merkle_proof(raw[:-1], ids[0])


def test_a_table_that_lost_a_row_proves_nothing():
    chain = read_blocks(minted(4)[0])
    cut = replace(chain, txs=chain.txs.iloc[:3], blocks=chain.blocks.assign(transactions=[3]))
    with pytest.raises(ChainError, match="not the one of its block"):
        merkle_proof(cut, chain.txs["txid"][1])


def test_a_proof_can_be_written_down_and_checked_by_somebody_else(block):
    proof = merkle_proof(block, PAYMENT)
    copy = MerkleProof(
        txid=proof.txid,
        position=proof.position,
        neighbours=tuple(proof.neighbours),
        merkle_root=proof.merkle_root,
        header=bytes.fromhex(proof.header.hex()),
    )
    copy.check("mainnet")
