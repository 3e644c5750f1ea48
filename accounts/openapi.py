"""What the account endpoints refuse with, and the person of the OpenAPI document's examples."""

from typing import Any, Final

from core.rest.openapi.declaring import DATABASE, Refusals

EMAIL: Final = "ada@example.com"
PASSWORD: Final = "correct horse battery"  # noqa: S105 - of somebody who does not exist
OTHER_PASSWORD: Final = "staple another battery"  # noqa: S105 - as above
MAIL_TOKEN: Final = "bWFpbC10b2tlbi1vZi15b3Vycw"  # noqa: S105 - of no mail
CREDENTIALS: Final = {"email": EMAIL, "password": PASSWORD}
REFRESH_TOKEN: Final = {"refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…"}

EMAIL_SCHEMA: Final[dict[str, Any]] = {"type": "string", "format": "email", "maxLength": 254}
# Further rules (not common, not all digits, not like the email) no schema can say: 400.
NEW_PASSWORD_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "format": "password",
    "minLength": 8,
    "maxLength": 128,
    "description": "8 to 128 characters, not a common one, not all digits, not like the email.",
}

# A token is presented.
TOKEN: Final[Refusals] = {401: ("not_authenticated", "token_invalid", "token_expired", "session_ended")}
# A personal token is presented that does not open this.
SCOPES: Final[Refusals] = {403: ("insufficient_scope",)}
OF_ISSUER: Final[Refusals] = {503: ("issuer_unavailable",)}
# Counted as a login is.
COUNTED: Final[Refusals] = {429: ("throttled",), **DATABASE}
GUARDED: Final[Refusals] = {429: ("throttled", "account_guarded"), **DATABASE}
CONFIRMED: Final[Refusals] = {**GUARDED, 422: ("wrong_password",)}
NO_STORE: Final = "Cache-Control"
