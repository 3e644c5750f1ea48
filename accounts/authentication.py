import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from django.db import connection
from django.utils.functional import SimpleLazyObject
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import limits, security_log
from accounts.middleware import report
from accounts.models import User
from accounts.security_log import Kind
from accounts.sessions import callers
from accounts.tokens import issuers, jws, opaque, own, provisioning
from accounts.tokens.identity import OutsideIdentity
from core.errors import Unauthenticated
from core.rest.client import client_of
from core.sql import row_owner

SCHEME: Final = "bearer"

# What was presented: the id of the caller's session here, or the identity another issuer vouches for.
Credentials = uuid.UUID | OutsideIdentity


class PresentedCaller:
    """Who a good token names, until the database has said that they may still come in (``row_owner.Proof``)."""

    def __init__(self, request: Request, credentials: Credentials, subject: str) -> None:
        self._request = request
        self._credentials = credentials
        self.user_id = subject

    @cached_property
    def user(self) -> User:
        """Raises ``Unauthenticated``."""
        with row_owner.rows_of(None):
            user = find_user(self._request, self._credentials, self.user_id)
        row_owner.show_rows_of(user.id)
        return user

    @property
    def session_id(self) -> uuid.UUID | None:
        """Of their session here; None with an outside token."""
        return self._credentials if isinstance(self._credentials, uuid.UUID) else None

    @property
    def sql(self) -> str:
        return callers.PROOF_SQL if self.session_id else provisioning.PROOF_SQL

    @property
    def values(self) -> list[Any]:
        if isinstance(self._credentials, OutsideIdentity):
            return provisioning.proof_values(self._credentials)
        return callers.caller_values(self.user_id, self._credentials)

    def note(self) -> None:
        if self.session_id:
            callers.note_seen(self.user_id, self.session_id)

    def prove(self) -> None:
        _ = self.user


class BearerAuthentication(BaseAuthentication):
    """RFC 6750: ``Authorization: Bearer <JWT>``; another scheme counts as no token.

    Sessions and users are looked up by whoever first looks at ``request.user``, or by the first statement on
    the caller's rows as a part of itself. A view whose permissions do neither (``IsPathOwner``) proves the caller
    before it tells any refusal (``ProvenRefusals``).
    """

    def authenticate(self, request: Request) -> tuple[User, PresentedCaller] | None:
        text = bearer_token(request)
        if text is None:
            return None
        credentials, subject = read_credentials(request, text)
        # Before the database is asked anything.
        report(request, limits.count_call(subject))
        found = PresentedCaller(request, credentials, subject)
        if connection.vendor == "postgresql":
            row_owner.present(found)
        else:
            # No statement there carries a proof in itself.
            found.prove()
        user: Any = SimpleLazyObject(lambda: found.user)
        return user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def bearer_token(request: Request) -> str | None:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == SCHEME else None


def read_credentials(request: Request, text: str) -> tuple[Credentials, str]:
    """What a token says and whose it is, without a look at sessions or users. Raises ``Unauthenticated``."""
    if read := own.remembered(text):
        return read.session_id, read.user_id
    token = None if opaque.is_opaque(text) else jws.parse(text)
    if token and issuers.is_ours(token):
        with counted_forgeries(request):
            read = own.read_access(text)
        return read.session_id, read.user_id
    try:
        identity = issuers.identify(token) if token else opaque.identify(text)
    except Unauthenticated as error:
        security_log.count(Kind.TOKEN_REFUSED, client_of(request), reason=error.code)
        raise
    return identity, identity.subject


@contextmanager
def counted_forgeries(request: Request) -> Iterator[None]:
    """Of tokens in our own name. One that has only expired is every client's, every half hour."""
    try:
        yield
    except Unauthenticated as error:
        if error.code == "token_invalid":
            security_log.count(Kind.TOKEN_REFUSED, client_of(request), reason="forged")
        raise


def find_user(request: Request, credentials: Credentials, subject: str) -> User:
    """The active user behind good credentials that have not been ended. Raises ``Unauthenticated``."""
    if isinstance(credentials, uuid.UUID):
        user = callers.find_session_user(subject, credentials)
        if user is None:
            raise Unauthenticated("session_ended")
        return user
    try:
        return provisioning.find_or_create(credentials)
    except Unauthenticated as error:
        security_log.count(Kind.TOKEN_REFUSED, client_of(request), reason=error.code)
        raise


def presented(request: Request) -> PresentedCaller:
    """Whose id was presented, without a look at the database. Raises ``Unauthenticated``: nobody's."""
    if not isinstance(request.auth, PresentedCaller):
        raise Unauthenticated("not_authenticated")
    return request.auth


def caller(request: Request) -> User:
    """Who is calling. Raises ``Unauthenticated``."""
    return presented(request).user


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # drf-spectacular's registry
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
