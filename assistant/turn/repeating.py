"""Answering a message again, without doing again what its answer did."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assistant.models import Message, PendingAction, Role
from assistant.tools.plans import VERBS
from assistant.tools.results import Step
from assistant.turn import confirmations
from assistant.turn.audience import Audience
from assistant.turn.endings import Finish, Turn
from assistant.turn.history import count_messages


def find_said(user_id: str, conversation_id: int, words: str) -> Message | None:
    """The person's last message of these words."""
    said = Message.objects.filter(user_id=user_id, conversation_id=conversation_id, role=Role.PERSON, content=words)
    return said.order_by("-id").first()


def kept_answer(said: Message) -> Message | None:
    """The answer to it, if tasks have changed since it was said: that would happen once more."""
    following = list(_following(said).defer("exchange"))
    if following and following[0].role == Role.ASSISTANT and any(map(_has_changed_tasks, following)):
        return following[0]
    return None


def tell_again(answer: Message, audience: Audience, finish: Finish) -> Turn:
    """A kept answer as the turn it came from, with what waits for a yes now."""
    waiting = confirmations.find(answer.user_id, answer.conversation_id)
    turn = Turn(
        answer.conversation_id,
        answer.content,
        [Step(**call) for call in answer.tool_calls],
        waiting if waiting and waiting.expires_at > timezone.now() else None,
        answer,
    )
    with transaction.atomic():
        finish(turn)
    for step in turn.steps:
        audience.watch(step)
    audience.hear(turn.response)
    return turn


def take_up(user_id: str, conversation_id: int, message_id: uuid.UUID) -> Message | None:
    """The person's message, with room for its answer; what came after it is forgotten, unless tasks have changed.
    None where there is none. In a transaction. Raises ``QuotaExceeded``.
    """
    # Held from here, so that no turn ends in between.
    count_messages(user_id, conversation_id, 0)
    messages = Message.objects.filter(user_id=user_id, conversation_id=conversation_id, role=Role.PERSON)
    said = messages.filter(id=message_id).first()
    if said is None:
        return None
    forgotten = 0
    if not any(map(_has_changed_tasks, _following(said).only("tool_calls"))):
        forgotten, _ = _following(said).delete()
        PendingAction.objects.filter(user_id=user_id, conversation_id=conversation_id).delete()
    count_messages(user_id, conversation_id, -forgotten, ahead=1)
    return said


def _following(said: Message) -> QuerySet[Message]:
    later = Message.objects.filter(user_id=said.user_id, conversation_id=said.conversation_id, id__gt=said.id)
    return later.order_by("id")


def _has_changed_tasks(message: Message) -> bool:
    return any(call["tool"] in VERBS and _is_done(call["result"]) for call in message.tool_calls)


def _is_done(result: Mapping[str, Any]) -> bool:
    return not {"error", "needs_confirmation", "unchanged"} & result.keys()
