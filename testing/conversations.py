"""Conversations as they are kept, without anybody having talked."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from assistant.models import Conversation, Message, conversation_id
from core.ids import uuid7
from testing.callers import Caller

_turns = count()


def make_talk(owner: Caller, title: str = "Groceries", *said: str) -> Conversation:
    # Each a millisecond later: within one their ids are in no order.
    now = timezone.now() + timedelta(milliseconds=next(_turns))
    talk = Conversation.objects.create(
        user_id=owner.id, id=conversation_id(now), title=title, created_at=now, updated_at=now, message_count=len(said)
    )
    for text in said:
        at = timezone.now()
        Message.objects.create(
            user_id=owner.id, id=uuid7(at), conversation_id=talk.id, role="user", content=text, created_at=at
        )
    return talk
