"""Addresses: how people write the lock of an output, with a checksum against slips.

Base58Check for p2pkh and p2sh, bech32 for witness version 0 (BIP 173), bech32m for later versions
(BIP 350). A whole column is written at once, because a chain has millions of outputs: each step
below works on one row per address.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from hashlib import sha256
from operator import xor

import numpy as np

from cointrace.networks import Network, network_named
from cointrace.scripts import kind_of, witness_program

_BASE58 = np.frombuffer(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", np.uint8)
_BECH32 = np.frombuffer(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", np.uint8)
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
# What the five highest bits of a running checksum turn into: the terms of the bits that are set.
_POLYMOD = np.array(
    [
        reduce(xor, [term for bit, term in enumerate(_BECH32_GENERATOR) if top >> bit & 1], 0)
        for top in range(32)
    ],
    np.uint32,
)
_CHECKSUM_OF_VERSION_0 = 1
_CHECKSUM_OF_LATER_VERSIONS = 0x2BC830A3
_LEGACY = {"p2pkh": (25, slice(3, 23)), "p2sh": (23, slice(2, 22))}  # size, where the hash is
_MAY_BE_SEGWIT = frozenset(("p2wpkh", "p2wsh", "p2tr", "other"))


def address_of(script: bytes, network: str = "regtest") -> str | None:
    """Return the address that stands for an output's script, or None where there is none.

    A p2pk or multisig output names keys, not an address; an OP_RETURN output names nobody.

    Args:
        script: the script of the output, as bytes.
        network: "mainnet", "testnet", "testnet4" or "regtest"; each writes addresses differently.

    Raises:
        ChainError: there is no such network.
    """
    return addresses_of([script], [kind_of(script)], network_named(network))[0]


def addresses_of(
    scripts: Sequence[bytes], kinds: Sequence[str], network: Network
) -> list[str | None]:
    """Return one address (or None) for each script; `kinds` are the scripts' kinds."""
    addresses: list[str | None] = [None] * len(scripts)
    legacy: list[int] = []
    payloads = []
    for kind, (width, hashed) in _LEGACY.items():
        rows = [at for at, found in enumerate(kinds) if found == kind]
        joined = np.frombuffer(b"".join([scripts[at] for at in rows]), np.uint8)
        payload = np.empty((len(rows), 21), np.uint8)
        payload[:, 0] = network.p2pkh_prefix if kind == "p2pkh" else network.p2sh_prefix
        payload[:, 1:] = joined.reshape(-1, width)[:, hashed]
        legacy += rows
        payloads.append(payload)
    _fill(addresses, legacy, _base58check(np.concatenate(payloads)))
    programs: dict[tuple[int, int], list[int]] = {}
    for at, kind in enumerate(kinds):
        if kind in _MAY_BE_SEGWIT and (found := witness_program(scripts[at])):
            version, program = found
            # BIP 141: version 0 means something for 20 and 32 bytes only.
            if version or len(program) in (20, 32):
                programs.setdefault((version, len(program)), []).append(at)
    for (version, _), rows in programs.items():
        written = _segwit(version, [scripts[at][2:] for at in rows], network.segwit_prefix)
        _fill(addresses, rows, written)
    return addresses


def _fill(target: list[str | None], rows: list[int], values: list[str]) -> None:
    for at, value in zip(rows, values, strict=True):
        target[at] = value


def _base58check(payloads: np.ndarray) -> list[str]:
    """Write payloads of 21 bytes (prefix and hash), each with 4 bytes of its double hash behind.

    The 25 bytes are one number; it is divided by 58 again and again, the remainders are the
    digits. Seven words of 32 bits hold it, and dividing by 58**5 gives five digits in one go.
    """
    if not len(payloads):
        return []
    text = payloads.tobytes()
    digests = b"".join(
        [sha256(sha256(text[at : at + 21]).digest()).digest() for at in range(0, len(text), 21)]
    )
    padded = np.zeros((len(payloads), 28), np.uint8)
    octets = padded[:, 3:]
    octets[:, :21] = payloads
    octets[:, 21:] = np.frombuffer(digests, np.uint8).reshape(-1, 32)[:, :4]
    words = np.ascontiguousarray(padded.view(">u4").T).astype(np.uint64)
    digits = np.empty((35, len(octets)), np.uint8)
    step = np.uint64(58**5)
    for group in range(6, -1, -1):
        rest = np.zeros(len(octets), np.uint64)
        for word in words[6 - group :]:  # those before it are divided down to nothing
            whole = (rest << np.uint64(32)) | word
            word[:] = whole // step
            rest = whole - word * step
        five = rest.astype(np.uint32)
        for place in range(5 * group + 4, 5 * group - 1, -1):
            quotient = five // np.uint32(58)
            digits[place] = five - quotient * np.uint32(58)
            five = quotient
    # Each leading zero byte is written as one "1"; other leading zero digits are not written.
    zero_digits = np.argmax(digits != 0, axis=0)
    zero_bytes = np.argmax(octets != 0, axis=1)
    starts = (np.arange(len(octets)) * 35 + zero_digits - zero_bytes).tolist()
    text = _BASE58[digits.T].tobytes().decode("ascii")
    return [text[start : 35 * row] for row, start in enumerate(starts, start=1)]


def _segwit(version: int, programs: list[bytes], prefix: str) -> list[str]:
    """Write witness programs of one length: prefix, "1", then five bits a letter, then a checksum."""
    bits = np.unpackbits(
        np.frombuffer(b"".join(programs), np.uint8).reshape(len(programs), -1), axis=1
    )
    groups = -(-bits.shape[1] // 5)
    bits = np.pad(bits, ((0, 0), (0, 5 * groups - bits.shape[1])))
    program = np.packbits(bits.reshape(len(programs), groups, 5), axis=2)[:, :, 0] >> 3
    data = np.empty((len(programs), 1 + groups + 6), np.uint8)
    data[:, 0] = version
    data[:, 1 : 1 + groups] = program
    data[:, 1 + groups :] = 0
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    start = np.ones(1, np.uint32)
    for value in spread:
        start = _polymod_step(start, value)
    checksum = np.repeat(start, len(programs))
    for column in data.T:
        checksum = _polymod_step(checksum, column)
    checksum ^= _CHECKSUM_OF_LATER_VERSIONS if version else _CHECKSUM_OF_VERSION_0
    for place in range(6):
        data[:, 1 + groups + place] = (checksum >> (5 * (5 - place))) & 31
    width = data.shape[1]
    text = _BECH32[data].tobytes().decode("ascii")
    return [f"{prefix}1{text[at : at + width]}" for at in range(0, len(text), width)]


def _polymod_step(checksum: np.ndarray, value: np.ndarray | int) -> np.ndarray:
    """Take one letter into the running checksum of each row (BIP 173, `bech32_polymod`)."""
    return ((checksum & 0x1FFFFFF) << 5) ^ _POLYMOD[checksum >> 25] ^ value
