"""The fields of a block leave no byte out and say what the bytes say."""

import pytest

from cointrace import ChainError, block_fields, raw_blocks, read_blocks
from tests.cointrace import mint

BLOCK = mint.small_chain(4)[3]


def named(fields, part, name):
    return next(field for field in fields if (field.part, field.name) == (part, name))


def test_fields_follow_each_other_without_a_gap():
    fields = block_fields(BLOCK)
    assert fields[0].start == 0
    assert [field.end for field in fields[:-1]] == [field.start for field in fields[1:]]
    assert fields[-1].end == len(BLOCK), "the block has two transactions, both are shown"
    assert all(field.meaning and field.value and field.end > field.start for field in fields)


def test_values_are_those_of_the_tables():
    fields, chain = block_fields(BLOCK), read_blocks(BLOCK)
    assert named(
        fields, "Header", "Time"
    ).value == "2011-03-13 07:36:40 UTC (1,300,001,800)".replace(
        "07:36:40", f"{chain.blocks['time'][0]:%H:%M:%S}"
    )
    assert named(fields, "Header", "Merkle root").value == chain.blocks["merkle_root"][0]
    assert named(fields, "Header", "Number of transactions").value == "2"
    assert named(fields, "Transaction 1", "Input 1: transaction").value == "none: new coins"
    spent = named(fields, "Transaction 2", "Input 1: transaction")
    assert spent.value == chain.inputs["spent_txid"][1]
    assert BLOCK[spent.start : spent.end][::-1].hex() == spent.value
    assert named(fields, "Transaction 2", "Output 1: amount").value == "100,000,000 satoshi"
    lock = named(fields, "Transaction 2", "Output 1: script")
    assert lock.value == f"{chain.outputs['address'][2]} (p2wpkh)"
    assert named(fields, "Transaction 2", "Witness 1").value == "2 items"


def test_what_is_not_shown_one_by_one_is_one_field():
    outputs = [(n, b"\x51") for n in range(6)]
    tx = mint.Tx([(bytes([n]) * 32, 0) for n in (1, 2, 3, 4)], outputs)
    raw = mint.mined(bytes(32), [mint.coinbase(0, []), tx], 1_400_000_000)
    fields = block_fields(raw, most=3)
    assert named(fields, "Transaction 2", "Input 4").value == "41 bytes"
    rest = named(fields, "Transaction 2", "Output 4 to 6")
    assert rest.end - rest.start == 30
    assert fields[-1].end == len(raw)


def test_bytes_that_are_no_block_are_refused():
    with pytest.raises(ChainError, match="the block ends inside transaction 2 of 2"):
        block_fields(BLOCK[:-1])


@pytest.mark.parametrize("name", ["block169482.dat", "block481829.dat", "block574200.blk"])
def test_all_fields_of_real_blocks_fit_together(shared_data, name):
    raw = raw_blocks(shared_data / "crypto" / "btc-blocks" / name, "mainnet")[0]
    fields = block_fields(raw, "mainnet", transactions=100)
    assert [field.end for field in fields[:-1]] == [field.start for field in fields[1:]]
    sizes = read_blocks(raw, "mainnet").txs["size"]
    assert fields[-1].end == fields[6].end + sizes[:100].sum()
