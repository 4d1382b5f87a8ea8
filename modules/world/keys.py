"""Whose keys are these? Every wallet has one seed and derives its keys as real wallets do.

Sources: BIP 32 (derivation), 44, 48, 49, 84, 86 (which path for which kind of script),
67 (order of keys in a multisig), 341 (tweak of a taproot key without scripts).
"""

import hashlib
import hmac

from embit import hashes
from embit.misc import secp256k1

from .scripts import MULTISIG, NESTED, P2PK, P2PKH, P2TR, P2WPKH, Lock, make_lock

_HARD = 1 << 31
_PURPOSE = {P2PK: 44, P2PKH: 44, NESTED: 49, P2WPKH: 84, P2TR: 86, MULTISIG: 48}
_COIN_TYPE = 1  # every test network
_COSIGNERS = 3
# A lookalike shares this many leading bits of its witness program with the address it resembles:
# the first three characters after "bcrt1q".
_LIKENESS_BITS = 15

Node = tuple[bytes, bytes]  # secret, chain code


def master(seed: bytes) -> Node:
    """Return the root of a wallet's keys from 64 bytes of seed."""
    digest = hmac.digest(b"Bitcoin seed", seed, "sha512")
    return digest[:32], digest[32:]


def public_key(secret: bytes) -> bytes:
    """Return the compressed public key of a secret."""
    return secp256k1.ec_pubkey_serialize(secp256k1.ec_pubkey_create(secret))


def child(parent: Node, index: int, parent_key: bytes | None = None) -> Node:
    """Derive child `index` (hardened from 2**31) of `parent`; its public key spares one step."""
    secret, code = parent
    start = b"\x00" + secret if index >= _HARD else parent_key or public_key(secret)
    digest = hmac.digest(code, start + index.to_bytes(4, "big"), "sha512")
    return secp256k1.ec_privkey_add(secret, digest[:32]), digest[32:]


def tweaked(secret: bytes) -> bytes:
    """Return the secret that spends a taproot output by key alone (BIP 341, BIP 86)."""
    key = public_key(secret)
    if key[0] == 3:
        secret = secp256k1.ec_privkey_negate(secret)
    return secp256k1.ec_privkey_add(secret, hashes.tagged_hash("TapTweak", key[1:]))


class Keyring:
    """All locks that one wallet can make, by kind, branch (0 to receive, 1 for change), number."""

    def __init__(self, seed: bytes) -> None:
        """Start from 64 bytes of seed."""
        self._seed = seed
        self._branches: dict[tuple[str, int], list[tuple[Node, bytes]]] = {}

    def lock(self, kind: str, branch: int, index: int) -> Lock:
        """Return the lock of `kind` at `branch`/`index`."""
        parents = self._parents(kind, branch)
        secrets = [child(node, index, key)[0] for node, key in parents]
        if kind == P2TR:
            secrets = [tweaked(secrets[0])]
        pairs = sorted((public_key(secret), secret) for secret in secrets)
        return make_lock(kind, tuple(secret for _, secret in pairs), tuple(key for key, _ in pairs))

    def lookalike(self, original: Lock) -> Lock:
        """Return a P2WPKH lock whose address begins like that of `original` (P2WPKH).

        People compare the first characters of an address; so do those who deceive them. The
        search adds one to the key again and again, as the tools for such addresses do.
        """
        wanted = int.from_bytes(original.script[2:6], "big") >> (32 - _LIKENESS_BITS)
        one = (1).to_bytes(32, "big")
        start = self.lock(P2WPKH, 0, 0).secrets[0]
        point, steps = secp256k1.ec_pubkey_create(start), 0
        while True:
            key = secp256k1.ec_pubkey_serialize(point)
            if int.from_bytes(hashes.hash160(key)[:4], "big") >> (32 - _LIKENESS_BITS) == wanted:
                break
            point, steps = secp256k1.ec_pubkey_add(point, one), steps + 1
        secret = secp256k1.ec_privkey_add(start, steps.to_bytes(32, "big")) if steps else start
        return make_lock(P2WPKH, (secret,), (key,))

    def _parents(self, kind: str, branch: int) -> list[tuple[Node, bytes]]:
        found = self._branches.get((kind, branch))
        if found is None:
            found = []
            for signer in range(_COSIGNERS if kind == MULTISIG else 1):
                node = master(hashlib.sha512(self._seed + bytes([signer])).digest())
                path = [_PURPOSE[kind] + _HARD, _COIN_TYPE + _HARD, _HARD]
                path += [2 + _HARD] if kind == MULTISIG else []
                for index in [*path, branch]:
                    node = child(node, index)
                found.append((node, public_key(node[0])))
            self._branches[kind, branch] = found
        return found
