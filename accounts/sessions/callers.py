"""Whose session a request names, and that it was seen."""

import uuid
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from accounts.models import Session, User
from core.sql.statements import bind, note, prepared_cursor

SEEN_EVERY: Final = timedelta(minutes=1)
# What is not selected is deferred, and reading it costs a query of its own. In the model's own order, which
# Model.from_db takes them for.
CALLER_FIELDS: Final = ("id", "email", "name", "issuer", "role", "is_active")
# Raw, because it runs on nearly every request and the ORM takes longer to compile it than the database to answer:
# one look at an index.
LIVE: Final = """
    FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id
    WHERE s.user_id = %s AND s.id = %s AND s.ended_at IS NULL AND s.expires_at > %s AND u.is_active
"""
CALLER_SQL: Final = f"SELECT u.id, u.email, u.name, u.issuer, u.role, u.is_active, s.last_seen_at < %s {LIVE}"
# The same as a part of another statement, whose rows it opens (``core.sql.owned``).
PROOF_SQL: Final = f"SELECT u.id, s.last_seen_at < %s, set_config('app.user_id', u.id, true) {LIVE}"


def find_session_user(user_id: str, session_id: uuid.UUID) -> User | None:
    """Who is calling: the active user of this live session. Notes, once a minute, that it was seen."""
    with prepared_cursor() as cursor:
        cursor.execute(CALLER_SQL, caller_values(user_id, session_id))
        row = cursor.fetchone()
    if row is None:
        return None
    if row[-1]:
        note_seen(user_id, session_id)
    return User.from_db(connection.alias, CALLER_FIELDS, row[:-1])


def caller_values(user_id: str, session_id: uuid.UUID) -> list[Any]:
    """Of ``CALLER_SQL`` and ``PROOF_SQL``."""
    now = timezone.now()
    return [
        bind(Session, "last_seen_at", now - SEEN_EVERY),
        user_id,
        bind(Session, "id", session_id),
        bind(Session, "expires_at", now),
    ]


def note_seen(user_id: str, session_id: uuid.UUID) -> None:
    now = timezone.now()
    stale = Session.objects.filter(user_id=user_id, id=session_id, last_seen_at__lt=now - SEEN_EVERY)
    note(stale, last_seen_at=now)
