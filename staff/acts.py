"""What staff do to other people's things, by whichever door: each act is one event that names who did it to whom."""

import uuid
from dataclasses import replace

from django.db import transaction
from django.http import HttpRequest
from rest_framework.request import Request

from accounts import security_log
from accounts.models import User
from accounts.security_log import Kind
from accounts.sessions import ending
from core.rest.client import Client, client_of
from tasks import services
from tasks.acts import by_staff


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
            security_log.record(Kind.SESSIONS_ENDED, client, subject=user_id, reason="by_staff", changes=changes)
    return ended


def delete_task(user_id: str, task_id: uuid.UUID, *, client: Client) -> None:
    """The event's reason is the task's id. Raises ``NotFound``."""
    with transaction.atomic():
        services.delete_task(user_id, task_id, act=by_staff(client.actor or None))
        security_log.record(Kind.TASK_DELETED, client, subject=user_id, reason=str(task_id))
