"""Read a chain of blocks: from raw bytes to tables of blocks, transactions, inputs and outputs.

Begin with `read_blocks`. Bytes that are not a block give one `ChainError` sentence.
"""

from cointrace.addresses import address_of
from cointrace.chain import Chain, raw_blocks, read_blocks
from cointrace.errors import ChainError
from cointrace.fields import Field, block_fields
from cointrace.links import Links, link
from cointrace.networks import NETWORKS
from cointrace.primitives import compact_size, double_sha256, write_compact_size
from cointrace.scripts import KINDS, kind_of
from cointrace.taint import POLICIES, taint
from cointrace.taint_result import Taint

__all__ = [
    "KINDS",
    "NETWORKS",
    "POLICIES",
    "Chain",
    "ChainError",
    "Field",
    "Links",
    "Taint",
    "address_of",
    "block_fields",
    "compact_size",
    "double_sha256",
    "kind_of",
    "link",
    "raw_blocks",
    "read_blocks",
    "taint",
    "write_compact_size",
]
