"""Sessions of people who log in here: a row each, so that ending one bites on the next request.

The refresh token's secret is its ``jti``; the row keeps a hash of it. The successor of a token is
derived from it by a keyed hash and carries the time of the rotation, so the same predecessor can be
answered with the same successor, byte for byte, although neither is stored.
"""

import hashlib
import logging
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import RefusedToken, Session, TokenCutoff, User
from accounts.session_caps import end_oldest, one_after_the_other
from core.errors import NotFound, Unauthenticated
from core.rest.client import Client
from core.sql.statements import bind, bind_each, is_read_only, prepared_cursor

logger = logging.getLogger(__name__)

MAX_SESSION: Final = timedelta(days=180)
# Parallel refreshes of one browser; after that a replaced token is a stolen one.
REPLAY_WINDOW: Final = timedelta(seconds=30)
SUCCESSOR_SALT: Final = "accounts.sessions.successor"
# The longest that an outside token may live, and so as long as a cut-off must be remembered.
MAX_OUTSIDE_TOKEN: Final = timedelta(days=31)
# Sessions of Better Auth are prolonged while they are used, so one that is refused stays so for good.
FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
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


class RefreshReused(Unauthenticated):
    """A refresh token was used again that had been replaced: its session has been ended."""


def start_session(user: User, client: Client) -> Grant:
    """Where there are more than ``MAX_SESSIONS`` then, the oldest end.

    Raises ``Unauthenticated`` where the user's password is no longer this one, or the account is switched off.
    """
    now = timezone.now()
    refresh_id = secrets.token_urlsafe(32)
    session = Session(
        user=user,
        refresh_hash=_hash(refresh_id),
        address=client.address,
        user_agent=client.user_agent,
        created_at=now,
        rotated_at=now,
        last_seen_at=now,
        expires_at=_expiry(now, now),
    )
    names = ("id", "refresh_hash", "address", "user_agent", "created_at", "rotated_at", "last_seen_at", "expires_at")
    values = bind_each(Session, {name: getattr(session, name) for name in names})
    with one_after_the_other(user.id), connection.cursor() as cursor:
        cursor.execute(START_SQL, values | {"user": user.id, "password": user.password})
        if not cursor.rowcount:
            raise Unauthenticated("invalid_credentials")
        end_oldest(user.id, now)
    return Grant(session, refresh_id)


def rotate(user_id: str, session_id: uuid.UUID, refresh_id: str) -> Grant:
    """Replaces the refresh token whose secret is presented by its successor.

    Within ``REPLAY_WINDOW`` the replaced one gives that same successor again. Raises ``RefreshReused``
    for any other one the session once had, ``Unauthenticated`` when the session is over.
    """
    now = timezone.now()
    presented, successor = _hash(refresh_id), _successor(refresh_id)
    session = _live_of_active(user_id, session_id, now)
    expires_at = _expiry(session.created_at, now)
    rotated = (
        _live(user_id, session_id, now)
        .filter(refresh_hash=presented)
        .update(
            refresh_hash=_hash(successor),
            replaced_hash=presented,
            rotated_at=now,
            last_seen_at=now,
            expires_at=expires_at,
        )
    )
    if rotated:
        session.rotated_at, session.expires_at = now, expires_at
        return Grant(session, successor)
    return _replay(user_id, session_id, presented, successor, now)


def _replay(user_id: str, session_id: uuid.UUID, presented: str, successor: str, now: datetime) -> Grant:
    session = _live_of_active(user_id, session_id, now)
    if session.replaced_hash == presented and now - session.rotated_at <= REPLAY_WINDOW:
        return Grant(session, successor, is_replay=True)
    end_session(user_id, session_id)
    raise RefreshReused("token_invalid")


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


def end_session(user_id: str, session_id: uuid.UUID) -> bool:
    """Whether it was live until now."""
    ended = Session.objects.filter(user_id=user_id, id=session_id, ended_at=None).update(ended_at=timezone.now())
    return bool(ended)


def end_sessions(user_id: str, *, except_id: uuid.UUID | None = None) -> int:
    live = Session.objects.filter(user_id=user_id, ended_at=None)
    if except_id:
        live = live.exclude(id=except_id)
    return live.update(ended_at=timezone.now())


def end_everything(user: User) -> None:
    """All that lets this person in by an earlier login: sessions, cookies of the staff site, tokens of an issuer."""
    # First: a login that runs at once waits for it, or it for that one, whose session then is among those that end.
    User.objects.filter(id=user.id).update(session_epoch=F("session_epoch") + 1)
    end_sessions(user.id)
    if user.issuer:
        refuse_until_now(user.id)


def live_sessions(user_id: str) -> QuerySet[Session]:
    """Those seen last first."""
    return Session.objects.filter(user_id=user_id, ended_at=None, expires_at__gt=timezone.now()).order_by(
        "-last_seen_at", "-id"
    )


def close_session(user_id: str, session_id: uuid.UUID | None) -> None:
    """Ends one of the caller's live sessions by its id. Raises ``NotFound``."""
    if not session_id or not live_sessions(user_id).filter(id=session_id).update(ended_at=timezone.now()):
        raise NotFound("session_not_found")


def refuse_token(subject: str, token_hash: str, expires_at: datetime) -> bool:
    """An outside token that logs out; says whether it had not yet."""
    refused = RefusedToken.objects.filter(subject=subject, token_hash=token_hash)
    _, is_new = refused.get_or_create(subject=subject, token_hash=token_hash, defaults={"expires_at": expires_at})
    return is_new


def refuse_until_now(subject: str) -> None:
    """Refuses every outside token of ``subject`` issued until now; also after the user is gone."""
    now = timezone.now()
    remembered_until = FOREVER if settings.BETTER_AUTH_DATABASE else now + MAX_OUTSIDE_TOKEN
    cutoff = TokenCutoff(subject=subject, issued_until=now, expires_at=remembered_until)
    TokenCutoff.objects.bulk_create(
        [cutoff], update_conflicts=True, unique_fields=["subject"], update_fields=["issued_until", "expires_at"]
    )


def _live(user_id: str, session_id: uuid.UUID, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(user_id=user_id, id=session_id, ended_at=None, expires_at__gt=now)


def _live_of_active(user_id: str, session_id: uuid.UUID, now: datetime) -> Session:
    """Not part of the UPDATE: its join would turn into a subquery, which a waiting writer does not repeat."""
    session = _live(user_id, session_id, now).filter(user__is_active=True).select_related("user").first()
    if session is None:
        raise Unauthenticated("session_ended")
    return session


def note_seen(user_id: str, session_id: uuid.UUID) -> None:
    now = timezone.now()
    stale = Session.objects.filter(user_id=user_id, id=session_id, last_seen_at__lt=now - SEEN_EVERY)
    try:
        stale.update(last_seen_at=now)
    except (DatabaseError, InterfaceError) as error:
        # A database that can only be read can be read all the same.
        if is_read_only(error):
            return
        # Nor does a note fail what the request is for, which may have been done by now.
        if connection.in_atomic_block:
            raise
        logger.warning("A session was not noted as seen: %s", type(error.__cause__ or error).__qualname__)


def _expiry(created_at: datetime, now: datetime) -> datetime:
    return min(now + timedelta(days=settings.REFRESH_TOKEN_EXPIRE_DAYS), created_at + MAX_SESSION)


def _hash(refresh_id: str) -> str:
    return hashlib.sha256(refresh_id.encode()).hexdigest()


def _successor(refresh_id: str) -> str:
    return salted_hmac(SUCCESSOR_SALT, refresh_id, algorithm="sha256").hexdigest()
