"""Refresh tokens, each good for one refresh.

The successor of a token is derived from it by a keyed hash and carries the time of the rotation, so the
same predecessor can be answered with the same successor, byte for byte, although neither is stored.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Session
from accounts.sessions.ending import end_session
from accounts.sessions.starting import Grant, expiry_of, hash_of
from core.errors import Unauthenticated

# Parallel refreshes of one browser; after that a replaced token is a stolen one.
REPLAY_WINDOW: Final = timedelta(seconds=30)
SUCCESSOR_SALT: Final = "accounts.sessions.successor"


class RefreshReused(Unauthenticated):
    """A refresh token was used again that had been replaced: its session has been ended."""


def rotate(user_id: str, session_id: uuid.UUID, refresh_id: str) -> Grant:
    """Replaces the refresh token whose secret is presented by its successor.

    Within ``REPLAY_WINDOW`` the replaced one gives that same successor again. Raises ``RefreshReused``
    for any other one the session once had, ``Unauthenticated`` when the session is over.
    """
    now = timezone.now()
    presented, successor = hash_of(refresh_id), _successor(refresh_id)
    session = _live_of_active(user_id, session_id, now)
    expires_at = expiry_of(session.created_at, now)
    rotated = (
        _live(user_id, session_id, now)
        .filter(refresh_hash=presented)
        .update(
            refresh_hash=hash_of(successor),
            replaced_hash=presented,
            rotated_at=now,
            last_seen_at=now,
            expires_at=expires_at,
        )
    )
    if rotated:
        session.rotated_at, session.expires_at = now, expires_at
        return Grant(session, successor)
    return _replay(user_id, session_id, refresh_id, now)


def _replay(user_id: str, session_id: uuid.UUID, refresh_id: str, now: datetime) -> Grant:
    session = _live_of_active(user_id, session_id, now)
    presented, successor = hash_of(refresh_id), _successor(refresh_id)
    if session.replaced_hash == presented and now - session.rotated_at <= REPLAY_WINDOW:
        return Grant(session, _given(session, refresh_id) or successor, is_replay=True)
    end_session(user_id, session_id)
    raise RefreshReused("token_invalid")


def _live(user_id: str, session_id: uuid.UUID, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(user_id=user_id, id=session_id, ended_at=None, expires_at__gt=now)


def _live_of_active(user_id: str, session_id: uuid.UUID, now: datetime) -> Session:
    """Not part of the UPDATE: its join would turn into a subquery, which a waiting writer does not repeat."""
    session = _live(user_id, session_id, now).filter(user__is_active=True).select_related("user").first()
    if session is None:
        raise Unauthenticated("session_ended")
    return session


def _given(session: Session, refresh_id: str) -> str | None:
    """The successor that this session has by now, which an earlier key may have derived."""
    made = (_successor(refresh_id, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    return next((one for one in made if hash_of(one) == session.refresh_hash), None)


def _successor(refresh_id: str, key: str | None = None) -> str:
    return salted_hmac(SUCCESSOR_SALT, refresh_id, secret=key, algorithm="sha256").hexdigest()
