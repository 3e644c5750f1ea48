from typing import Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import issuers, jws, services, throttling, tokens
from accounts.middleware import report
from accounts.models import User
from todo_project.errors import Unauthenticated

SCHEME: Final = "bearer"


class BearerAuthentication(BaseAuthentication):
    """RFC 6750: ``Authorization: Bearer <JWT>``; another scheme counts as no token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        user = _user(token.strip())
        if user is None or not user.is_active:
            raise jws.refused()
        report(request, throttling.count_call(user.id))
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _user(text: str) -> User | None:
    token = jws.parse(text)
    if issuers.is_ours(token):
        return User.objects.filter(id=tokens.access_user_id(text)).first()
    return services.provision_user(issuers.identify(token))


def caller(request: Request) -> User:
    """Who is calling, where the permissions have made sure that somebody is."""
    if not isinstance(request.user, User):
        raise Unauthenticated("not_authenticated", "Sign in to do this.")
    return request.user


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # drf-spectacular's registry
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
