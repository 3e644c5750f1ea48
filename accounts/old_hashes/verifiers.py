"""Hashers of Django's for password hashes from elsewhere, which no new password is given to
(``settings.PASSWORD_HASHERS``).
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from typing import Final

import bcrypt
from django.contrib.auth.hashers import (
    BasePasswordHasher,
    BCryptPasswordHasher,
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    get_hasher,
    identify_hasher,
)

# From here on they take about as long as a hash of ours.
SLOW_ITERATIONS: Final = 200_000
# bcrypt reads no further, and its library refuses what is longer.
BCRYPT_BYTES: Final = 72
SCRYPT_MEMORY: Final = 64 * 1024 * 1024
SCRYPT: Final[Mapping[str, int]] = {"n": 16384, "r": 16, "p": 1, "dklen": 64, "maxmem": SCRYPT_MEMORY}
# By digest, the name of its hasher; SHA-512 leaves no room for a longer one.
PLAIN: Final[Mapping[str, str]] = {"sha1": "plain_sha1", "sha256": "plain_sha256", "sha512": "pl_sha512"}


class Verifier(BasePasswordHasher):
    """Of a wrong password it takes no less time than a hash of ours does, or it would tell whose it is."""

    def verify(self, password: str, encoded: str) -> bool:
        is_right = self.matches(password, encoded)
        if not is_right:
            self.top_up(encoded)
        return is_right

    def matches(self, password: str, encoded: str) -> bool:
        return super().verify(password, encoded)

    def top_up(self, encoded: str) -> None:
        if int(encoded.split("$")[1]) < SLOW_ITERATIONS:
            own = get_hasher()
            own.encode("", own.salt())

    def must_update(self, encoded: str) -> bool:
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """``verify`` has seen to it."""


class OldBCrypt(Verifier, BCryptPasswordHasher):
    """``bcrypt$`` and the hash, in all its spellings."""

    def matches(self, password: str, encoded: str) -> bool:
        kept = _kept(encoded)
        return hmac.compare_digest(_bcrypt(password.encode(), kept), kept)

    def top_up(self, encoded: str) -> None:
        kept = _kept(encoded)
        for _ in range(2 ** max(BCryptSHA256PasswordHasher.rounds - int(kept[4:6]), 0) - 1):
            _bcrypt(b"", kept)


class PasslibBCryptSHA256(OldBCrypt):
    """``passlib_bcrypt$``, the version and the bcrypt of its digest."""

    algorithm = "passlib_bcrypt"

    def matches(self, password: str, encoded: str) -> bool:
        kept, secret = _kept(encoded), password.encode()
        is_keyed = encoded.split("$")[1] == "2"
        digest = hmac.digest(kept[7:29].encode(), secret, "sha256") if is_keyed else hashlib.sha256(secret).digest()
        return hmac.compare_digest(_bcrypt(base64.b64encode(digest), kept), kept)


class PlainPBKDF2(Verifier):
    """``name$iterations$salt$hash``, the last two in base64 without padding: salts of passlib are bytes."""

    digest = ""

    def matches(self, password: str, encoded: str) -> bool:
        _, iterations, salt, wanted = encoded.split("$")
        kept = _bytes(wanted)
        found = hashlib.pbkdf2_hmac(self.digest, password.encode(), _bytes(salt), int(iterations), len(kept))
        return hmac.compare_digest(found, kept)


class PlainPBKDF2SHA1(PlainPBKDF2):
    algorithm, digest = PLAIN["sha1"], "sha1"


class PlainPBKDF2SHA256(PlainPBKDF2):
    algorithm, digest = PLAIN["sha256"], "sha256"


class PlainPBKDF2SHA512(PlainPBKDF2):
    algorithm, digest = PLAIN["sha512"], "sha512"


class BetterAuthScrypt(Verifier):
    """``better_auth$salt$key``, both in base64 without padding. As the package's own ``verifyPassword`` does it
    (``@better-auth/utils``, ``password.node.mjs``): the salt is the text of its digits, the password normalized.
    """

    algorithm = "better_auth"

    def matches(self, password: str, encoded: str) -> bool:
        salt, wanted = map(_bytes, encoded.split("$")[1:])
        secret = unicodedata.normalize("NFKC", password).encode()
        return hmac.compare_digest(hashlib.scrypt(secret, salt=salt.hex().encode(), **SCRYPT), wanted)

    def top_up(self, encoded: str) -> None:
        own = get_hasher()
        own.encode("", own.salt())


class DjangoPBKDF2(Verifier, PBKDF2PasswordHasher):
    pass


class DjangoPBKDF2SHA1(Verifier, PBKDF2SHA1PasswordHasher):
    pass


def is_sound(encoded: str) -> bool:
    """Whether a login may try it: salts that look right may be none."""
    hasher = identify_hasher(encoded)
    try:
        if isinstance(hasher, PlainPBKDF2):
            return all(map(_bytes, encoded.split("$")[2:]))
        if isinstance(hasher, BCryptSHA256PasswordHasher | BCryptPasswordHasher):
            _bcrypt(b"", f"{_kept(encoded)[:4]}04{_kept(encoded)[6:]}")
    except ValueError:
        return False
    return True


def _kept(encoded: str) -> str:
    """The bcrypt at its end, of sixty characters."""
    return encoded[-60:]


def _bcrypt(secret: bytes, kept: str) -> str:
    return bcrypt.hashpw(secret[:BCRYPT_BYTES], kept.encode()).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(f"{text}==")
