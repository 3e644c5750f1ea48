"""How a turn begins: the person's message is kept, in the conversation it names or in a new one."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from assistant.models import TITLE_LENGTH, Conversation, Message, PendingAction, Role, conversation_id
from assistant.turn import confirmations, repeating
from assistant.turn.endings import conversation_not_found
from assistant.turn.history import count_messages, keep_message
from assistant.understanding.consent import answer_to
from core import quotas
from core.deleted_owners import stored_for
from core.errors import Unavailable
from core.sql.statements import insert

# The kind of the quota.
CONVERSATIONS: Final = "conversations"
# Of finding an id for a new conversation.
TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Said:
    """A person's message. Without ``conversation_id`` it goes into the conversation that has the ``name``, or begins
    one.
    """

    message: str
    conversation_id: int | None = None
    zone: tzinfo = UTC
    name: str | None = None
    # Of a message of the conversation that is to be answered again, in place of keeping this one.
    again: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    conversation: Conversation
    message: Message
    # What waited for a yes until this was said.
    waiting: PendingAction | None


# Called once the message is kept.
Opened = Callable[[Begun], None]


class NameTaken(Exception):
    """By a conversation that began at the same time."""


def begin(user: User, said: Said, now: datetime) -> Begun:
    """Keeps the message. Another one than yes cancels what waits for it. Raises ``NotFound``, ``QuotaExceeded``."""
    try:
        return _begin(user, said, now)
    except NameTaken:
        return _begin(user, said, now)


def _begin(user: User, said: Said, now: datetime) -> Begun:
    with stored_for(user.id), transaction.atomic():
        known = find_id(user, said.name) if said.conversation_id is None else said.conversation_id
        if known is None:
            conversation = new_conversation(user, said.message, now, message_count=1, name=said.name)
            return Begun(conversation, keep_message(conversation, Role.PERSON, said.message), None)
        message = repeating.take_up(user.id, known, said.again) if said.again else None
        if message is None:
            # With room for the answer, so that nobody's words are kept in vain.
            count_messages(user.id, known, 1, ahead=1)
        conversation = find_conversation(user, known)
        waiting = confirmations.find(user.id, conversation.id)
        if waiting and (waiting.expires_at <= now or not answer_to(said.message)):
            confirmations.cancel(user.id, conversation.id)
        return Begun(conversation, message or keep_message(conversation, Role.PERSON, said.message), waiting)


def find_conversation(user: User, conversation_id: int) -> Conversation:
    """Raises ``NotFound``."""
    conversation = Conversation.objects.filter(user_id=user.id, id=conversation_id).first()
    if conversation is None:
        raise conversation_not_found()
    return conversation


def find_id(user: User, name: str | None) -> int | None:
    """Of the user's conversation of this name."""
    if name is None:
        return None
    return Conversation.objects.filter(user_id=user.id, name=name).values_list("id", flat=True).first()


def title_of(text: str) -> str:
    """As much of it as fits on one line."""
    title = " ".join(text.split())
    return title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 1]}\u2026"


def open_conversation(user: User, title: str) -> Conversation:
    """One in which nothing has been said yet."""
    with stored_for(user.id), transaction.atomic():
        return new_conversation(user, title, timezone.now())


def new_conversation(
    user: User, message: str, now: datetime, *, message_count: int = 0, name: str | None = None
) -> Conversation:
    """In a transaction. Raises ``QuotaExceeded``, ``NameTaken``."""
    quotas.take(user.id, CONVERSATIONS)
    conversation = Conversation(
        user_id=user.id,
        title=title_of(message),
        name=name,
        created_at=now,
        updated_at=now,
        message_count=message_count,
    )
    for _ in range(TRIES):
        conversation.id = conversation_id(now)
        # One of 4096 in the same millisecond.
        if insert(conversation, unless_taken=True):
            return conversation
        if find_id(user, name) is not None:
            raise NameTaken
    raise Unavailable("unavailable", "Too many conversations begin at once; try again shortly.")
