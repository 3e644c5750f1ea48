"""What staff do to other people's things, by whichever door: each act is one event that names who did it to whom."""

import uuid
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from accounts import limits, security_log
from accounts import services as accounts
from accounts.models import Session, User
from accounts.security_log import Kind
from accounts.sessions import ending
from core.errors import Conflict, NotFound
from core.mail import outbox
from core.rest.client import Client, client_of
from tasks import services
from tasks.acts import by_staff
from tasks.models import Task

# What they write into an event's reason.
BY_STAFF = "by_staff"
LINK_SENT = "link_sent"


def staff_client(request: HttpRequest | Request) -> Client:
    """Where the request came from, and who of the staff sent it."""
    user = request.user
    assert isinstance(user, User)
    return replace(client_of(request), actor=user.id)


def end_session(user_id: str, session_id: uuid.UUID, *, client: Client) -> bool:
    """Whether it was live until now."""
    with transaction.atomic():
        ended = ending.end_session(user_id, session_id)
        if ended:
            changes = {"session": (str(session_id), None)}
            security_log.record(Kind.SESSIONS_ENDED, client, subject=user_id, reason=BY_STAFF, changes=changes)
    return ended


def end_all_sessions(user: User, *, client: Client) -> int:
    """Those of the staff site and an issuer's tokens too. Says how many sessions of our own there were."""
    with transaction.atomic():
        live = ending.live_sessions(user.id).count()
        ending.end_everything(user)
        changes = {"sessions": (live, 0)}
        security_log.record(Kind.SESSIONS_ENDED, client, subject=user.id, reason=BY_STAFF, changes=changes)
    return live


def end_sessions_of_address(address: str, *, client: Client) -> int:
    """Everybody's that began there; an event for each person. Says how many."""
    live = Session.objects.filter(address=address, ended_at=None, expires_at__gt=timezone.now())
    owners = sorted(set(live.order_by().values_list("user_id", flat=True)))
    return sum(_end_sessions_from(owner, address, client) for owner in owners)


def _end_sessions_from(user_id: str, address: str, client: Client) -> int:
    with transaction.atomic():
        live = ending.live_sessions(user_id).filter(address=address).order_by()
        ended = live.update(ended_at=timezone.now())
        if ended:
            changes = {"sessions": (ended, 0)}
            security_log.record(Kind.SESSIONS_ENDED, client, subject=user_id, reason=BY_STAFF, changes=changes)
    return ended


def send_reset(user: User, *, client: Client) -> None:
    """Mails a link by which they set a new password.

    Raises ``NotFound`` where no mail is configured, ``Conflict``, ``TooManyRequests``.
    """
    if not settings.MAIL_IS_ON:
        raise NotFound("not_found", "No mail is configured here, so no link can be sent.")
    if user.issuer:
        raise Conflict("outside_account")
    if not user.is_active:
        raise Conflict("forbidden", "The account is disabled; enable it first.")
    limits.require_mail(user.email)
    with transaction.atomic():
        outbox.enqueue("password_reset", recipient=user.email)
        security_log.record(Kind.PASSWORD_RESET, client, subject=user.id, reason=LINK_SENT)


def delete_user(actor: User, user: User, *, client: Client) -> None:
    """With all they own. Raises ``Conflict`` for oneself and for the last admin."""
    if user.id == actor.id:
        raise Conflict("own_account", "Nobody deletes their own account here.")
    accounts.delete_account(user, client=client)


def set_completed(user_id: str, task_id: uuid.UUID, *, completed: bool, client: Client) -> Task:
    """No event where it was so before. Raises ``NotFound``."""
    with transaction.atomic():
        task = services.edit_task(user_id, task_id, {"completed": completed}, act=by_staff(client.actor or None))
        if task.number is not None:
            changes = {"completed": (not completed, completed)}
            security_log.record(Kind.TASK_CHANGED, client, subject=user_id, reason=str(task_id), changes=changes)
    return task


def delete_task(user_id: str, task_id: uuid.UUID, *, client: Client) -> None:
    """The event's reason is the task's id. Raises ``NotFound``."""
    with transaction.atomic():
        services.delete_task(user_id, task_id, act=by_staff(client.actor or None))
        security_log.record(Kind.TASK_DELETED, client, subject=user_id, reason=str(task_id))
