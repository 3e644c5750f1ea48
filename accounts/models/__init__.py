from accounts.models.events import AuthEvent
from accounts.models.issuers import IssuerKeys
from accounts.models.sessions import KnownAddress, RefusedToken, Session, TokenCutoff
from accounts.models.users import (
    MAX_EMAIL_LENGTH,
    MAX_ISSUER_LENGTH,
    MAX_NAME_LENGTH,
    LowercaseEmailField,
    User,
    new_user_id,
)
from core.models import RateWindow
from core.rest.client import MAX_USER_AGENT_LENGTH

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
