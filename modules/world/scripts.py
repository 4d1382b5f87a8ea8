"""Which locks does Bitcoin know? One row per kind of script: its bytes, address and weight.

Sources: BIP 11, 16 (multisig, P2SH), 141, 143, 173 (segregated witness), 341, 350 (taproot).
"""

from dataclasses import dataclass

from embit import hashes
from embit.networks import NETWORKS
from embit.script import Script

REGTEST = NETWORKS["regtest"]

P2PK, P2PKH, NESTED, P2WPKH, MULTISIG, P2TR = (
    "p2pk",
    "p2pkh",
    "p2sh-p2wpkh",
    "p2wpkh",
    "p2wsh",
    "p2tr",
)

# What an input of each kind weighs once signed, in weight units, with the longest usual
# signatures (72 bytes with the hash type), as wallets estimate it before they sign.
INPUT_WEIGHT = {
    P2PK: (32 + 4 + 1 + 73 + 4) * 4,
    P2PKH: (32 + 4 + 1 + 107 + 4) * 4,
    NESTED: (32 + 4 + 1 + 23 + 4) * 4 + 108,
    P2WPKH: (32 + 4 + 1 + 4) * 4 + 108,
    MULTISIG: (32 + 4 + 1 + 4) * 4 + 254,
    P2TR: (32 + 4 + 1 + 4) * 4 + 66,
}
# An output below this many satoshi costs more to spend than it brings (Bitcoin Core's dust
# rule at 3 satoshi per virtual byte). No wallet of this world makes one.
DUST = {P2PK: 576, P2PKH: 546, NESTED: 540, P2WPKH: 294, MULTISIG: 330, P2TR: 330}


@dataclass(frozen=True, slots=True)
class Lock:
    """A script that holds coins, and what opens it.

    kind: one of the names above; script: the scriptPubKey; address: text, or None for P2PK, which
    has none; secrets: the private keys that sign (32 bytes each); program: the inner script
    (P2SH redeem script or witness script), empty where there is none; keys: public keys, SEC form.
    """

    kind: str
    script: bytes
    address: str | None
    secrets: tuple[bytes, ...]
    keys: tuple[bytes, ...]
    program: bytes = b""

    @property
    def output_weight(self) -> int:
        """Weight units of an output with this script."""
        return (8 + 1 + len(self.script)) * 4


def push(data: bytes) -> bytes:
    """Return the script that pushes `data` (at most 255 bytes) in the shortest way."""
    return (bytes([len(data)]) if len(data) < 76 else bytes([0x4C, len(data)])) + data


def height_push(height: int) -> bytes:
    """Return the start of a coinbase script that BIP 34 asks for: the block height (1 or more)."""
    if height <= 16:
        return bytes([0x50 + height])
    # The sign bit must stay clear, hence one bit more than the number needs.
    return push(height.to_bytes(height.bit_length() // 8 + 1, "little"))


def remark(data: bytes) -> bytes:
    """Return an OP_RETURN script that carries `data` (at most 80 bytes by relay custom)."""
    return b"\x6a" + push(data)


def address_of(script: bytes) -> str:
    """Return the regtest address of a standard script."""
    return Script(script).address(REGTEST)


def make_lock(kind: str, secrets: tuple[bytes, ...], keys: tuple[bytes, ...]) -> Lock:
    """Lock coins to `keys` (public keys, SEC form; for P2TR the already tweaked one).

    Multisig takes three keys, of which two must sign; all other kinds take one.
    """
    key, program = keys[0], b""
    if kind == P2PK:
        return Lock(kind, push(key) + b"\xac", None, secrets, keys)
    if kind == P2PKH:
        script = b"\x76\xa9\x14" + hashes.hash160(key) + b"\x88\xac"
    elif kind == NESTED:
        program = b"\x00\x14" + hashes.hash160(key)
        script = b"\xa9\x14" + hashes.hash160(program) + b"\x87"
    elif kind == P2WPKH:
        script = b"\x00\x14" + hashes.hash160(key)
    elif kind == MULTISIG:
        program = b"\x52" + b"".join(push(each) for each in keys) + b"\x53\xae"
        script = b"\x00\x20" + hashes.sha256(program)
    else:
        script = b"\x51\x20" + key[1:33]
    return Lock(kind, script, address_of(script), secrets, keys, program)
