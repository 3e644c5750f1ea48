"""A login: a session's row, and the first of its refresh tokens.

The refresh token's secret is its ``jti``; the row keeps a hash of it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Session, User
from accounts.sessions.caps import end_oldest, one_after_the_other
from core.errors import Unauthenticated
from core.rest.client import Client
from core.sql.statements import bind_each

MAX_SESSION: Final = timedelta(days=180)
# A password change or a switching off that runs at once waits for this, or this for it: so the session is among those
# which it ends, or there is none.
START_SQL: Final = """
    INSERT INTO accounts_session
        (id, user_id, refresh_hash, replaced_hash, address, user_agent, created_at, rotated_at, last_seen_at,
         expires_at)
    SELECT %(id)s, u.id, %(refresh_hash)s, '', %(address)s, %(user_agent)s, %(created_at)s, %(rotated_at)s,
           %(last_seen_at)s, %(expires_at)s
    FROM accounts_user u WHERE u.id = %(user)s AND u.password = %(password)s AND u.is_active
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """A live session with the secret of its current refresh token."""

    session: Session
    refresh_id: str
    # The same one as before, to a browser that asked twice.
    is_replay: bool = False


def start_session(user: User, client: Client) -> Grant:
    """Where there are more than ``MAX_SESSIONS`` then, the oldest end.

    Raises ``Unauthenticated`` where the user's password is no longer this one, or the account is switched off.
    """
    now = timezone.now()
    refresh_id = secrets.token_urlsafe(32)
    session = Session(
        user=user,
        refresh_hash=hash_of(refresh_id),
        address=client.address,
        user_agent=client.user_agent,
        created_at=now,
        rotated_at=now,
        last_seen_at=now,
        expires_at=expiry_of(now, now),
    )
    names = ("id", "refresh_hash", "address", "user_agent", "created_at", "rotated_at", "last_seen_at", "expires_at")
    values = bind_each(Session, {name: getattr(session, name) for name in names})
    with one_after_the_other(user.id), connection.cursor() as cursor:
        cursor.execute(START_SQL, values | {"user": user.id, "password": user.password})
        if not cursor.rowcount:
            raise Unauthenticated("invalid_credentials")
        end_oldest(user.id, now)
    return Grant(session, refresh_id)


def expiry_of(created_at: datetime, now: datetime) -> datetime:
    return min(now + timedelta(days=settings.REFRESH_TOKEN_EXPIRE_DAYS), created_at + MAX_SESSION)


def hash_of(refresh_id: str) -> str:
    return hashlib.sha256(refresh_id.encode()).hexdigest()
