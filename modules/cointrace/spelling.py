"""Of which chain can this address be, and is it written without a slip?

Every chain writes addresses in its own way, most with a checksum. So a tag or a list entry can be
checked without any chain at hand. Sources: Base58Check as Bitcoin defines it and the version bytes of
each chain's own parameters; BIP 173 and BIP 350 (bech32, bech32m); EIP-55 (capital letters as a
checksum); the CashAddr specification of Bitcoin Cash; XRP Ledger's base58 dictionary; for Monero only
the form is known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cointrace.primitives import double_sha256

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_DIGIT = {letter: value for value, letter in enumerate(_BASE58)}
_RIPPLE_DIGIT = {letter: value for value, letter in enumerate(_RIPPLE58)}
_BECH32 = {letter: value for value, letter in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CASH_GENERATOR = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)

_BITCOIN_LIKE = frozenset({"BTC", "BCH", "BSV"})
_BY_VERSION = {
    b"\x00": _BITCOIN_LIKE,
    b"\x05": _BITCOIN_LIKE | {"LTC"},
    b"\x30": frozenset({"LTC"}),
    b"\x32": frozenset({"LTC"}),
    b"\x1e": frozenset({"DOGE", "DGB", "XVG"}),
    b"\x16": frozenset({"DOGE"}),
    b"\x3f": frozenset({"DGB"}),
    b"\x21": frozenset({"XVG"}),
    b"\x4c": frozenset({"DASH"}),
    b"\x10": frozenset({"DASH"}),
    b"\x26": frozenset({"BTG"}),
    b"\x17": frozenset({"BTG"}),
    b"\x41": frozenset({"TRX"}),
    b"\x1c\xb8": frozenset({"ZEC"}),
    b"\x1c\xbd": frozenset({"ZEC"}),
    b"\x6f": frozenset({"BTC testnet"}),
    b"\xc4": frozenset({"BTC testnet"}),
}
_BY_PREFIX = {"bc": "BTC", "ltc": "LTC", "tb": "BTC testnet", "bcrt": "BTC testnet"}
EVM = frozenset({"ETH", "ETC", "BNB", "BEP20", "BSC", "MATIC", "POL", "FTM", "ARB", "OP", "BASE"})
TOKENS = frozenset({"USDT", "USDC", "DAI", "WETH", "WBTC", "BUSD", "TUSD", "EURT"})
"""Coins that live on several networks: their name alone does not say where an address is."""
CHECKED = EVM | frozenset().union(*_BY_VERSION.values()) | {"XRP", "XMR"}
"""Currencies whose addresses are known here; of others nothing is said."""
_SAME = {
    "XBT": "BTC",
    "BITCOIN": "BTC",
    "TRON": "TRX",
    "RIPPLE": "XRP",
    "BCHABC": "BCH",
    "ETHEREUM": "ETH",
    "POLYGON": "MATIC",
    "OMNI": "BTC",
    "RBTC": "RSK",
}

_ETHEREUM = re.compile(r"0[xX][0-9a-fA-F]{40}")
_SEGWIT = re.compile(r"(?i)(bc|tb|bcrt|ltc)1([02-9ac-hj-np-z]{7,87})")
_CASH = re.compile(r"(?i)(?:bitcoincash:)?([qp][02-9ac-hj-np-z]{41})")
_BASE58_TEXT = re.compile(f"[{_BASE58}]{{25,36}}")
_MONERO = re.compile(f"[48][{_BASE58}]{{94}}|4[{_BASE58}]{{105}}")
_SHIELDED = re.compile(r"(zs1|u1)[02-9ac-hj-np-z]{40,}")


@dataclass(frozen=True, slots=True)
class Spelling:
    """What an address says about itself.

    Attributes:
        normal: the one form in which equal addresses are equal.
        currencies: those it can belong to; empty where the form is not known here.
        flaw: what is wrong with it, as a clause, or None.
    """

    normal: str
    currencies: frozenset[str]
    flaw: str | None = None


@lru_cache(maxsize=100_000)
def spelling(address: str) -> Spelling:
    """Return what an address says about itself: its normal form, its currencies, its flaw.

    bech32 is written small; Ethereum's are written small, as their capital letters are only a checksum;
    CashAddr is turned into the older form of the same key or script, which Bitcoin Cash shares with
    Bitcoin; all others keep their letters, which count.
    """
    text = address.strip()
    if _ETHEREUM.fullmatch(text):
        wrong = text[2:] not in (text[2:].lower(), text[2:].upper()) and not _is_eip55(text)
        flaw = "its capital letters are not those of its checksum (EIP-55)" if wrong else None
        return Spelling(text.lower(), EVM, flaw)
    if found := _SEGWIT.fullmatch(text):
        currency = _BY_PREFIX[found[1].lower()]
        return Spelling(text.lower(), frozenset({currency}), _segwit_flaw(text))
    if found := _CASH.fullmatch(text):
        data = found[1].lower()
        if not _is_cash(data):
            return Spelling(data, frozenset({"BCH"}), "its checksum is wrong")
        return Spelling(_cash_in_base58(data), frozenset({"BCH"}))
    if _MONERO.fullmatch(text):
        return Spelling(text, frozenset({"XMR"}))
    if _SHIELDED.fullmatch(text):
        return Spelling(text, frozenset({"ZEC"}))
    if text[:1] == "r" and 25 <= len(text) <= 35 and (raw := _base58(text, _RIPPLE_DIGIT)):
        if len(raw) != 25 or not _checked(raw):
            return Spelling(text, frozenset({"XRP"}), "its checksum is wrong")
        return Spelling(text, frozenset({"XRP"}))
    if _BASE58_TEXT.fullmatch(text):
        return _base58_spelling(text)
    return Spelling(text, frozenset())


def currency_named(word: str) -> str:
    """Return the usual short name of a currency: "xbt" is BTC, "Tron" is TRX."""
    name = word.strip().upper()
    return _SAME.get(name, name)


def slip(address: str, currency: str) -> str | None:
    """Say, as a clause, why this cannot be an address of this currency, or None where it can.

    Of a currency that is not known here nothing is said. A token can be on any chain that carries it.
    """
    name, found = currency_named(currency), spelling(address)
    if name in TOKENS:
        known = found.currencies & (EVM | {"TRX", "BTC"})
        if not known and found.currencies:
            return f"it has the form of {_listed(found.currencies)}, where {name} is not issued"
        return found.flaw
    if name not in CHECKED:
        return None
    if name in found.currencies:
        return found.flaw
    if found.currencies:
        return f"it has the form of {_listed(found.currencies)}, not of {name}"
    return found.flaw or f"it does not have the form of any address of {name}"


def _listed(currencies: frozenset[str]) -> str:
    if currencies == EVM:
        return "ETH and chains like it"
    return " or ".join(sorted(currencies))


def _base58_spelling(text: str) -> Spelling:
    raw = _base58(text, _DIGIT) or b""
    if len(raw) not in (25, 26):
        return Spelling(text, frozenset())
    if not _checked(raw):
        return Spelling(text, frozenset(), "its checksum is wrong")
    return Spelling(text, _BY_VERSION.get(raw[: len(raw) - 24], frozenset()))


def _base58(text: str, digits: dict[str, int]) -> bytes | None:
    number = 0
    for letter in text:
        value = digits.get(letter)
        if value is None:
            return None
        number = number * 58 + value
    zero = next(iter(digits))
    zeros = len(text) - len(text.lstrip(zero))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _checked(raw: bytes) -> bool:
    return double_sha256(raw[:-4])[:4] == raw[-4:]


def _is_eip55(text: str) -> bool:
    from eth_hash.auto import keccak

    digits = text[2:]
    digest = keccak(digits.lower().encode()).hex()
    return all(
        letter.isdigit() or letter.isupper() == (int(nibble, 16) >= 8)
        for letter, nibble in zip(digits, digest, strict=False)
    )


def _segwit_flaw(text: str) -> str | None:
    if text not in (text.lower(), text.upper()):
        return "it mixes capital and small letters"
    prefix, data = text.lower().split("1", 1)
    values = [_BECH32[letter] for letter in data]
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    version, program = values[0], values[1:-6]
    wanted = 0x2BC830A3 if version else 1
    if _polymod(spread + values, 25, _BECH32_GENERATOR, 1) != wanted:
        return "its checksum is wrong"
    size, rest = divmod(5 * len(program), 8)
    padding = program[-1] & ((1 << rest) - 1) if program else 0
    lengths = (20, 32) if version == 0 else range(2, 41)
    if version > 16 or rest > 4 or padding or size not in lengths:
        return "no script has this form (BIP 141)"
    return None


def _is_cash(data: str) -> bool:
    values = [ord(letter) & 31 for letter in "bitcoincash"] + [0]
    values += [_BECH32[letter] for letter in data]
    return _polymod(values, 35, _CASH_GENERATOR, 1) == 1


def _cash_in_base58(data: str) -> str:
    """Return a CashAddr of 20 bytes in base 58, as Bitcoin writes the same key or script."""
    number = 0
    for letter in data[:-8]:
        number = number << 5 | _BECH32[letter]
    raw = (number >> 2).to_bytes(21, "big")  # 34 letters hold 168 bits and two of padding
    if raw[0] not in (0, 8):
        return data
    payload = (b"\x05" if raw[0] else b"\x00") + raw[1:]
    number = int.from_bytes(payload + double_sha256(payload)[:4], "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + digits


def _polymod(values: list[int], width: int, generator: tuple[int, ...], start: int) -> int:
    """Return the checksum of five-bit values: the division of both bech32 and CashAddr."""
    checksum, mask = start, (1 << width) - 1
    for value in values:
        top = checksum >> width
        checksum = ((checksum & mask) << 5) ^ value
        for bit, term in enumerate(generator):
            if top >> bit & 1:
                checksum ^= term
    return checksum
