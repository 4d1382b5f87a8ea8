"""How is a transaction signed? One signer per kind of script; no chance in it.

ECDSA nonces follow RFC 6979, Schnorr nonces BIP 340 with 32 zero bytes of auxiliary data, so a
draft gives the same bytes with libsecp256k1 (which embit brings along) and with embit's pure
Python fallback. Sources: BIP 143, 146 (low S), 340, 341.
"""

from dataclasses import dataclass

from embit import compact, hashes
from embit.misc import secp256k1
from embit.script import Script, Witness
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput

from .scripts import MULTISIG, NESTED, P2PK, P2PKH, P2TR, P2WPKH, push
from .wallets import Draft

_LONGEST_SHORT = 70  # a DER signature whose R needs no leading zero byte
_ZERO = bytes(32)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction: its bytes, its ids (display order) and its weight units."""

    raw: bytes
    txid: bytes
    wtxid: bytes
    weight: int


def sign(draft: Draft) -> Signed:
    """Sign every input of `draft` with the secrets of the coins' locks."""
    vin = [
        TransactionInput(coin.txid, coin.vout, sequence=draft.program.sequence)
        for coin in draft.coins
    ]
    vout = [TransactionOutput(value, Script(script)) for value, script, _ in draft.outputs]
    tx = Transaction(draft.program.version, vin, vout, draft.locktime)
    for place in range(len(vin)):
        _sign_input(tx, draft, place)
    return finish(tx)


def finish(tx: Transaction) -> Signed:
    """Serialise `tx` once with and once without witness."""
    raw = tx.serialize()
    bare = raw
    if raw[4] == 0:
        body = b"".join(each.serialize() for each in tx.vin)
        outs = b"".join(each.serialize() for each in tx.vout)
        bare = (
            raw[:4]
            + compact.to_bytes(len(tx.vin))
            + body
            + compact.to_bytes(len(tx.vout))
            + outs
            + raw[-4:]
        )
    return Signed(
        raw,
        hashes.double_sha256(bare)[::-1],
        hashes.double_sha256(raw)[::-1],
        len(bare) * 3 + len(raw),
    )


def ecdsa(secret: bytes, digest: bytes, short: bool) -> bytes:
    """Return a DER signature and its hash type (ALL); `short` grinds for a low R as some do."""
    der = secp256k1.ecdsa_signature_serialize_der(secp256k1.ecdsa_sign(digest, secret))
    count = 1
    while short and len(der) > _LONGEST_SHORT:
        extra = count.to_bytes(32, "little")
        signature = secp256k1.ecdsa_sign(digest, secret, None, extra)
        der = secp256k1.ecdsa_signature_serialize_der(signature)
        count += 1
    return der + bytes([SIGHASH.ALL])


def _sign_input(tx: Transaction, draft: Draft, place: int) -> None:
    coin, short = draft.coins[place], draft.program.short
    lock, target = coin.lock, tx.vin[place]
    if lock.kind in (P2PK, P2PKH):
        digest = tx.sighash_legacy(place, Script(lock.script))
        script = push(ecdsa(lock.secrets[0], digest, short))
        target.script_sig = Script(script + (push(lock.keys[0]) if lock.kind == P2PKH else b""))
    elif lock.kind in (P2WPKH, NESTED):
        code = Script(b"\x76\xa9\x14" + hashes.hash160(lock.keys[0]) + b"\x88\xac")
        digest = tx.sighash_segwit(place, code, coin.value)
        target.witness = Witness([ecdsa(lock.secrets[0], digest, short), lock.keys[0]])
        if lock.kind == NESTED:
            target.script_sig = Script(push(lock.program))
    elif lock.kind == MULTISIG:
        digest = tx.sighash_segwit(place, Script(lock.program), coin.value)
        signatures = [ecdsa(secret, digest, short) for secret in lock.secrets[:2]]
        # The empty item: OP_CHECKMULTISIG takes one item too many (BIP 147).
        target.witness = Witness([b"", *signatures, lock.program])
    elif lock.kind == P2TR:
        scripts = [Script(each.lock.script) for each in draft.coins]
        values = [each.value for each in draft.coins]
        digest = tx.sighash_taproot(place, scripts, values, SIGHASH.DEFAULT)
        signature = secp256k1.schnorrsig_sign(digest, lock.secrets[0], None, _ZERO)
        target.witness = Witness([signature])
