import uuid
from typing import ClassVar, Final

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import devices, limits, openapi, security_log, services
from accounts.authentication import (
    bearer_token,
    caller,
    counted_forgeries,
    find_user,
    read_credentials,
)
from accounts.middleware import report
from accounts.personal_tokens import PersonalKey
from accounts.security_log import Kind
from accounts.serializers import (
    LoginSerializer,
    LogoutSerializer,
    MessageSerializer,
    RefreshSerializer,
    SignupSerializer,
    TokenPairSerializer,
    token_pair,
)
from accounts.sessions import rotation
from accounts.sessions.starting import Grant, start_session
from accounts.tokens import own
from accounts.tokens.identity import OutsideIdentity
from core.errors import InsufficientScope, Unauthenticated
from core.rest.client import client_of
from core.rest.openapi.declaring import operation
from core.rest.openapi.headers import LIMITS, MAYBE
from core.rest.views import PublicView, validated

# Where the limit is not kept, nobody is told of it.
LIMITS_IF_COUNTED: Final = tuple(name + MAYBE for name in LIMITS)
REMEMBERED: Final = (openapi.NO_STORE, "Set-Cookie")


class SignupView(PublicView):
    counts: ClassVar = LIMITS

    @operation(
        "Sign up",
        description="Makes an account and begins its first session.",
        tags=["auth"],
        operation_id="signup",
        request=SignupSerializer,
        responses={201: TokenPairSerializer},
        refuses=[openapi.COUNTED, {400: ("invalid_email", "weak_password"), 409: ("email_taken",)}],
        headers={201: REMEMBERED},
        example={**openapi.CREDENTIALS, "name": "Ada"},
    )
    def post(self, request: Request) -> Response:
        client = client_of(request)
        report(request, limits.admit_auth_attempt(client.address))
        user = services.sign_up(**validated(SignupSerializer, request), client=client)
        return _remembered(start_session(user, client), status.HTTP_201_CREATED)


class LoginView(PublicView):
    counts: ClassVar = LIMITS

    @operation(
        "Log in",
        tags=["auth"],
        operation_id="login",
        description="After ten failed logins in ten minutes an account is closed to whoever has not logged in to it "
        "before: `429` `account_guarded`. Known are addresses, browsers that send the cookie of their last login, and "
        "who sends a `refresh_token` of it.",
        request=LoginSerializer,
        responses={200: TokenPairSerializer},
        refuses=[openapi.GUARDED, {401: ("invalid_credentials",)}],
        headers={200: REMEMBERED},
        example=openapi.CREDENTIALS,
    )
    def post(self, request: Request) -> Response:
        client = client_of(request)
        report(request, limits.admit_auth_attempt(client.address))
        body = validated(LoginSerializer, request)
        device = devices.presented(request.COOKIES, body.pop("refresh_token", None))
        return _remembered(services.log_in(**body, client=client, device=device))


class RefreshView(PublicView):
    counts: ClassVar = LIMITS_IF_COUNTED

    @operation(
        "Exchange a refresh token for a new pair",
        tags=["auth"],
        operation_id="refresh",
        description=(
            "The token presented is replaced. Within 30 seconds it gives the same new one again, for "
            "parallel refreshes; after that, using it ends the session."
        ),
        request=RefreshSerializer,
        responses={200: TokenPairSerializer},
        refuses=[openapi.COUNTED, {401: ("token_invalid", "token_expired", "session_ended")}],
        headers={200: (openapi.NO_STORE,)},
        example=openapi.REFRESH_TOKEN,
    )
    def post(self, request: Request) -> Response:
        client = client_of(request)
        if allowance := limits.admit_refresh(client.address):
            report(request, allowance)
        text = validated(RefreshSerializer, request)["refresh_token"]
        with counted_forgeries(request):
            token = own.read_refresh(text)
        try:
            grant = rotation.rotate(token.user_id, token.session_id, token.token_id)
        except rotation.RefreshReused:
            security_log.record_failure(Kind.REFRESH_REUSED, client, subject=token.user_id)
            raise
        if not grant.is_replay:
            security_log.record(Kind.REFRESH, client, subject=token.user_id)
        return _answer(grant)


class LogoutView(PublicView):
    counts: ClassVar = LIMITS_IF_COUNTED

    @operation(
        "End this session",
        tags=["auth"],
        operation_id="logout",
        description="By access token or by refresh token. One that has already ended is no error.",
        request=LogoutSerializer,
        responses={200: MessageSerializer},
        # By either token, so also without a header.
        auth=[{"bearer": []}, {}],
        refuses=[openapi.COUNTED, openapi.TOKEN, openapi.SCOPES, openapi.OF_ISSUER],
        example={},
    )
    def post(self, request: Request) -> Response:
        client = client_of(request)
        if allowance := limits.admit_logout(client.address):
            report(request, allowance)
        credentials, subject = self._read_credentials(request)
        services.log_out(subject, credentials, client=client)
        return Response({"message": "Logged out."})

    def _read_credentials(self, request: Request) -> tuple[uuid.UUID | OutsideIdentity, str]:
        if refresh := validated(LogoutSerializer, request).get("refresh_token"):
            with counted_forgeries(request):
                token = own.read_refresh(refresh)
            return token.session_id, token.user_id
        access = bearer_token(request)
        if access is None:
            raise Unauthenticated("not_authenticated", "Send the token of the session to end.")
        credentials, subject = read_credentials(request, access)
        if isinstance(credentials, PersonalKey):
            find_user(request, credentials, subject)
            raise InsufficientScope(())
        return credentials, subject


class LogoutAllView(APIView):
    @operation(
        "End every session of the caller",
        description="On every device, the one that asks and the staff site's included.",
        tags=["auth"],
        operation_id="logout_all",
        request=None,
        responses={200: MessageSerializer},
    )
    def post(self, request: Request) -> Response:
        services.log_out_everywhere(caller(request), client=client_of(request))
        return Response({"message": "Logged out everywhere."})


def _remembered(grant: Grant, status: int = 200) -> Response:
    answer = _answer(grant, status)
    devices.remember(answer, grant.session.user_id)
    return answer


def _answer(grant: Grant, status: int = 200) -> Response:
    """A token pair, which no cache may keep (RFC 6749, section 5.1)."""
    return Response(token_pair(grant), status, headers={"Cache-Control": "no-store"})
