"""Password hashes that people bring along from other services, as they are kept until the next login."""

import binascii
import re
from collections.abc import Callable, Mapping
from typing import Final

from accounts.old_hashes.verifiers import PLAIN, is_sound

# What the column of a password holds.
MAX_LENGTH: Final = 128
# More would let a login take a minute, fewer are none of bcrypt's.
ROUNDS: Final = range(4, 16)
MAX_ITERATIONS: Final = 5_000_000
BCRYPT: Final = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
# passlib's bcrypt_sha256: version 2 keys its digest with the salt, version 1 does not.
BCRYPT_SHA256: Final = re.compile(
    r"\$bcrypt-sha256\$(?:v=2,t=(2[ab]),r=|(2[ab]),)([0-9]{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})"
)
PASSLIB_PBKDF2: Final = re.compile(r"\$pbkdf2(?:-(sha256|sha512))?\$([0-9]+)\$([./A-Za-z0-9]*)\$([./A-Za-z0-9]+)")
WERKZEUG_PBKDF2: Final = re.compile(r"pbkdf2:(sha1|sha256|sha512)(?::([0-9]+))?\$([^$]+)\$([0-9a-f]+)")
WERKZEUG_ITERATIONS: Final = 150_000
BETTER_AUTH: Final = re.compile(r"([0-9a-f]{32}):([0-9a-f]{128})")
DJANGO_PBKDF2: Final = re.compile(r"pbkdf2_sha(?:1|256)\$([0-9]+)\$[^$]+\$[A-Za-z0-9+/=]+")
DJANGO_BCRYPT: Final = re.compile(r"bcrypt(?:_sha256)?\$\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")


def stored_form(text: str) -> str | None:
    """What the column of a password holds for this hash, or None where it is of a kind that nobody here verifies."""
    for pattern, form in FORMS.items():
        if match := pattern.fullmatch(text):
            stored = form(match)
            return stored if stored and len(stored) <= MAX_LENGTH and is_sound(stored) else None
    return None


def _old_bcrypt(match: re.Match[str]) -> str | None:
    return f"bcrypt${match[0]}" if int(match[1]) in ROUNDS else None


def _django_bcrypt(match: re.Match[str]) -> str | None:
    return match[0] if int(match[1]) in ROUNDS else None


def _passlib_bcrypt(match: re.Match[str]) -> str | None:
    second, first, rounds, salt, digest = match.groups()
    if int(rounds) not in ROUNDS:
        return None
    return f"passlib_bcrypt${2 if second else 1}$${second or first}${int(rounds):02}${salt}{digest}"


def _passlib_pbkdf2(match: re.Match[str]) -> str | None:
    digest, iterations, salt, found = match.groups()
    if _is_too_many(iterations):
        return None
    # passlib's base64 has a dot for the plus.
    return "$".join([PLAIN[digest or "sha1"], iterations, *(part.replace(".", "+") for part in (salt, found))])


def _werkzeug_pbkdf2(match: re.Match[str]) -> str | None:
    digest, iterations, salt, found = match.groups()
    if _is_too_many(iterations or "1"):
        return None
    try:
        parts = [_text(salt.encode()), _text(bytes.fromhex(found))]
    except ValueError:
        return None
    return "$".join([PLAIN[digest], iterations or str(WERKZEUG_ITERATIONS), *parts])


def _better_auth(match: re.Match[str]) -> str:
    return "$".join(["better_auth", *(_text(bytes.fromhex(part)) for part in match.groups())])


def _django_pbkdf2(match: re.Match[str]) -> str | None:
    return None if _is_too_many(match[1]) else match[0]


def _is_too_many(iterations: str) -> bool:
    return len(iterations) > len(str(MAX_ITERATIONS)) or not 0 < int(iterations) <= MAX_ITERATIONS


def _text(value: bytes) -> str:
    return binascii.b2a_base64(value, newline=False).decode().rstrip("=")


FORMS: Final[Mapping[re.Pattern[str], Callable[[re.Match[str]], str | None]]] = {
    BCRYPT: _old_bcrypt,
    BCRYPT_SHA256: _passlib_bcrypt,
    PASSLIB_PBKDF2: _passlib_pbkdf2,
    WERKZEUG_PBKDF2: _werkzeug_pbkdf2,
    BETTER_AUTH: _better_auth,
    DJANGO_PBKDF2: _django_pbkdf2,
    DJANGO_BCRYPT: _django_bcrypt,
}
