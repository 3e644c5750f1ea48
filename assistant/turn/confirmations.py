"""Changes that wait for the person's yes."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from assistant.models import PendingAction
from assistant.tools.plans import Change, summarize
from core.errors import NotFound
from core.ids import uuid7


class ActionNotFound(NotFound):
    pass


LIFETIME: Final = timedelta(minutes=10)
# Of those that wait without a conversation.
MAX_APART: Final = 20


def hold(user_id: str, conversation_id: int | None, changes: Sequence[Change], now: datetime) -> PendingAction:
    """In a transaction that has locked the conversation: there is one action in it at most. Without one each waits
    by itself, and of many the oldest give way.
    """
    waiting = PendingAction.objects.filter(user_id=user_id, conversation_id=conversation_id)
    if conversation_id is None:
        beyond = list(waiting.order_by("-id").values_list("id", flat=True)[MAX_APART - 1 :])
        waiting = waiting.filter(id__in=beyond)
    waiting.delete()
    return PendingAction.objects.create(
        user_id=user_id,
        id=uuid7(now),
        conversation_id=conversation_id,
        changes=[change.freeze() for change in changes],
        summary=f"This would {summarize(changes)}.",
        created_at=now,
        expires_at=now + LIFETIME,
    )


def find(user_id: str, conversation_id: int) -> PendingAction | None:
    """The one that waits, or waited until it expired."""
    return PendingAction.objects.filter(user_id=user_id, conversation_id=conversation_id).first()


def take(user_id: str, conversation_id: int | None, action_id: uuid.UUID, now: datetime) -> list[Change]:
    """In the transaction that runs them. Raises ``ActionNotFound``: each action is taken once, and while it lasts."""
    actions = PendingAction.objects.filter(user_id=user_id, conversation_id=conversation_id, id=action_id)
    action = actions.filter(expires_at__gt=now).select_for_update().first()
    if action is None:
        raise ActionNotFound("action_not_found")
    actions.delete()
    return [Change.thaw(frozen) for frozen in action.changes]


def cancel(user_id: str, conversation_id: int) -> None:
    PendingAction.objects.filter(user_id=user_id, conversation_id=conversation_id).delete()
