"""Read a chain of blocks: from raw bytes to tables of blocks, transactions, inputs and outputs.

Begin with `read_blocks`. Bytes that are not a block give one `ChainError` sentence.
"""

from cointrace.addresses import address_of
from cointrace.chain import Chain, raw_blocks, read_blocks
from cointrace.change import (
    CHANGE_HEURISTICS,
    change_error_rates,
    change_outputs,
    change_votes,
)
from cointrace.clusters import clusters
from cointrace.coinjoins import COINJOIN_KINDS, COINJOIN_PERIODS, coinjoins
from cointrace.errors import ChainError
from cointrace.fields import Field, block_fields
from cointrace.networks import NETWORKS
from cointrace.primitives import compact_size, double_sha256, write_compact_size
from cointrace.scripts import KINDS, kind_of

__all__ = [
    "CHANGE_HEURISTICS",
    "COINJOIN_KINDS",
    "COINJOIN_PERIODS",
    "KINDS",
    "NETWORKS",
    "Chain",
    "ChainError",
    "Field",
    "address_of",
    "block_fields",
    "change_error_rates",
    "change_outputs",
    "change_votes",
    "clusters",
    "coinjoins",
    "compact_size",
    "double_sha256",
    "kind_of",
    "raw_blocks",
    "read_blocks",
    "write_compact_size",
]
