from accounts.models.auth_events import AuthEvent
from accounts.models.issuer_keys import IssuerKeys
from accounts.models.personal_tokens import MAX_TOKEN_NAME_LENGTH, PersonalToken, Scope
from accounts.models.recovery import RecoveryToken
from accounts.models.sessions import KnownAddress, RefusedToken, Session, TokenCutoff
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
    "MAX_TOKEN_NAME_LENGTH",
    "AuthEvent",
    "IssuerKeys",
    "KnownAddress",
    "LowercaseEmailField",
    "PersonalToken",
    "RecoveryToken",
    "RefusedToken",
    "Scope",
    "Session",
    "TokenCutoff",
    "User",
    # Migrations name it here.
    "new_user_id",
]
