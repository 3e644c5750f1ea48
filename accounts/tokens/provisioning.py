"""People whom another issuer vouches for: one user for each ``sub``, made at the first good token."""

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.utils import timezone

from accounts import roles
from accounts.models import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, TokenCutoff, User
from accounts.tokens.identity import OutsideIdentity
from core.errors import token_invalid
from core.ids import EPOCH
from core.sql.statements import bind

# As in ``sessions``: in the model's own order, and raw SQL because it runs on each of their requests.
CALLER_FIELDS: Final = ("id", "email", "name", "issuer", "issuer_name", "role", "is_active")
CALLER_SQL: Final = """
    SELECT u.id, u.email, u.name, u.issuer, u.issuer_name, u.role, u.is_active,
           r.id IS NOT NULL OR COALESCE(c.issued_until >= %s, FALSE)
    FROM (SELECT CAST(%s AS varchar(128)) AS subject) t
    LEFT JOIN accounts_user u ON u.id = t.subject
    LEFT JOIN accounts_tokencutoff c ON c.subject = t.subject
    LEFT JOIN accounts_refusedtoken r ON r.subject = t.subject AND r.token_hash = %s
"""


# The same caller as a part of another statement (``core.sql.owned``), where there is nothing to follow.
PROOF_SQL: Final = """
    SELECT u.id, FALSE, set_config('app.user_id', u.id, true)
    FROM accounts_user u
    WHERE u.id = %s AND u.issuer = %s AND u.is_active AND %s IN ('', u.email) AND %s IN ('', u.issuer_name)
      AND NOT EXISTS (SELECT FROM accounts_tokencutoff c WHERE c.subject = u.id AND c.issued_until >= %s)
      AND NOT EXISTS (SELECT FROM accounts_refusedtoken r WHERE r.subject = u.id AND r.token_hash = %s)
"""


def proof_values(identity: OutsideIdentity) -> list[Any]:
    return [
        identity.subject,
        identity.issuer,
        _kept_email(identity.email),
        _kept_name(identity.name),
        bind(TokenCutoff, "issued_until", identity.issued_at or EPOCH),
        identity.token_hash,
    ]


@dataclass(frozen=True, slots=True)
class OutsideCaller:
    # None at the first good token.
    user: User | None
    is_refused: bool


def find_or_create(identity: OutsideIdentity) -> User:
    """The user this identity is, never merged with another.

    Raises ``Unauthenticated`` if this token or all until now are refused, the user is disabled, or
    the id belongs to a local account or to another issuer's.
    """
    found = _find_caller(identity)
    if found.is_refused:
        raise token_invalid()
    email, name = _kept_email(identity.email), _kept_name(identity.name)
    user = found.user or _create(identity, email, name)
    if user.issuer != identity.issuer or not user.is_active:
        raise token_invalid()
    _follow_issuer(user, identity, email or user.email, name or user.issuer_name)
    return user


def _find_caller(identity: OutsideIdentity) -> OutsideCaller:
    """The user of this ``sub``, active or not, and whether the token was logged out or cut off."""
    # Without ``iat`` nothing says that the token is newer than a cut-off.
    issued_at = identity.issued_at or EPOCH
    with connection.cursor() as cursor:
        cursor.execute(
            CALLER_SQL, [bind(TokenCutoff, "issued_until", issued_at), identity.subject, identity.token_hash]
        )
        *fields, is_refused = cursor.fetchone()
    user = User.from_db(connection.alias, CALLER_FIELDS, fields) if fields[0] is not None else None
    return OutsideCaller(user, bool(is_refused))


def _create(identity: OutsideIdentity, email: str, name: str) -> User:
    user = User(
        id=identity.subject,
        issuer=identity.issuer,
        email=email,
        name=name,
        issuer_name=name,
        followed_at=identity.issued_at or timezone.now(),
        role=roles.initial_role(identity.subject),
    )
    user.set_unusable_password()
    # The first of several at once makes it, and nobody's transaction breaks.
    User.objects.bulk_create([user], ignore_conflicts=True)
    return User.objects.get(id=identity.subject)


def _follow_issuer(user: User, identity: OutsideIdentity, email: str, name: str) -> None:
    """Takes over what the issuer changed, from a token no older than the last one followed."""
    changed = {"email": email} if email != user.email else {}
    changed |= {"name": name, "issuer_name": name} if name != user.issuer_name else {}
    if not changed:
        return
    now = timezone.now()
    issued_at = identity.issued_at or now
    if User.objects.filter(id=user.id, followed_at__lte=issued_at).update(
        **changed, followed_at=issued_at, updated_at=now
    ):
        user.refresh_from_db()


def _kept_email(claimed: str | None) -> str:
    """An issuer's email as we store it, or nothing: it is only for show, so a bad one is no error."""
    email = (claimed or "").strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        return ""
    # Python and the two databases agree on what is lower case in ASCII only.
    return email if email.isascii() and len(email) <= MAX_EMAIL_LENGTH else ""


def _kept_name(claimed: str | None) -> str:
    name = (claimed or "").strip()
    return name if len(name) <= MAX_NAME_LENGTH else ""
