from typing import Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import throttling, tokens
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
        user_id = tokens.access_user_id(token.strip())
        # Before the database is asked anything.
        report(request, throttling.count_call(user_id))
        user = User.objects.filter(id=user_id, is_active=True).first()
        if user is None:
            raise Unauthenticated("token_invalid", "The token is not valid.")
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


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
