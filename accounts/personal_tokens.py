"""Personal tokens: keys for a person's own programs, which open what their scopes say.

The text is ``todo_`` and, in base64url, the scopes, the row's id, a secret, a signature, and the owner's id: so whose
it is and what it opens is known before the database is asked, and nobody spends another's limits by making one up.
What counts is the row, which holds the hash of the whole text.
"""

import base64
import binascii
import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import security_log
from accounts.models import PersonalToken, Scope, User
from accounts.security_log import Kind
from accounts.sessions.callers import CALLER_FIELDS
from accounts.sessions.caps import one_after_the_other
from accounts.sessions.ending import live_sessions
from core.errors import Conflict, NotFound, Unauthenticated, token_invalid
from core.rest.client import Client
from core.sql.statements import bind, note, prepared_cursor

PREFIX: Final = "todo_"
SALT: Final = "accounts.personal_tokens"
SHAPE: Final = re.compile(r"todo_([A-Za-z0-9_-]{78,247})")
SECRET_BYTES: Final = 24
SIGNATURE_BYTES: Final = 16
OWNER_AT: Final = 1 + 16 + SECRET_BYTES + SIGNATURE_BYTES
# A bit each.
BITS: Final = tuple(Scope)
MAX_TOKENS: Final = 100
USED_EVERY: Final = timedelta(minutes=1)
GOOD: Final = """
    FROM accounts_personaltoken p JOIN accounts_user u ON u.id = p.user_id
    WHERE p.user_id = %s AND p.id = %s AND p.token_hash = %s AND (p.expires_at IS NULL OR p.expires_at > %s)
      AND u.is_active
"""
# As those of sessions.
CALLER_SQL: Final = f"""
    SELECT u.id, u.email, u.name, u.issuer, u.role, u.is_active, COALESCE(p.last_used_at < %s, TRUE) {GOOD}
"""
PROOF_SQL: Final = f"SELECT u.id, COALESCE(p.last_used_at < %s, TRUE), set_config('app.user_id', u.id, true) {GOOD}"


@dataclass(frozen=True, slots=True)
class PersonalKey:
    """What a personal token says, before its row was looked at."""

    user_id: str
    token_id: uuid.UUID
    scopes: frozenset[Scope]
    # Of the whole text.
    token_hash: str


def is_personal(text: str) -> bool:
    return text.startswith(PREFIX)


def read(text: str) -> PersonalKey:
    """Raises ``Unauthenticated`` for what this service did not make."""
    shaped = SHAPE.fullmatch(text)
    if shaped is None:
        raise token_invalid()
    try:
        packed = base64.urlsafe_b64decode(f"{shaped[1]}==")
    except binascii.Error as error:
        raise token_invalid() from error
    said, signature = packed[: OWNER_AT - SIGNATURE_BYTES], packed[OWNER_AT - SIGNATURE_BYTES : OWNER_AT]
    owner = packed[OWNER_AT:]
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any(constant_time_compare(signature, _sign(said + owner, key)) for key in keys):
        raise token_invalid()
    scopes = frozenset(scope for place, scope in enumerate(BITS) if said[0] >> place & 1)
    return PersonalKey(owner.decode(), uuid.UUID(bytes=said[1:17]), scopes, _hash(text))


def create(
    user: User,
    *,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None,
    client: Client,
    session_id: uuid.UUID | None,
) -> tuple[PersonalToken, str]:
    """A new token with its text, which nobody can tell again. ``session_id`` is that of whoever makes it, if any.

    Raises ``Conflict`` for one too many, ``Unauthenticated`` where the session or the account ended meanwhile.
    """
    now = timezone.now()
    ordered = [scope for scope in BITS if scope in set(scopes)]
    token = PersonalToken(user_id=user.id, name=name, scopes=" ".join(ordered), created_at=now, expires_at=expires_at)
    text = _text(token, ordered)
    token.token_hash = _hash(text)
    # Whoever ends them all holds the same row: what is made at once is among those, or is not made.
    with one_after_the_other(user.id):
        _check_caller(user.id, session_id)
        if live_tokens(user.id).count() >= MAX_TOKENS:
            raise Conflict("quota_exceeded", f"You have {MAX_TOKENS} tokens, as many as there may be; revoke some.")
        _forget_expired(user.id, now)
        token.save()
        security_log.record(Kind.TOKEN_CREATED, client, subject=user.id, reason=str(token.id))
    return token, text


def live_tokens(user_id: str) -> QuerySet[PersonalToken]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return PersonalToken.objects.filter(unexpired, user_id=user_id)


def list_tokens(user_id: str) -> QuerySet[PersonalToken]:
    """Newest first, those too that have expired of late."""
    return PersonalToken.objects.filter(user_id=user_id).order_by("-id")


def revoke(user_id: str, token_id: uuid.UUID | None, *, client: Client) -> None:
    """Raises ``NotFound``."""
    with one_after_the_other(user_id):
        if not token_id or not PersonalToken.objects.filter(user_id=user_id, id=token_id).delete()[0]:
            raise NotFound("token_not_found")
        security_log.record(Kind.TOKEN_REVOKED, client, subject=user_id, reason=str(token_id))


def revoke_all(user_id: str) -> None:
    """In a transaction that has changed the user's row, or holds it."""
    PersonalToken.objects.filter(user_id=user_id).delete()


def find_user(key: PersonalKey) -> User:
    """The active user of a good token. Notes, once a minute, that it was used. Raises ``Unauthenticated``."""
    with prepared_cursor() as cursor:
        cursor.execute(CALLER_SQL, caller_values(key))
        row = cursor.fetchone()
    if row is None:
        raise _refusal(key)
    if row[-1]:
        note_used(key)
    return User.from_db(connection.alias, CALLER_FIELDS, row[:-1])


def caller_values(key: PersonalKey) -> list[Any]:
    """Of ``CALLER_SQL`` and ``PROOF_SQL``."""
    now = timezone.now()
    return [
        bind(PersonalToken, "last_used_at", now - USED_EVERY),
        key.user_id,
        bind(PersonalToken, "id", key.token_id),
        key.token_hash,
        bind(PersonalToken, "expires_at", now),
    ]


def note_used(key: PersonalKey) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    note(PersonalToken.objects.filter(stale, user_id=key.user_id, id=key.token_id), last_used_at=now)


def _refusal(key: PersonalKey) -> Unauthenticated:
    found = PersonalToken.objects.filter(user_id=key.user_id, token_hash=key.token_hash)
    is_expired = found.filter(expires_at__lte=timezone.now()).exists()
    return Unauthenticated("token_expired") if is_expired else token_invalid()


def _forget_expired(user_id: str, now: datetime) -> None:
    """But for the newest: those that live for a second are made faster than they are pruned."""
    expired = PersonalToken.objects.filter(user_id=user_id, expires_at__lte=now)
    beyond = list(expired.order_by("-id").values_list("id", flat=True)[MAX_TOKENS:])
    if beyond:
        expired.filter(id__in=beyond).delete()


def _check_caller(user_id: str, session_id: uuid.UUID | None) -> None:
    if session_id and not live_sessions(user_id).filter(id=session_id).exists():
        raise Unauthenticated("session_ended")
    if not User.objects.filter(id=user_id, is_active=True).exists():
        raise token_invalid()


def _text(token: PersonalToken, scopes: Sequence[Scope]) -> str:
    bits = sum(1 << BITS.index(scope) for scope in scopes)
    said, owner = bytes([bits]) + token.id.bytes + secrets.token_bytes(SECRET_BYTES), token.user_id.encode()
    packed = said + _sign(said + owner, settings.SECRET_KEY) + owner
    return PREFIX + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _sign(said: bytes, key: str | bytes) -> bytes:
    return salted_hmac(SALT, said, secret=key, algorithm="sha256").digest()[:SIGNATURE_BYTES]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
