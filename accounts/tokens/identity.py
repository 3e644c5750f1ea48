from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideIdentity:
    """What a verified token of another issuer says. Nothing in it is a permission."""

    subject: str
    issuer: str
    # None where the claim is missing or cannot be kept as it is. Neither proves anything.
    email: str | None
    name: str | None
    # None for a token without ``iat``, which only the shared secret allows.
    issued_at: datetime | None
    expires_at: datetime
    # SHA-256, in hexadecimal, of what is signed.
    token_hash: str
