"""Addresses equal the published test vectors, and those of another library."""

import pytest
from embit.networks import NETWORKS as EMBIT_NETWORKS
from embit.script import Script
from hypothesis import given
from hypothesis import strategies as st

from cointrace import KINDS, ChainError, address_of, kind_of

KEY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
LONG_KEY = "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"


@pytest.mark.parametrize(
    ("address", "script", "network"),
    [
        # BIP 173, "Test vectors", those that BIP 350 keeps.
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "0014751e76e8199196d454941c45d1b3a323f1433bd6",
            "mainnet",
        ),
        (
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
            "testnet",
        ),
        (
            "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
            "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
            "testnet",
        ),
        # BIP 350, "Test vectors for v0-v16 native segregated witness addresses".
        (
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
            "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
            "mainnet",
        ),
        ("bc1sw50qgdz25j", "6002751e", "mainnet"),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "5210751e76e8199196d454941c45d1b3a323", "mainnet"),
        (
            "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
            "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
            "testnet",
        ),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "mainnet",
        ),
        # BIP 341, wallet test vectors (scriptPubKey, first case).
        (
            "bc1p2wsldez5mud2yam29q22wgfh9439spgduvct83k3pm50fcxa5dps59h4z5",
            "512053a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343",
            "mainnet",
        ),
        # BIP 13 and the genesis block's well-known address: leading zero bytes become leading 1s.
        (
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac",
            "mainnet",
        ),
        (
            "1111111111111111111114oLvT2",
            "76a914000000000000000000000000000000000000000088ac",
            "mainnet",
        ),
    ],
)
def test_published_vectors(address, script, network):
    assert address_of(bytes.fromhex(script), network) == address


@pytest.mark.parametrize(
    ("kind", "script"),
    [
        ("p2pk", f"21{KEY}ac"),
        ("p2pk", f"41{LONG_KEY}ac"),
        ("p2pkh", "76a914" + "11" * 20 + "88ac"),
        ("p2sh", "a914" + "11" * 20 + "87"),
        ("p2wpkh", "0014" + "11" * 20),
        ("p2wsh", "0020" + "11" * 32),
        ("p2tr", "5120" + "11" * 32),
        ("multisig", f"5121{KEY}41{LONG_KEY}52ae"),
        ("op_return", "6a"),
        ("op_return", "6a0568656c6c6f"),
        ("other", ""),
        ("other", "51"),
        ("other", "51024e73"),  # pay to anchor
        ("other", "0015" + "11" * 21),  # version 0 of a length without meaning
        ("other", "5220" + "11" * 32),  # version 2
        ("other", f"21{'05' + KEY[2:]}ac"),  # not a public key
        ("other", f"5321{KEY}21{KEY}52ae"),  # three of two
        ("other", f"5121{KEY}52ae"),  # says two keys, has one
        ("other", "76a914" + "11" * 20 + "88"),
    ],
)
def test_the_kind_is_told_by_the_form(kind, script):
    assert kind_of(bytes.fromhex(script)) == kind
    assert kind in KINDS


@pytest.mark.parametrize("script", [f"21{KEY}ac", f"5121{KEY}51ae", "6a", "", "0015" + "11" * 21])
def test_where_nobody_is_addressed_there_is_no_address(script):
    assert address_of(bytes.fromhex(script)) is None


def test_a_network_nobody_knows_is_named():
    with pytest.raises(ChainError, match="no network called 'moonnet'; choose one of mainnet,"):
        address_of(b"", "moonnet")


FORMS = {
    "p2pkh": (b"\x76\xa9\x14", 20, b"\x88\xac"),
    "p2sh": (b"\xa9\x14", 20, b"\x87"),
    "p2wpkh": (b"\x00\x14", 20, b""),
    "p2wsh": (b"\x00\x20", 32, b""),
    "p2tr": (b"\x51\x20", 32, b""),
}


@given(
    st.sampled_from(sorted(FORMS)),
    st.one_of(
        st.binary(min_size=32, max_size=32),
        st.integers(0, 255).map(lambda n: bytes(31) + bytes([n])),
    ),
    st.sampled_from([("mainnet", "main"), ("testnet", "test"), ("regtest", "regtest")]),
)
def test_addresses_equal_those_of_embit(kind, payload, networks):
    before, size, after = FORMS[kind]
    script = before + payload[-size:] + after
    assert kind_of(script) == kind
    expected = Script(script).address(EMBIT_NETWORKS[networks[1]])
    assert address_of(script, networks[0]) == expected


@given(st.binary(max_size=80))
def test_any_bytes_have_a_kind_and_no_failure(script):
    assert kind_of(script) in KINDS
    address_of(script, "mainnet")
