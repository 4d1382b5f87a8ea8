"""Parsing equals two other programs in every field that they offer, on real and on drawn blocks."""

import struct
from io import BytesIO

import pbk
import pytest
from embit import bech32, compact
from embit.networks import NETWORKS as EMBIT_NETWORKS
from embit.script import Script, Witness
from embit.transaction import Transaction, TransactionInput, TransactionOutput
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cointrace import ChainError, address_of, kind_of, raw_blocks, read_blocks
from tests.cointrace import mint

FILES = (
    "block169482.dat",
    "block227835.dat",
    "block227836.dat",
    "block277647.blk",
    "block413567.raw",
    "block481829.dat",
    "block574200.blk",
    "genesis_to_438.blk",
)
KEY = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
LONG_KEY = b"\x04" + KEY[1:] * 2
NAMES = {"mainnet": "main", "testnet": "test", "regtest": "regtest"}
PREFIXES = {"mainnet": "bc", "testnet": "tb", "regtest": "bcrt"}


@pytest.mark.parametrize("name", FILES)
def test_all_fields_of_all_real_blocks_equal_those_of_bitcoin_core(shared_data, name):
    file = shared_data / "crypto" / "btc-blocks" / name
    chain = read_blocks(file, "mainnet")
    txs, inputs, outputs = (
        table.to_dict("list") for table in (chain.txs, chain.inputs, chain.outputs)
    )
    row = spent = made = 0
    for number, raw in enumerate(raw_blocks(file, "mainnet")):
        block = pbk.Block(raw)
        assert chain.blocks["merkle_root"][number] == raw[36:68][::-1].hex()
        assert chain.blocks["size"][number] == len(bytes(block)) == len(raw)
        first = row
        for tx in block.transactions:
            whole = bytes(tx)
            assert txs["txid"][row] == str(tx.txid)
            assert txs["wtxid"][row] == mint.twice(whole)[::-1].hex()
            assert txs["size"][row] == len(whole)
            assert txs["version"][row] == struct.unpack("<I", whole[:4])[0]
            assert txs["locktime"][row] == tx.locktime
            assert txs["inputs"][row] == len(tx.inputs)
            assert txs["outputs"][row] == len(tx.outputs)
            assert txs["position"][row] == row - first
            assert txs["coinbase"][row] == (row == first)
            for n, given_input in enumerate(tx.inputs):
                point = given_input.out_point
                assert (inputs["n"][spent], inputs["txid"][spent]) == (n, txs["txid"][row])
                assert inputs["spent_txid"][spent] == str(point.txid)
                assert inputs["spent_vout"][spent] == point.index
                assert inputs["sequence"][spent] == given_input.sequence
                spent += 1
            for n, output in enumerate(tx.outputs):
                assert (outputs["n"][made], outputs["txid"][made]) == (n, txs["txid"][row])
                assert outputs["value"][made] == output.amount
                assert outputs["script"][made] == bytes(output.script_pubkey).hex()
                made += 1
            row += 1
        assert chain.blocks["transactions"][number] == row - first
    assert (row, spent, made) == (len(chain.txs), len(chain.inputs), len(chain.outputs))


@pytest.mark.parametrize("name", FILES)
def test_weights_and_witnesses_of_all_real_blocks_equal_those_that_embit_writes(shared_data, name):
    """Weight is three times the size without witnesses plus the whole size (BIP 141)."""
    file = shared_data / "crypto" / "btc-blocks" / name
    chain = read_blocks(file, "mainnet")
    weight = iter(chain.txs[["weight", "vsize"]].values.tolist())
    witness = iter(chain.inputs["witness"])
    for number, raw in enumerate(raw_blocks(file, "mainnet")):
        stream = BytesIO(raw)
        stream.seek(80)
        count = compact.read_from(stream)
        total = 4 * stream.tell()
        for _ in range(count):
            tx = Transaction.read_from(stream)
            stacks = [spent.witness.items for spent in tx.vin]
            whole = len(tx.serialize())
            for spent in tx.vin:
                spent.witness = Witness([])
            expected = 3 * len(tx.serialize()) + whole
            assert next(weight) == [expected, -(-expected // 4)]
            for stack in stacks:
                assert next(witness) == " ".join(item.hex() or "0" for item in stack)
            total += expected
        assert chain.blocks["weight"][number] == total


def pushed(data: bytes) -> bytes:
    if len(data) < 76:
        return bytes([len(data)]) + data
    return b"\x4c" + bytes([len(data)]) + data


HASHES = st.binary(min_size=20, max_size=20)
WIDE = st.binary(min_size=32, max_size=32)
SCRIPTS = st.one_of(
    HASHES.map(lambda h: (b"\x76\xa9\x14" + h + b"\x88\xac", "p2pkh")),
    HASHES.map(lambda h: (b"\xa9\x14" + h + b"\x87", "p2sh")),
    HASHES.map(lambda h: (b"\x00\x14" + h, "p2wpkh")),
    WIDE.map(lambda h: (b"\x00\x20" + h, "p2wsh")),
    WIDE.map(lambda h: (b"\x51\x20" + h, "p2tr")),
    st.sampled_from([KEY, LONG_KEY]).map(lambda key: (pushed(key) + b"\xac", "p2pk")),
    st.lists(st.sampled_from([KEY, LONG_KEY]), min_size=1, max_size=16).map(
        lambda keys: (
            b"\x51" + b"".join(map(pushed, keys)) + bytes([0x50 + len(keys), 0xAE]),
            "multisig",
        )
    ),
    st.binary(max_size=90).map(lambda data: (b"\x6a" + pushed(data), "op_return")),
    st.binary(max_size=9).map(lambda data: (b"\x6a\x4c\xff" + data, "op_return")),  # cut push
    st.tuples(st.integers(2, 16), st.binary(min_size=2, max_size=40)).map(
        lambda two: (bytes([0x50 + two[0]]) + pushed(two[1]), "other")
    ),
    st.binary(min_size=2, max_size=40)
    .filter(lambda program: len(program) not in (20, 32))
    .map(lambda program: (b"\x00" + pushed(program), "other")),
    st.sampled_from([b"", b"\x51", b"\x4c", b"\x4d\xff", b"\x4e\x01\x00", b"\x4b" + b"x" * 9]).map(
        lambda script: (script, "other")  # nothing, anyone, and pushes that run past the end
    ),
)
WITNESSES = st.lists(st.binary(max_size=300), min_size=1, max_size=4)
INPUTS = st.tuples(
    WIDE.filter(any),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=300),
    st.integers(0, 2**32 - 1),
    st.one_of(st.none(), WITNESSES),
)
OUTPUTS = st.tuples(st.integers(0, 21_000_000 * 10**8), SCRIPTS)
TRANSACTIONS = st.tuples(
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.lists(INPUTS, min_size=1, max_size=4, unique_by=lambda given: given[:2]),
    st.lists(OUTPUTS, min_size=1, max_size=5),
)


class Drawn:
    """A transaction written by embit, in the shape that `mint` puts into blocks."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.witness = [item for spent in tx.vin for item in spent.witness.items]
        self.txid = tx.txid()[::-1]

    def write(self) -> bytes:
        return self.tx.serialize()


def drawn(parts) -> tuple[Drawn, list[str]]:
    version, locktime, given_inputs, given_outputs = parts
    vin = [
        TransactionInput(
            txid,
            vout,
            script_sig=Script(script_sig),
            sequence=sequence,
            witness=Witness(items or []),
        )
        for txid, vout, script_sig, sequence, items in given_inputs
    ]
    vout = [TransactionOutput(value, Script(script)) for value, (script, _) in given_outputs]
    kinds = [kind for _, (_, kind) in given_outputs]
    return Drawn(Transaction(version, vin, vout, locktime)), kinds


@given(st.lists(TRANSACTIONS, min_size=1, max_size=4))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_drawn_transactions_are_read_as_embit_wrote_them(parts):
    made = [drawn(one) for one in parts]
    txs = [tx for tx, _ in made]
    if len({tx.txid for tx in txs}) < len(txs):
        return
    raw = mint.mined(bytes(32), [mint.coinbase(0, txs), *txs], 1_400_000_000)
    chain = read_blocks(raw)
    pbk.Block(raw)
    outputs = chain.outputs[chain.outputs["txid"] != chain.txs["txid"][0]].to_dict("records")
    inputs = chain.inputs[1:].to_dict("records")
    assert chain.txs["txid"][1:].tolist() == [tx.tx.txid().hex() for tx in txs]
    for (tx, kinds), row in zip(made, chain.txs[1:].to_dict("records"), strict=True):
        assert (row["version"], row["locktime"]) == (tx.tx.version, tx.tx.locktime)
        assert row["size"] == len(tx.write())
        assert row["wtxid"] == mint.twice(tx.write())[::-1].hex()
        for spent in tx.tx.vin:
            found = inputs.pop(0)
            assert found["spent_txid"] == spent.txid.hex()
            assert (found["spent_vout"], found["sequence"]) == (spent.vout, spent.sequence)
            assert found["script_sig"] == spent.script_sig.data.hex()
            assert found["witness"] == " ".join(item.hex() or "0" for item in spent.witness.items)
        for output, kind in zip(tx.tx.vout, kinds, strict=True):
            found = outputs.pop(0)
            assert (found["value"], found["kind"]) == (output.value, kind)
            assert found["script"] == output.script_pubkey.data.hex()
            if output.script_pubkey.script_type():
                assert kind == output.script_pubkey.script_type()
                expected = output.script_pubkey.address(EMBIT_NETWORKS["regtest"])
                assert found["address"] == expected
    assert not inputs and not outputs


@given(SCRIPTS, st.sampled_from(sorted(NAMES)))
def test_kinds_and_addresses_equal_those_of_embit_on_every_network(script_and_kind, network):
    script, kind = script_and_kind
    assert kind_of(script) == kind
    address = address_of(script, network)
    if Script(script).script_type():
        assert kind == Script(script).script_type()
        assert address == Script(script).address(EMBIT_NETWORKS[NAMES[network]])
    elif kind == "other" and len(script) >= 4 and 0x52 <= script[0] <= 0x60:
        version = script[0] - 0x50
        assert address == bech32.encode(PREFIXES[network], version, list(script[2:]))
    else:
        assert address is None


def test_the_anchor_output_has_the_address_that_bitcoin_core_gives_it():
    """Bitcoin Core, release notes of version 28: pay to anchor, bc1pfeessrawgf."""
    assert address_of(bytes.fromhex("51024e73"), "mainnet") == "bc1pfeessrawgf"


@pytest.mark.parametrize(
    ("network", "headline", "lock", "seconds", "nonce", "published"),
    [
        # Bitcoin Core, chainparams.cpp: the first blocks and their hashes.
        (
            "mainnet",
            mint.HEADLINE,
            b"\x41" + mint.FIRST_KEY + b"\xac",
            1_231_006_505,
            2_083_236_893,
            "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
        ),
        (
            "testnet",
            mint.HEADLINE,
            b"\x41" + mint.FIRST_KEY + b"\xac",
            1_296_688_602,
            414_098_458,
            "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
        ),
        (
            "testnet4",
            b"03/May/2024 000000000000000000001ebd58c244970b3aa9d783bb001011fbe8ea8e98e00e",
            b"\x21" + bytes(33) + b"\xac",
            1_714_777_860,
            393_743_547,
            "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
        ),
    ],
)
def test_the_first_block_of_each_network_is_read(
    network, headline, lock, seconds, nonce, published
):
    length = bytes([len(headline)]) if len(headline) < 76 else b"\x4c" + bytes([len(headline)])
    note = bytes.fromhex("04ffff001d0104") + length + headline
    first = mint.Tx([mint.NOTHING], [(50_0000_0000, lock)], script_sig=note, version=1)
    header = struct.pack(
        "<i32s32sIII", 1, bytes(32), first.txid, seconds, int("1d00ffff", 16), nonce
    )
    raw = header + b"\x01" + first.write()
    chain = read_blocks(raw, network)
    assert chain.blocks["hash"].tolist() == [published]
    assert chain.blocks["height"].tolist() == [0]
    with pytest.raises(ChainError, match=f"this is a block of {network}, not of regtest"):
        magic = {"mainnet": "f9beb4d9", "testnet": "0b110907", "testnet4": "1c163f28"}[network]
        read_blocks(bytes.fromhex(magic) + struct.pack("<I", len(raw)) + raw, "regtest")


@given(st.integers(1, 40), st.data())
@settings(deadline=None)
def test_few_witnesses_among_many_transactions_are_checked_as_well(count, data):
    """The commitment is made by `mint` over all hashes; the shorter way must agree, and notice."""
    places = data.draw(st.sets(st.integers(1, count), min_size=1, max_size=3))
    txs = [
        mint.Tx([(bytes([n]) * 32, n)], [(n, b"\x51")], witness=[b"w%d" % n] if n in places else [])
        for n in range(1, count + 1)
    ]
    raw = mint.mined(bytes(32), [mint.coinbase(0, txs), *txs], 1_400_000_000)
    assert (read_blocks(raw).txs["txid"] != read_blocks(raw).txs["wtxid"]).sum() == len(places) + 1
    one = b"w%d" % data.draw(st.sampled_from(sorted(places)))
    assert raw.count(bytes([len(one)]) + one) == 1
    with pytest.raises(ChainError, match="not those that the coinbase commits to"):
        read_blocks(raw.replace(bytes([len(one)]) + one, bytes([len(one)]) + b"x" + one[1:]))


class TestFilesOfBitcoinCore:
    BLOCKS = mint.small_chain(5)

    def test_a_hidden_file_without_its_key_says_what_is_missing(self, tmp_path):
        key = bytes.fromhex("0123456789abcdef")
        plain = mint.framed(*self.BLOCKS)
        hidden = bytes(octet ^ key[at % 8] for at, octet in enumerate(plain))
        (tmp_path / "blk00000.dat").write_bytes(hidden)
        with pytest.raises(
            ChainError, match=r"^blk00000\.dat, byte 0: no mark .* put its xor\.dat"
        ):
            read_blocks(tmp_path)
        (tmp_path / "xor.dat").write_bytes(bytes.fromhex("1123456789abcdef"))
        with pytest.raises(ChainError, match=r"the key in xor\.dat is not that of this file"):
            read_blocks(tmp_path)
        (tmp_path / "xor.dat").write_bytes(key)
        assert len(read_blocks(tmp_path).blocks) == 5

    def test_zeros_before_between_and_behind_blocks_are_passed_over(self, tmp_path):
        (tmp_path / "blk00000.dat").write_bytes(bytes(64) + mint.framed(*self.BLOCKS) + bytes(999))
        (tmp_path / "blk00001.dat").write_bytes(bytes(4096))
        assert len(read_blocks(tmp_path).blocks) == 5
        with pytest.raises(ChainError, match="there are no blocks to read"):
            read_blocks(tmp_path / "blk00001.dat")

    def test_files_in_any_order_give_one_chain(self, tmp_path):
        (tmp_path / "blk00000.dat").write_bytes(mint.framed(*self.BLOCKS[3:][::-1]))
        (tmp_path / "blk00001.dat").write_bytes(mint.framed(*self.BLOCKS[:3][::-1]))
        found = read_blocks(tmp_path).blocks
        assert found["height"].tolist() == [0, 1, 2, 3, 4]

    def test_a_script_cut_by_its_length_is_refused(self):
        raw = self.BLOCKS[3]
        length = raw.index(b"\x16" + mint.pay_to_hash(7))
        longer = raw[:length] + b"\xfe\xff\xff\xff\x7f" + raw[length + 1 :]
        with pytest.raises(ChainError, match="the block ends inside transaction 2 of 2"):
            read_blocks(longer)
