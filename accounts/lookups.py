"""Who is calling: one indexed query on every request.

Raw SQL, because it runs each time and the ORM takes longer to compile it than the database to answer.
What is not selected is deferred: reading it costs a query of its own.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from accounts.cursors import prepared_cursor
from accounts.identity import OutsideIdentity
from accounts.ids import EPOCH
from accounts.models import Session, User

# In the model's own order, which Model.from_db takes them for.
FIELDS: Final = ("id", "email", "name", "issuer", "role", "is_active")
SEEN_EVERY: Final = timedelta(minutes=1)
SESSION_SQL: Final = """
    SELECT u.id, u.email, u.name, u.issuer, u.role, u.is_active, s.last_seen_at < %s
    FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id
    WHERE s.user_id = %s AND s.id = %s AND s.ended_at IS NULL AND s.expires_at > %s AND u.is_active
"""

OUTSIDE_FIELDS: Final = ("id", "email", "name", "issuer", "issuer_name", "role", "is_active")
OUTSIDE_SQL: Final = """
    SELECT u.id, u.email, u.name, u.issuer, u.issuer_name, u.role, u.is_active,
           r.id IS NOT NULL OR COALESCE(c.issued_until >= %s, FALSE)
    FROM (SELECT CAST(%s AS varchar(128)) AS subject) t
    LEFT JOIN accounts_user u ON u.id = t.subject
    LEFT JOIN accounts_tokencutoff c ON c.subject = t.subject
    LEFT JOIN accounts_refusedtoken r ON r.subject = t.subject AND r.token_hash = %s
"""


def find_session_user(user_id: str, session_id: uuid.UUID) -> User | None:
    """The active user of this live session; notes, once a minute, that it was seen."""
    now = timezone.now()
    with prepared_cursor() as cursor:
        cursor.execute(SESSION_SQL, [_time(now - SEEN_EVERY), user_id, _uuid(session_id), _time(now)])
        row = cursor.fetchone()
    if row is None:
        return None
    if row[-1]:
        _note_seen(user_id, session_id, now)
    return User.from_db(connection.alias, FIELDS, row[:-1])


@dataclass(frozen=True, slots=True)
class OutsideCaller:
    # None at the first good token.
    user: User | None
    is_refused: bool


def find_outside_caller(identity: OutsideIdentity) -> OutsideCaller:
    """The user of this ``sub``, active or not, and whether the token was logged out or cut off."""
    # Without ``iat`` nothing says that the token is newer than a cut-off.
    issued_at = identity.issued_at or EPOCH
    with connection.cursor() as cursor:
        cursor.execute(OUTSIDE_SQL, [_time(issued_at), identity.subject, identity.token_hash])
        *fields, is_refused = cursor.fetchone()
    user = User.from_db(connection.alias, OUTSIDE_FIELDS, fields) if fields[0] is not None else None
    return OutsideCaller(user, bool(is_refused))


def _note_seen(user_id: str, session_id: uuid.UUID, now: datetime) -> None:
    stale = Session.objects.filter(user_id=user_id, id=session_id, last_seen_at__lt=now - SEEN_EVERY)
    stale.update(last_seen_at=now)


def _time(instant: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(instant)


def _uuid(value: uuid.UUID) -> Any:
    return value if connection.features.has_native_uuid_field else value.hex
