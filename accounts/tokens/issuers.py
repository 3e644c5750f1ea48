"""Who vouches for a token, and what it says once that is verified.

The verifier is chosen first, by ``alg`` and ``iss`` alone; each has a key type and algorithms of its
own, and none hands on to another (RFC 8725, sections 3.1 and 3.2).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import jwt
from django.conf import settings
from django.utils import timezone

from accounts.models import MAX_ISSUER_LENGTH
from accounts.tokens import key_parsing
from accounts.tokens.identity import OutsideIdentity
from accounts.tokens.jws import UnverifiedToken
from accounts.tokens.key_fetching import key_set
from accounts.user_ids import USER_ID
from core.errors import Unauthenticated, token_invalid

HMAC_ALGORITHMS: Final = ("HS256", "HS384", "HS512")
SHARED_SECRET_ALGORITHMS: Final = ("HS256",)
JWKS_ALGORITHMS: Final = tuple(key_parsing.SHAPES)

LEEWAY_SECONDS: Final = 30
# A refused or deleted caller is remembered this long, so no token may live longer.
MAX_LIFETIME_SECONDS: Final = 31 * 24 * 3600
# The end of the year 9999.
MAX_INSTANT: Final = 253_402_300_799
# Better Auth signs these with the same secret: session cookie caches, email verifications and changes.
FOREIGN_CLAIMS: Final = ("session", "updateTo", "requestType")
# RFC 9068 and what issuers call an access token in ``typ``, ``type``, ``token_type`` or ``token_use``.
ACCESS_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt", "access", "access_token", "bearer"})
HEADER_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
TYPE_CLAIMS: Final = ("typ", "type", "token_type", "token_use")


def is_ours(token: UnverifiedToken) -> bool:
    """Whether this service's own verifier is the one for it."""
    return token.algorithm in HMAC_ALGORITHMS and token.payload.get("iss") == settings.SIMPLE_JWT["ISSUER"]


def identify(token: UnverifiedToken) -> OutsideIdentity:
    """What an outside token says. Raises ``Unauthenticated``, and ``Unavailable`` without the issuer's keys."""
    _check_header(token.header)
    _check_numbers(token.payload)
    try:
        claims = _verify(token)
    except jwt.ExpiredSignatureError as error:
        raise Unauthenticated("token_expired") from error
    except jwt.PyJWTError as error:
        raise token_invalid() from error
    _check_kind(claims)
    _check_times(claims)
    return _identity(claims, token)


def _verify(token: UnverifiedToken) -> dict[str, Any]:
    if token.algorithm in JWKS_ALGORITHMS and (url := settings.JWKS_URL):
        return _verify_with_jwks(token, url)
    if token.algorithm in HMAC_ALGORITHMS and (secret := settings.BETTER_AUTH_SECRET):
        return _verify_with_shared_secret(token, secret)
    raise token_invalid()


def _check_header(header: Mapping[str, Any]) -> None:
    # An extension (RFC 7797) that PyJWT knows, unlike all others that "crit" may ask for.
    if "b64" in header:
        raise token_invalid()
    if "typ" in header and str(header["typ"]).lower() not in HEADER_TYPES:
        raise token_invalid()
    if not isinstance(header.get("kid", ""), str):
        raise token_invalid()


def _verify_with_jwks(token: UnverifiedToken, url: str) -> dict[str, Any]:
    kid, algorithm = token.header.get("kid"), token.header["alg"]
    keys = key_set(url).find(kid, algorithm)
    try:
        return _verify_with_one_of(token, keys)
    except jwt.InvalidSignatureError:
        # By an id the issuer's newest keys have been looked at.
        newer = key_set(url).find_newer(algorithm, keys) if kid is None else []
        if not newer:
            raise
    return _verify_with_one_of(token, newer)


def _verify_with_one_of(token: UnverifiedToken, keys: Sequence[jwt.PyJWK]) -> dict[str, Any]:
    """Raises what the last of them refuses with; only another key is a reason to go on."""
    for key in keys[:-1]:
        with suppress(jwt.InvalidSignatureError):
            return _verify_with_key(token, key)
    return _verify_with_key(token, keys[-1])


def _verify_with_key(token: UnverifiedToken, key: jwt.PyJWK) -> dict[str, Any]:
    return jwt.decode(
        token.text,
        # The PyJWK and not its bare key: it is bound to its one algorithm.
        key,
        algorithms=JWKS_ALGORITHMS,
        # Never None, which PyJWT takes for "do not check".
        issuer=settings.JWT_ISSUER or "",
        audience=settings.JWT_AUDIENCE or "",
        leeway=LEEWAY_SECONDS,
        options={"require": ["sub", "exp", "iat", "iss", "aud"], "enforce_minimum_key_length": True},
    )


def _verify_with_shared_secret(token: UnverifiedToken, secret: str) -> dict[str, Any]:
    return jwt.decode(
        token.text,
        secret.encode(),
        algorithms=SHARED_SECRET_ALGORITHMS,
        # A token without ``iss`` is one of JWT_ISSUER's.
        issuer=settings.SHARED_ISSUER if "iss" in token.payload else None,
        audience=settings.SHARED_AUDIENCE,
        leeway=LEEWAY_SECONDS,
        options={"require": ["sub", "exp"], "verify_aud": bool(settings.SHARED_AUDIENCE)},
    )


def _check_kind(claims: Mapping[str, Any]) -> None:
    if any(name in claims for name in FOREIGN_CLAIMS):
        raise token_invalid()
    # A user column of that name may well be null.
    named = [claims[name] for name in TYPE_CLAIMS if claims.get(name) is not None]
    if any(not isinstance(kind, str) or kind.lower() not in ACCESS_TYPES for kind in named):
        raise token_invalid()


def _check_numbers(claims: Mapping[str, Any]) -> None:
    """RFC 7519, section 2: also with a fraction. PyJWT takes "12" and true for numbers as well, and fails at 1e999."""
    times = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
    if any(type(time) not in (int, float) or abs(time) > MAX_INSTANT for time in times):
        raise token_invalid()


def _check_times(claims: Mapping[str, Any]) -> None:
    issued = claims.get("iat", int(timezone.now().timestamp()) + LEEWAY_SECONDS)
    if claims["exp"] - issued > MAX_LIFETIME_SECONDS:
        raise token_invalid()


def _identity(claims: Mapping[str, Any], token: UnverifiedToken) -> OutsideIdentity:
    subject = claims["sub"]
    if not isinstance(subject, str) or not USER_ID.match(subject):
        raise token_invalid()
    return OutsideIdentity(
        subject=subject,
        issuer=issuer_of(claims),
        email=kept_text(claims.get("email")),
        name=kept_text(claims.get("name")),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC) if "iat" in claims else None,
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        token_hash=token.signed_hash,
    )


def issuer_of(claims: Mapping[str, Any]) -> str:
    """Who a verified token is from; without ``iss`` it is whoever the settings name."""
    if "iss" not in claims:
        return settings.JWT_ISSUER or settings.BETTER_AUTH_ORIGIN or "better-auth"
    issuer = kept_text(claims["iss"])
    # An empty one would name our own accounts.
    if not issuer or len(issuer) > MAX_ISSUER_LENGTH:
        raise token_invalid()
    return issuer


def kept_text(value: object) -> str | None:
    """The value if a database can hold it: lone surrogates and NUL it cannot."""
    if not isinstance(value, str) or not value or "\0" in value:
        return None
    return None if any("\ud800" <= character <= "\udfff" for character in value) else value
