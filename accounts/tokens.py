"""Our own JWTs: simplejwt's, with the claims the contract names."""

from dataclasses import dataclass

from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from accounts.models import User
from todo_project.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str
    # Of the access token.
    expires_in_seconds: int


def mint_pair(user: User) -> TokenPair:
    refresh = RefreshToken.for_user(user)
    refresh["sub"] = user.id
    access = refresh.access_token
    return TokenPair(str(access), str(refresh), int(access.lifetime.total_seconds()))


def access_user_id(token: str) -> str:
    """Whose access token this is. Raises ``Unauthenticated``."""
    return _user_id(token, AccessToken)


def refresh_user_id(token: str) -> str:
    """Whose refresh token this is. Raises ``Unauthenticated``."""
    return _user_id(token, RefreshToken)


def _user_id(text: str, kind: type[Token]) -> str:
    try:
        token = kind(text)  # type: ignore[arg-type] # the parameter's annotation is narrower than its code
        subject = token["sub"]
    except ExpiredTokenError as error:
        raise Unauthenticated("token_expired", "The token has expired.") from error
    except (TokenError, KeyError) as error:
        raise Unauthenticated("token_invalid", "The token is not valid.") from error
    return str(subject)
