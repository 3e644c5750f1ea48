import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from django.utils.functional import SimpleLazyObject
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import limits, personal_tokens, security_log
from accounts.middleware import report
from accounts.models import Scope, User
from accounts.openapi import OF_ISSUER, SCOPES, TOKEN
from accounts.personal_tokens import PersonalKey
from accounts.security_log import Kind
from accounts.sessions import callers
from accounts.tokens import issuers, jws, opaque, own, provisioning
from accounts.tokens.identity import OutsideIdentity
from accounts.tokens.lasting import Credentials, Lasting, lasting
from core.errors import InsufficientScope, Unauthenticated
from core.rest.client import client_of
from core.rest.openapi.declaring import DATABASE, merged
from core.sql import row_owner
from core.sql.statements import is_postgresql

SCHEME: Final = "bearer"


class PresentedCaller:
    """Who a good token names, until the database has said that they may still come in (``row_owner.Proof``)."""

    def __init__(self, request: Request, text: str, credentials: Credentials, subject: str) -> None:
        self._request = request
        self._text = text
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
    def lasting(self) -> Lasting:
        """For who stays."""
        return lasting(self.user_id, self._credentials, self._text)

    @property
    def session_id(self) -> uuid.UUID | None:
        """Of their session here; None with an outside token."""
        return self._credentials if isinstance(self._credentials, uuid.UUID) else None

    @property
    def scopes(self) -> frozenset[Scope] | None:
        """Of a personal token; None: all of them, and what none of them opens."""
        return self._credentials.scopes if isinstance(self._credentials, PersonalKey) else None

    def require(self, scopes: Iterable[Scope]) -> None:
        """Raises ``InsufficientScope`` where the token has not all of them, for a caller who may come in."""
        if self.scopes is not None and not self.scopes.issuperset(scopes):
            # Whether its token holds at all is told first.
            self.prove()
            raise InsufficientScope(scopes)

    @property
    def sql(self) -> str:
        match self._credentials:
            case PersonalKey():
                return personal_tokens.PROOF_SQL
            case OutsideIdentity():
                return provisioning.PROOF_SQL
        return callers.PROOF_SQL

    @property
    def values(self) -> list[Any]:
        match self._credentials:
            case PersonalKey() as key:
                return personal_tokens.caller_values(key)
            case OutsideIdentity() as identity:
                return provisioning.proof_values(identity)
        return callers.caller_values(self.user_id, self._credentials)

    @property
    def is_beside_rows(self) -> bool:
        return not isinstance(self._credentials, OutsideIdentity)

    def note(self) -> None:
        match self._credentials:
            case PersonalKey() as key:
                personal_tokens.note_used(key)
            case uuid.UUID() as session_id:
                callers.note_seen(self.user_id, session_id)

    def prove(self) -> None:
        _ = self.user


class BearerAuthentication(BaseAuthentication):
    """RFC 6750: ``Authorization: Bearer <JWT>``, or a personal token; another scheme counts as no token.

    Sessions and users are looked up by whoever first looks at ``request.user``, or by the first statement on
    the caller's rows as a part of itself. A view whose permissions do neither (``IsPathOwner``) proves the caller
    before it tells any refusal (``ProvenRefusals``).
    """

    refuses = merged([TOKEN, SCOPES, OF_ISSUER, DATABASE, {429: ("too_many_requests",)}])

    def authenticate(self, request: Request) -> tuple[User, PresentedCaller] | None:
        text = bearer_token(request)
        if text is None:
            return None
        credentials, subject = read_credentials(request, text)
        # Before the database is asked anything.
        report(request, limits.count_call(subject))
        found = PresentedCaller(request, text, credentials, subject)
        if is_postgresql():
            row_owner.present(found)
        else:
            # No statement there carries a proof in itself.
            found.prove()
        _check_scopes(request, found)
        user: Any = SimpleLazyObject(lambda: found.user)
        return user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _check_scopes(request: Request, found: PresentedCaller) -> None:
    """By what the view declares in ``token_scopes``: one that declares nothing lets no personal token in."""
    view = request.parser_context["view"]
    method = "GET" if request.method == "HEAD" else str(request.method)
    # A method that the view has not is its own to refuse.
    if found.scopes is None or not hasattr(view, method.lower()):
        return
    scopes = getattr(view, "token_scopes", {}).get(method)
    if scopes is None:
        found.prove()
        raise InsufficientScope(())
    found.require(scopes)


def bearer_token(request: Request) -> str | None:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == SCHEME else None


def read_credentials(request: Request, text: str) -> tuple[Credentials, str]:
    """What a token says and whose it is, without a look at sessions or users. Raises ``Unauthenticated``."""
    if read := own.remembered(text):
        return read.session_id, read.user_id
    if personal_tokens.is_personal(text):
        with counted_forgeries(request):
            key = personal_tokens.read(text)
        return key, key.user_id
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
        if isinstance(credentials, PersonalKey):
            return personal_tokens.find_user(credentials)
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
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT, or a personal token"}
