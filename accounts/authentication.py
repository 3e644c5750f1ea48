import uuid
from typing import Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import limits, security_log, sessions
from accounts.middleware import report
from accounts.models import User
from accounts.security_log import Kind
from accounts.tokens import issuers, jws, own, provisioning
from accounts.tokens.identity import OutsideIdentity
from core.errors import Unauthenticated
from core.rest.client import client_of

SCHEME: Final = "bearer"

# What was presented: the id of the caller's session here, or the identity another issuer vouches for.
Credentials = uuid.UUID | OutsideIdentity


class BearerAuthentication(BaseAuthentication):
    """RFC 6750: ``Authorization: Bearer <JWT>``; another scheme counts as no token."""

    def authenticate(self, request: Request) -> tuple[User, Credentials] | None:
        text = bearer_token(request)
        if text is None:
            return None
        credentials, subject = read_credentials(request, text)
        # Before the database is asked anything.
        report(request, limits.count_call(subject))
        return find_user(request, credentials, subject), credentials

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def bearer_token(request: Request) -> str | None:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == SCHEME else None


def read_credentials(request: Request, text: str) -> tuple[Credentials, str]:
    """What a token says and whose it is, without a look at sessions or users. Raises ``Unauthenticated``."""
    if read := own.remembered(text):
        return read.session_id, read.user_id
    token = jws.parse(text)
    if issuers.is_ours(token):
        read = own.read_access(text)
        return read.session_id, read.user_id
    try:
        identity = issuers.identify(token)
    except Unauthenticated as error:
        security_log.count(Kind.TOKEN_REFUSED, client_of(request), reason=error.code)
        raise
    return identity, identity.subject


def find_user(request: Request, credentials: Credentials, subject: str) -> User:
    """The active user behind good credentials that have not been ended. Raises ``Unauthenticated``."""
    if isinstance(credentials, uuid.UUID):
        user = sessions.find_session_user(subject, credentials)
        if user is None:
            raise Unauthenticated("session_ended")
        return user
    try:
        return provisioning.find_or_create(credentials)
    except Unauthenticated as error:
        security_log.count(Kind.TOKEN_REFUSED, client_of(request), reason=error.code)
        raise


def caller(request: Request) -> User:
    """Who is calling, where the permissions have made sure that somebody is."""
    if not isinstance(request.user, User):
        raise Unauthenticated("not_authenticated")
    return request.user


def session_id(request: Request) -> uuid.UUID | None:
    """The caller's session here; None with an outside token."""
    return request.auth if isinstance(request.auth, uuid.UUID) else None


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # drf-spectacular's registry
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
