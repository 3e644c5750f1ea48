"""Who of the staff may read what people say to the assistant: nobody, until a command lets them, and not for long."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import security_log
from accounts.models import User
from accounts.security_log import Kind
from core.rest.client import Client
from staff.conversations import Said, conversations
from staff.models import ConversationReader

READS = "reads_conversations"


def may_read(staff: User) -> bool:
    return ConversationReader.objects.filter(user_id=staff.id, until__gt=timezone.now()).exists()


def let_read(user: User, *, hours: int, client: Client) -> None:
    until = timezone.now() + timedelta(hours=hours)
    with transaction.atomic():
        before = may_read(user)
        ConversationReader.objects.update_or_create(user_id=user.id, defaults={"until": until})
        security_log.record(Kind.ROLE_CHANGED, client, subject=user.id, reason=READS, changes={READS: (before, True)})


def stop_reading(user: User, *, client: Client) -> bool:
    with transaction.atomic():
        stopped, _ = ConversationReader.objects.filter(user_id=user.id).delete()
        if stopped:
            security_log.record(
                Kind.ROLE_CHANGED, client, subject=user.id, reason=READS, changes={READS: (True, False)}
            )
    return bool(stopped)


def read(staff: User, user_id: str, conversation_id: int, *, client: Client) -> Sequence[Said]:
    """An event, whose reason is the conversation's id. Raises ``PermissionDenied``."""
    with transaction.atomic():
        if not may_read(staff):
            raise PermissionDenied
        security_log.record(Kind.CONVERSATION_READ, client, subject=user_id, reason=str(conversation_id))
        return list(conversations().read(user_id, conversation_id))
