"""How does a user prove who they are? With a password made at start, of which only a hash is kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

CONSONANTS = "bdfghjklmnprstvz"
VOWELS = "aeiou"


@dataclass(frozen=True)
class PasswordHash:
    """A salted scrypt hash (RFC 7914) of a password."""

    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str) -> "PasswordHash":
        """Return the hash of a password under a fresh salt."""
        salt = secrets.token_bytes(16)
        return cls(salt, _scrypt(password, salt))

    def matches(self, password: str) -> bool:
        """Tell whether this is the password, in a time that does not depend on the answer."""
        return hmac.compare_digest(self.digest, _scrypt(password, self.salt))


def new_password() -> str:
    """Return a random password (about 50 bits) that can be read aloud, such as `bavo-lemi-...`."""
    syllables = [secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(8)]
    return "-".join(first + second for first, second in zip(*[iter(syllables)] * 2, strict=True))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
