"""Which kind of lock an output carries: the standard forms of a script, by their bytes.

Sources: BIP 16 (p2sh), BIP 141 (p2wpkh, p2wsh), BIP 341 (p2tr), and for p2pk, p2pkh and multisig
the forms that Bitcoin Core's `Solver` knows.
"""

from __future__ import annotations

KINDS = (
    "p2pk",
    "p2pkh",
    "p2sh",
    "p2wpkh",
    "p2wsh",
    "p2tr",
    "multisig",
    "op_return",
    "other",
)
"""Every word that the column `kind` can hold."""

_KEY_SIZE = {0x02: 33, 0x03: 33, 0x04: 65, 0x06: 65, 0x07: 65}
_OP_1, _OP_16 = 0x51, 0x60


def kind_of(script: bytes) -> str:
    """Return the kind of an output's script, one of `KINDS`.

    "op_return" is every script that begins with OP_RETURN: whatever follows, nobody can spend it.
    "other" is every form that is not in the list, witness versions without a meaning yet included.
    """
    size = len(script)
    if size == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return "p2pkh"
    if size == 22 and script[:2] == b"\x00\x14":
        return "p2wpkh"
    if size == 23 and script[:2] == b"\xa9\x14" and script[22] == 0x87:
        return "p2sh"
    if size == 34 and script[1] == 32:
        if script[0] == 0x00:
            return "p2wsh"
        if script[0] == 0x51:
            return "p2tr"
    if size and script[0] == 0x6A:
        return "op_return"
    if size in (35, 67) and script[0] == size - 2 and script[-1] == 0xAC:
        return "p2pk" if _KEY_SIZE.get(script[1]) == size - 2 else "other"
    return "multisig" if _is_multisig(script) else "other"


def witness_program(script: bytes) -> tuple[int, bytes] | None:
    """Return (witness version, program) of a segwit output's script, or None for other scripts.

    BIP 141: a version from 0 to 16, then one push of 2 to 40 bytes, and nothing else.
    """
    if not 4 <= len(script) <= 42 or script[1] != len(script) - 2:
        return None
    if script[0] == 0:
        return 0, script[2:]
    return (script[0] - 0x50, script[2:]) if _OP_1 <= script[0] <= _OP_16 else None


def _is_multisig(script: bytes) -> bool:
    """Say whether the script is `m <key>... n OP_CHECKMULTISIG` with 1 <= m <= n <= 16."""
    if len(script) < 37 or script[-1] != 0xAE:
        return False
    needed, given = script[0] - 0x50, script[-2] - 0x50
    if not 1 <= needed <= given <= 16:
        return False
    at = 1
    for _ in range(given):
        if at + 1 >= len(script) or _KEY_SIZE.get(script[at + 1]) != script[at]:
            return False
        at += 1 + script[at]
    return at == len(script) - 2
