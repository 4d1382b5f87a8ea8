"""Addresses say of which chain they are, and whether a letter slipped."""

import re

import pytest
from embit.networks import NETWORKS
from embit.script import Script
from hypothesis import given
from hypothesis import strategies as st

from cointrace.spelling import currency_named, slip, spelling


@pytest.mark.parametrize(
    ("address", "currency"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "BTC"),  # genesis block
        ("3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "BTC"),  # BIP 13
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BTC"),  # BIP 173
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "BTC"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "BTC"),  # BIP 350
        ("bc1sw50qgdz25j", "BTC"),
        # EIP-55, the examples of the proposal; all capitals and all small letters are no checksum.
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "ETH"),
        ("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "ETH"),
        ("0x52908400098527886E0F7030069857D2E4169EE7", "ETH"),
        ("0xde709f2102306220921060314715629080e2fb77", "ETH"),
        # CashAddr specification, translation of legacy addresses.
        ("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "BCH"),
        ("qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "BCH"),
        ("bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq", "BCH"),
        # Packs and lists in the shared data.
        ("LNf2JDiuunBz7GMDKFYHN4rq5meXWxiwfb", "LTC"),
        ("TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq", "TRX"),
        ("XyARKoupuArYtToA2S6yMdnoquDCDaBsaT", "DASH"),
        ("t1ZmpK4QFcvyQZ3ghTgSboBW8b4HgiZHQF9", "ZEC"),
        ("rGeyCsqc6vKXuyTGF39WJxmTRemoV3c97h", "XRP"),
    ],
)
def test_published_addresses_belong_to_their_chain(address, currency):
    found = spelling(address)
    assert currency in found.currencies
    assert found.flaw is None
    assert slip(address, currency) is None


@pytest.mark.parametrize(
    ("address", "currency", "clause"),
    [
        ("TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq", "BTC", "it has the form of TRX, not of BTC"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "BTC", "its checksum is wrong"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "ETH", "it has the form of BCH or BSV or BTC"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", "ETH", "not those of its checksum"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "ETH", "does not have the form of any"),
        ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "BTC", "form of ETH and chains like it"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "BTC", "its checksum is wrong"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8F3T4", "BTC", "mixes capital and small"),
        ("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "BTC", "it has the form of BTC testnet"),
        ("qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b", "BCH", "its checksum is wrong|form of any"),
        # BIP 350: a version 0 program with the later checksum, a bad length, bad padding.
        ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", "BTC", "no script has this form"),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du", "BTC", "its checksum is wrong|no script"),
        ("rGeyCsqc6vKXuyTGF39WJxmTRemoV3c97g", "XRP", "its checksum is wrong"),
        ("hello", "BTC", "does not have the form of any address of BTC"),
        ("", "BTC", "does not have the form of any address of BTC"),
        ("LNf2JDiuunBz7GMDKFYHN4rq5meXWxiwfb", "USDT", "form of LTC, where USDT is not issued"),
    ],
)
def test_what_cannot_be_an_address_of_a_currency_says_why(address, currency, clause):
    assert re.search(clause, slip(address, currency))


def test_a_token_can_be_on_any_chain_that_carries_it():
    for address in (
        "0x38735f03b30FbC022DdD06ABED01F0Ca823C6a94",
        "TEAqwfMhXLaomXhZ8KeMhx3njGmQEDnsUR",
        "3LtcaPbCj87CwJHnRX3vh7c2y9RZQqeSy8",
    ):
        assert slip(address, "USDT") is None


def test_of_a_chain_that_is_not_known_nothing_is_said():
    assert slip("whatever", "ADA") is None


def test_equal_addresses_have_one_normal_form():
    pairs = [
        (
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ),
        (
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED",
        ),
        (
            "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
            "QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A",
        ),
        (" 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\n", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ]
    for one, other in pairs:
        assert spelling(one).normal == spelling(other).normal
    assert spelling("1abc").normal != spelling("1ABC").normal, "in base 58 capitals count"


def test_a_cashaddr_is_the_older_address_of_the_same_key():
    """CashAddr specification, "Examples of address translation"."""
    for older, cash in (
        ("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
        ("1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy"),
        ("16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", "qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r"),
        ("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
        ("3LDsS579y7sruadqu11beEJoTjdFiFCdX4", "pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e"),
        ("31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw", "pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37"),
    ):
        assert spelling(f"bitcoincash:{cash}").normal == spelling(cash.upper()).normal == older


def test_the_names_of_currencies_are_made_one():
    assert [currency_named(w) for w in ("xbt", "Tron", "Ripple", "eth ")] == [
        "BTC",
        "TRX",
        "XRP",
        "ETH",
    ]


FORMS = [(b"\x76\xa9\x14", 20, b"\x88\xac"), (b"\xa9\x14", 20, b"\x87")]
FORMS += [(b"\x00\x14", 20, b""), (b"\x00\x20", 32, b""), (b"\x51\x20", 32, b"")]


@given(st.sampled_from(FORMS), st.binary(min_size=32, max_size=32), st.data())
def test_addresses_that_embit_writes_are_right_and_one_changed_letter_is_noticed(
    form, payload, data
):
    before, size, after = form
    address = Script(before + payload[:size] + after).address(NETWORKS["main"])
    assert slip(address, "BTC") is None
    at = data.draw(st.integers(4, len(address) - 1))
    letter = data.draw(st.sampled_from("23456789acdefghjkmnpqrstuvwxyz").filter(address[at].__ne__))
    assert slip(address[:at] + letter + address[at + 1 :], "BTC")


@given(st.text(max_size=110))
def test_any_text_is_judged_without_failure(text):
    spelling(text)
    for currency in ("BTC", "ETH", "XRP", "XMR", "BCH", "USDT", "ADA"):
        slip(text, currency)
