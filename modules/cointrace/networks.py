"""What differs between Bitcoin's networks: marks in files, prefixes of addresses, easiest target.

The values are those of Bitcoin Core's `chainparams.cpp`, of BIP 173 (prefixes of segwit addresses)
and of BIP 94 (testnet4).
"""

from __future__ import annotations

from dataclasses import dataclass

from cointrace.errors import ChainError


@dataclass(frozen=True)
class Network:
    """One network: `magic` marks its blocks in a file, the prefixes mark its addresses."""

    name: str
    magic: bytes
    p2pkh_prefix: int
    p2sh_prefix: int
    segwit_prefix: str
    easiest_target: int


NETWORKS = {
    network.name: network
    for network in (
        Network("mainnet", bytes.fromhex("f9beb4d9"), 0x00, 0x05, "bc", 2**224 - 1),
        Network("testnet", bytes.fromhex("0b110907"), 0x6F, 0xC4, "tb", 2**224 - 1),
        Network("testnet4", bytes.fromhex("1c163f28"), 0x6F, 0xC4, "tb", 2**224 - 1),
        Network("regtest", bytes.fromhex("fabfb5da"), 0x6F, 0xC4, "bcrt", 2**255 - 1),
    )
}
BY_MAGIC = {network.magic: network for network in NETWORKS.values()}


def network_named(name: str) -> Network:
    """Return the network called `name`.

    Raises:
        ChainError: there is no network of that name.
    """
    if name not in NETWORKS:
        raise ChainError(
            f"there is no network called {name!r}", f"choose one of {', '.join(NETWORKS)}"
        )
    return NETWORKS[name]
