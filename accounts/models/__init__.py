from accounts.models.events import AuthEvent
from accounts.models.issuers import IssuerKeys
from accounts.models.limits import KnownAddress, RateWindow
from accounts.models.sessions import MAX_USER_AGENT_LENGTH, RefusedToken, Session, TokenCutoff
from accounts.models.users import (
    MAX_EMAIL_LENGTH,
    MAX_ISSUER_LENGTH,
    MAX_NAME_LENGTH,
    LowercaseEmailField,
    User,
    new_user_id,
)

__all__ = [
    "MAX_EMAIL_LENGTH",
    "MAX_ISSUER_LENGTH",
    "MAX_NAME_LENGTH",
    "MAX_USER_AGENT_LENGTH",
    "AuthEvent",
    "IssuerKeys",
    "KnownAddress",
    "LowercaseEmailField",
    "RateWindow",
    "RefusedToken",
    "Session",
    "TokenCutoff",
    "User",
    # Migrations name it here.
    "new_user_id",
]
