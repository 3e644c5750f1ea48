"""Our own JWTs: simplejwt's, with the claims the contract names."""

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_to_epoch

from accounts.sessions.starting import Grant
from core.errors import Unauthenticated, token_invalid

T = TypeVar("T", bound=Token)

# By the token's text; about 1 kB each.
MAX_VERIFIED: Final = 4096
_verified: "dict[str, OwnToken]" = {}


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str
    # Of the access token.
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class OwnToken:
    """What a good token of ours says."""

    user_id: str
    session_id: uuid.UUID
    token_id: str
    # Unix time.
    expires_at: int


def mint_pair(grant: Grant) -> TokenPair:
    """A new access token, and the refresh token of this grant, which is the same each time."""
    session = grant.session
    access = _of(AccessToken(), grant)
    refresh = _of(RefreshToken(), grant)
    refresh["jti"] = grant.refresh_id
    refresh["iat"] = datetime_to_epoch(session.rotated_at)
    refresh["exp"] = datetime_to_epoch(session.expires_at)
    return TokenPair(str(access), str(refresh), int(access.lifetime.total_seconds()))


def read_access(token: str) -> OwnToken:
    """Raises ``Unauthenticated``, telling a token that has expired from one that is not valid."""
    read = _read(token, AccessToken)
    if len(_verified) >= MAX_VERIFIED:
        _verified.clear()
    _verified[token] = read
    return read


def remembered(token: str) -> OwnToken | None:
    """What ``read_access`` last said of exactly this text, until it expires.

    A client sends its token with each request, and verifying it again costs more than the database.
    Whether the session still lives is asked each time all the same.
    """
    read = _verified.get(token)
    return read if read and read.expires_at > time.time() else None


def read_refresh(token: str) -> OwnToken:
    """As ``read_access``; ``token_id`` is the secret of the session's refresh token."""
    return _read(token, RefreshToken)


def _of(token: T, grant: Grant) -> T:
    token["sub"] = token["user_id"] = grant.session.user_id
    token["sid"] = str(grant.session.id)
    return token


def _claims(text: str, kind: type[Token]) -> dict[str, Any]:
    """By the present key, or an earlier one that still counts. Raises ``TokenError``."""
    try:
        return kind(text).payload  # type: ignore[arg-type] # its annotation is narrower than its code
    except ExpiredTokenError:
        raise
    except TokenError:
        for key in settings.SECRET_KEY_FALLBACKS:
            with suppress(TokenError):
                return _verified_by(key, kind)(text).payload  # type: ignore[arg-type] # as above
        raise


def _verified_by(key: str, kind: type[T]) -> type[T]:
    options: dict[str, Any] = settings.SIMPLE_JWT
    backend = TokenBackend(options["ALGORITHM"], signing_key=key, issuer=options["ISSUER"])
    return type(kind.__name__, (kind,), {"_token_backend": backend})


def _read(text: str, kind: type[Token]) -> OwnToken:
    try:
        claims = _claims(text, kind)
        token = OwnToken(str(claims["sub"]), uuid.UUID(claims["sid"]), str(claims["jti"]), claims["exp"])
    except ExpiredTokenError as error:
        raise Unauthenticated("token_expired") from error
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise token_invalid() from error
    if claims.get("user_id") != token.user_id:
        raise token_invalid()
    return token
