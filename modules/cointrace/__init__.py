"""Read chains: blocks, tokens and tags, from raw bytes to tables.

Begin with `read_blocks`, or with `token_transfers` for a chain of accounts. Data that are not what
they should be give one `ChainError` sentence.
"""

from cointrace.accounts import balances, fee_transfers, value_transfers
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
from cointrace.confidence import confidence_ladder
from cointrace.errors import ChainError
from cointrace.fields import Field, block_fields
from cointrace.flow import Flow, draw_flow
from cointrace.follow import Trail, neighbourhood, paths
from cointrace.links import Links, link
from cointrace.lists import read_list
from cointrace.networks import NETWORKS
from cointrace.peeling import PeelChain, peel_chain
from cointrace.primitives import compact_size, double_sha256, write_compact_size
from cointrace.proofs import MerkleProof, merkle_proof
from cointrace.reporting import Report, report, rerun
from cointrace.screening import Screening, screen
from cointrace.scripts import KINDS, kind_of
from cointrace.tags import Tags, read_tags
from cointrace.taint import POLICIES, taint
from cointrace.taint_result import Taint
from cointrace.tokens import TokenTransfers, token_transfers

__all__ = [
    "CHANGE_HEURISTICS",
    "COINJOIN_KINDS",
    "COINJOIN_PERIODS",
    "KINDS",
    "NETWORKS",
    "POLICIES",
    "Chain",
    "ChainError",
    "Field",
    "Flow",
    "Links",
    "MerkleProof",
    "PeelChain",
    "Report",
    "Screening",
    "Tags",
    "Taint",
    "TokenTransfers",
    "Trail",
    "address_of",
    "balances",
    "block_fields",
    "change_error_rates",
    "change_outputs",
    "change_votes",
    "clusters",
    "coinjoins",
    "compact_size",
    "confidence_ladder",
    "double_sha256",
    "draw_flow",
    "fee_transfers",
    "kind_of",
    "link",
    "merkle_proof",
    "neighbourhood",
    "paths",
    "peel_chain",
    "raw_blocks",
    "read_blocks",
    "read_list",
    "read_tags",
    "report",
    "rerun",
    "screen",
    "taint",
    "token_transfers",
    "value_transfers",
    "write_compact_size",
]
