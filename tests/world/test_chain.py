"""Is the chain a real one? Bitcoin Core's own consensus rules decide (py-bitcoinkernel)."""

from itertools import pairwise

import pbk
import pytest

from world.blocks import merkle_root
from world.ledger import play
from world.story import draw_rush

from .conftest import double_sha256, parse


def judge(blocks, folder):
    """Offer blocks after genesis to a fresh regtest chain; return the manager."""
    manager = pbk.load_chainman(folder, pbk.ChainType.REGTEST)
    for raw in blocks[1:]:
        manager.process_block(pbk.Block(raw))
    return manager


def tip(manager):
    active = manager.get_active_chain()
    return active.height, str(active.block_tree_entries[active.height].block_hash)


def test_bitcoin_core_accepts_every_block_and_agrees_on_the_tip(chain, tmp_path):
    height = len(chain.raw) - 1
    assert tip(judge(chain.raw, tmp_path)) == (height, chain.hash(height))


def resealed(raw, flip):
    """Flip one bit at `flip`, then mend what commits to it, so that only the signature is wrong."""
    block = bytearray(raw)
    block[flip] ^= 1
    txs = parse(bytes(block), 0)
    # The bit lies in a witness, so txids stand; the coinbase commits to the witnesses.
    leaves = [bytes(32), *(double_sha256(tx.raw) for tx in txs[1:])]
    old_root = merkle_root([bytes(32), *(double_sha256(tx.raw) for tx in parse(raw, 0)[1:])])
    old = double_sha256(old_root + bytes(32))
    new = double_sha256(merkle_root(leaves) + bytes(32))
    at = bytes(block).index(b"\xaa\x21\xa9\xed" + old) + 4
    block[at : at + 32] = new
    root = merkle_root([tx.embit.hash() for tx in parse(bytes(block), 0)])
    block[36:68] = root
    for nonce in range(1_000):
        block[76:80] = nonce.to_bytes(4, "little")
        if double_sha256(bytes(block[:80]))[31] <= 0x7F:
            return bytes(block)
    raise AssertionError("no nonce below 1000 meets the target of regtest")


def first_witness_signature(chain):
    """Return height and place in the block of a byte inside the first DER signature of a witness."""
    for height, block in enumerate(chain.blocks):
        for tx in block[1:]:
            items = tx.embit.vin[0].witness.items
            if items and len(items[0]) in (71, 72):
                return height, chain.raw[height].index(items[0]) + 40
    raise AssertionError("the chain has no witness with a DER signature")


def test_one_flipped_bit_in_a_signature_is_refused_even_when_all_hashes_are_mended(chain, tmp_path):
    height, flip = first_witness_signature(chain)
    forged = resealed(chain.raw[height], flip)
    manager = judge([*chain.raw[:height], forged], tmp_path)
    assert tip(manager) == (height - 1, chain.hash(height - 1))


def test_mending_the_hashes_alone_keeps_a_block_valid(chain, tmp_path):
    """The control for the test above: flipping the bit back gives a block that is accepted."""
    height, flip = first_witness_signature(chain)
    forged = resealed(chain.raw[height], flip)
    whole = resealed(forged, flip)
    assert tip(judge([*chain.raw[:height], whole], tmp_path))[0] == height


def test_one_flipped_byte_of_a_signature_without_mending_is_refused(chain, tmp_path):
    height, flip = first_witness_signature(chain)
    broken = bytearray(chain.raw[height])
    broken[flip] ^= 0xFF
    manager = judge(chain.raw[:height], tmp_path)
    with pytest.raises(pbk.ProcessBlockException):
        manager.process_block(pbk.Block(bytes(broken)))
    assert tip(manager)[0] == height - 1


def test_the_rush_of_the_unseen_block_is_a_valid_chain_too(public, tmp_path):
    ledger = play(draw_rush("casework-public-1 unseen"))
    blocks = [block.raw for block in ledger.blocks]
    assert blocks[-1] == (public / "truth/cases/crypto-1/unseen.dat").read_bytes()
    assert tip(judge(blocks, tmp_path)) == (len(blocks) - 1, ledger.blocks[-1].hash.hex())


def test_the_chain_is_as_large_as_the_course_needs(chain, truth):
    assert len(chain.blocks) >= 520
    assert len(chain.transactions) >= 5_500
    assert len(truth("entities")) >= 24


def test_every_usual_kind_of_script_is_paid_and_spent(chain, outputs):
    def kind(script):
        data = script.data
        if data[:1] == b"\x6a":
            return "op_return"
        if data[-1:] == b"\xac" and len(data) in (35, 67):
            return "p2pk"
        return script.script_type()

    paid, spent = set(), set()
    scripts = {}
    for tx in chain.transactions:
        for vout, output in enumerate(tx.embit.vout):
            paid.add(kind(output.script_pubkey))
            scripts[tx.txid, vout] = output.script_pubkey
    for block in chain.blocks:
        for tx in block[1:]:
            spent |= {kind(scripts[each]) for each in tx.spends()}
    usual = {"p2pk", "p2pkh", "p2sh", "p2wpkh", "p2wsh", "p2tr"}
    assert paid == usual | {"op_return"}
    assert spent == usual


def test_times_obey_the_median_and_tell_a_story_of_months(chain):
    times = [chain.time(height) for height in range(len(chain.raw))]
    for height in range(1, len(times)):
        last = sorted(times[max(0, height - 11) : height])
        assert times[height] > last[len(last) // 2]
    months = (times[-1] - times[102]) / 86_400 / 30
    assert 3 <= months <= 6
    assert any(later < earlier for earlier, later in pairwise(times)), "no clock is ever behind"


def test_wallets_leave_fingerprints(chain):
    spending = [tx.embit for block in chain.blocks for tx in block[1:]]
    assert {tx.version for tx in spending} == {1, 2}
    assert {each.sequence for tx in spending for each in tx.vin} == {
        0xFFFFFFFD,
        0xFFFFFFFE,
        0xFFFFFFFF,
    }
    assert {tx.locktime == 0 for tx in spending} == {True, False}
