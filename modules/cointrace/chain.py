"""A chain as four tables: blocks, transactions, inputs and outputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from cointrace.blocks import Columns, read_block
from cointrace.errors import ChainError
from cointrace.files import find_blocks, type_of_source
from cointrace.networks import network_named
from cointrace.order import Placed, place
from cointrace.tables import block_table, input_table, output_table, transaction_table


@dataclass(frozen=True, eq=False, repr=False)
class Chain:
    """Blocks that were read and checked, as tables in chain order.

    Amounts are whole satoshi (int64), times are UTC, hashes, ids and scripts are hexadecimal text in
    the order in which people write them. What is not known is missing (`isna()`).

    Attributes:
        blocks: height, hash, prev_hash, merkle_root, time, version, bits, nonce, size (bytes),
            weight (BIP 141), transactions (count).
        txs: txid, wtxid, height, position (0 is the coinbase), coinbase, version, locktime, size,
            vsize, weight, inputs, outputs (counts).
        inputs: txid and n (which input), height, spent_txid and spent_vout (which output it
            spends), sequence, script_sig, witness (items apart by a space, "0" for an empty one),
            and address, value and kind of the output spent, where that is in the chain.
        outputs: txid and n (which output), height, value, script, kind (`cointrace.KINDS`), address.
        stale: blocks read that are not part of the chain: a branch with less work.
        network: the name of the network.

    `height` is 0 for a genesis block; a stretch that begins later has the heights its coinbases
    state (BIP 34), and none where they state none.
    """

    blocks: pd.DataFrame
    txs: pd.DataFrame
    inputs: pd.DataFrame
    outputs: pd.DataFrame
    stale: pd.DataFrame
    network: str

    def __repr__(self) -> str:
        """Return how much there is, in one line."""
        return (
            f"<Chain of {self.network}: {len(self.blocks):,} blocks, {len(self.txs):,} "
            f"transactions, {len(self.inputs):,} inputs, {len(self.outputs):,} outputs>"
        )


def read_blocks(
    source: type_of_source | Iterable[type_of_source], network: str = "regtest"
) -> Chain:
    """Read blocks into tables, and check them.

    Checked is what makes later findings repeatable: that every byte was understood, that each
    block's transactions are those its header commits to (Merkle root, and BIP 141 for witnesses), and
    that each header shows the work it claims. Signatures are not checked.

    Args:
        source: the bytes of one block, a file (one block, or a blk*.dat as Bitcoin Core writes it), a
            folder of blk*.dat, or several of these.
        network: "mainnet", "testnet", "testnet4" or "regtest".

    Raises:
        ChainError: one sentence with file, byte offset and remedy.
    """
    chosen = network_named(network)
    placed, stale = place(find_blocks(source, chosen), chosen)
    columns, left_out = Columns(), Columns()
    counts = [_append(block, columns) for block in placed]
    stale_counts = [_append(block, left_out) for block in stale]
    blocks = block_table(placed, counts, columns)
    txs = transaction_table(columns, blocks)
    outputs = output_table(columns, txs, chosen)
    return Chain(
        blocks=blocks,
        txs=txs,
        inputs=input_table(columns, txs, outputs),
        outputs=outputs,
        stale=block_table(stale, stale_counts, left_out) if stale else blocks.iloc[:0].copy(),
        network=network,
    )


def raw_blocks(
    source: type_of_source | Iterable[type_of_source], network: str = "regtest"
) -> list[bytes]:
    """Return the bytes of each block in chain order, so that `raw_blocks(...)[7]` is block 7.

    Only headers are read and checked: give a block to `read_blocks` to check all of it.

    Raises:
        ChainError: as for `read_blocks`.
    """
    chosen = network_named(network)
    return [block.raw.data for block in place(find_blocks(source, chosen), chosen)[0]]


def _append(block: Placed, columns: Columns) -> int:
    """Read a block into `columns`; return how many transactions it has."""
    try:
        _, found = read_block(block.raw.data)
    except ChainError as error:
        raise error.inside(block.raw.source, block.raw.offset) from None
    columns.extend(found)
    return len(found.txid)
