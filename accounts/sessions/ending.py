"""Which sessions live, and how they end."""

import uuid

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import security_log
from accounts.cutoffs import refuse_until_now
from accounts.models import Session, User
from accounts.security_log import Kind
from core.errors import NotFound
from core.rest.client import Client


def end_session(user_id: str, session_id: uuid.UUID) -> bool:
    """Whether it was live until now."""
    ended = Session.objects.filter(user_id=user_id, id=session_id, ended_at=None).update(ended_at=timezone.now())
    return bool(ended)


def end_sessions(user_id: str, *, except_id: uuid.UUID | None = None) -> int:
    live = Session.objects.filter(user_id=user_id, ended_at=None)
    if except_id:
        live = live.exclude(id=except_id)
    return live.update(ended_at=timezone.now())


def end_everything(user: User) -> bool:
    """All that lets this person in by an earlier login: sessions, cookies of the staff site, tokens of an issuer.

    Says whether there was a session, or may have been a token.
    """
    # First: a login that runs at once waits for it, or it for that one, whose session then is among those that end.
    User.objects.filter(id=user.id).update(session_epoch=F("session_epoch") + 1)
    ended = end_sessions(user.id)
    if user.issuer:
        refuse_until_now(user.id)
    return bool(ended or user.issuer)


def live_sessions(user_id: str) -> QuerySet[Session]:
    """Those seen last first."""
    return Session.objects.filter(user_id=user_id, ended_at=None, expires_at__gt=timezone.now()).order_by(
        "-last_seen_at", "-id"
    )


def close_session(user_id: str, session_id: uuid.UUID | None, *, client: Client) -> None:
    """Ends one of the caller's live sessions by its id. Raises ``NotFound``."""
    with transaction.atomic():
        if not session_id or not live_sessions(user_id).filter(id=session_id).update(ended_at=timezone.now()):
            raise NotFound("session_not_found")
        changes = {"session": (str(session_id), None)}
        security_log.record(Kind.SESSIONS_ENDED, client, subject=user_id, changes=changes)
