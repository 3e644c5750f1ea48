"""One turn: the person's message is kept, a provider answers it, and what it changed commits with the answer."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from assistant.models import TITLE_LENGTH, Conversation, Message, PendingAction, Role, conversation_id
from assistant.providers.base import ChatProvider
from assistant.tools.plans import Plan
from assistant.tools.titles import knower
from assistant.tools.toolbox import Toolbox
from assistant.turn import confirmations, undoing
from assistant.turn.audience import NOBODY, Audience
from assistant.turn.confirmations import ActionNotFound
from assistant.turn.endings import Ending, Finish, Turn, conversation_not_found
from assistant.turn.history import count_messages, keep_message, messages_for
from assistant.turn.recalling import has_just_changed, recall
from assistant.turn.talk import Speech, opening, talk
from assistant.understanding import understand
from assistant.understanding.consent import answer_to
from core import quotas
from core.deleted_owners import stored_for
from core.errors import Unavailable
from core.sql.statements import insert

# The kind of the quota.
CONVERSATIONS: Final = "conversations"
MAX_READ: Final = 100
# Of finding an id for a new conversation.
TRIES: Final = 5
NOTHING_CHANGED: Final = "All right, nothing was changed."
TAKEN: Final = "That is not waiting for a yes any more."
EXPIRED: Final = "That waited too long for a yes, so nothing was changed. Ask for it again."


@dataclass(frozen=True, slots=True)
class Said:
    """A person's message. Without ``conversation_id`` it begins a conversation."""

    message: str
    conversation_id: int | None = None
    zone: tzinfo = UTC


def run_turn(
    user: User, said: Said, provider: ChatProvider, *, audience: Audience = NOBODY, finish: Finish = lambda turn: None
) -> Turn:
    """Raises ``NotFound`` for a conversation that is not the user's, and as the provider does; then the
    message is kept and no task has changed.
    """
    now = timezone.now()
    begun = _begin(user, said, now)
    ending = Ending(user, begun.conversation, audience, finish)
    is_scratched = begun.waiting is None and undoing.is_scratched(said.message)
    if undoing.is_asked(said.message) or (is_scratched and has_just_changed(begun.message)):
        return ending.take_back()
    answer = answer_to(said.message) if begun.waiting else None
    if begun.waiting is None or answer is None:
        return _converse(user, said, provider, begun, ending, now)
    return _answer(ending, begun.waiting, is_yes=answer, now=now)


def _answer(ending: Ending, waiting: PendingAction, *, is_yes: bool, now: datetime) -> Turn:
    if not is_yes:
        return ending.say(NOTHING_CHANGED)
    if waiting.expires_at <= now:
        return ending.say(EXPIRED)
    try:
        return ending.confirm(waiting.id)
    except ActionNotFound:
        # Another yes came before this one.
        return ending.say(TAKEN)


def confirm_action(user: User, conversation: Conversation, action_id: uuid.UUID) -> Turn:
    """Raises ``NotFound`` for what is no action of this conversation that still waits."""
    return Ending(user, conversation, NOBODY, lambda turn: None).confirm(action_id, said="Yes.")


def open_conversation(user: User, title: str) -> Conversation:
    """One in which nothing has been said yet."""
    with stored_for(user.id), transaction.atomic():
        return _new_conversation(user, title, timezone.now())


def find_conversation(user: User, conversation_id: int) -> Conversation:
    """Raises ``NotFound``."""
    conversation = Conversation.objects.filter(user_id=user.id, id=conversation_id).first()
    if conversation is None:
        raise conversation_not_found()
    return conversation


@dataclass(frozen=True, slots=True)
class WholeConversation:
    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    messages: Sequence[Message]
    pending_action: PendingAction | None


def read_conversation(conversation: Conversation, before: uuid.UUID | None) -> WholeConversation:
    """With its newest messages, or those before one of them, in the order they were said."""
    messages = Message.objects.filter(user_id=conversation.user_id, conversation_id=conversation.id)
    if before:
        messages = messages.filter(id__lt=before)
    waiting = confirmations.find(conversation.user_id, conversation.id)
    return WholeConversation(
        conversation.id,
        conversation.title,
        conversation.created_at,
        conversation.updated_at,
        list(messages.defer("exchange").order_by("-id")[:MAX_READ])[::-1],
        waiting if waiting and waiting.expires_at > timezone.now() else None,
    )


def delete_conversation(user: User, conversation_id: int) -> None:
    """With all that was said in it. Raises ``NotFound``."""
    with transaction.atomic():
        # The row first: a turn that is about to end waits for it, and then finds it gone.
        deleted, _ = Conversation.objects.filter(user_id=user.id, id=conversation_id).delete()
        if not deleted:
            raise conversation_not_found()
        quotas.give_back(user.id, CONVERSATIONS)
        for model in (Message, PendingAction):
            model.objects.filter(user_id=user.id, conversation_id=conversation_id).delete()


@dataclass(frozen=True, slots=True)
class Begun:
    conversation: Conversation
    message: Message
    waiting: PendingAction | None


def _begin(user: User, said: Said, now: datetime) -> Begun:
    """Keeps the message. Another one than yes cancels what waits for it."""
    with stored_for(user.id), transaction.atomic():
        waiting = None
        if said.conversation_id is None:
            conversation = _new_conversation(user, said.message, now, message_count=1)
        else:
            # With room for the answer, so that nobody's words are kept in vain.
            count_messages(user.id, said.conversation_id, 1, ahead=1)
            conversation = find_conversation(user, said.conversation_id)
            waiting = confirmations.find(user.id, conversation.id)
        if waiting and (waiting.expires_at <= now or not answer_to(said.message)):
            confirmations.cancel(user.id, conversation.id)
        message = keep_message(conversation, Role.PERSON, said.message)
    return Begun(conversation, message, waiting)


def _new_conversation(user: User, message: str, now: datetime, *, message_count: int = 0) -> Conversation:
    """In a transaction. Raises ``QuotaExceeded``."""
    quotas.take(user.id, CONVERSATIONS)
    title = " ".join(message.split())
    title = title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 1]}\u2026"
    conversation = Conversation(
        user_id=user.id, title=title, created_at=now, updated_at=now, message_count=message_count
    )
    for _ in range(TRIES):
        conversation.id = conversation_id(now)
        # One of 4096 in the same millisecond.
        if insert(conversation, unless_taken=True):
            return conversation
    raise Unavailable("unavailable", "Too many conversations begin at once; try again shortly.")


def _converse(user: User, said: Said, provider: ChatProvider, begun: Begun, ending: Ending, now: datetime) -> Turn:
    local = now.astimezone(said.zone)
    messages = messages_for(provider, begun.message, local)
    earlier = recall(begun.conversation, begun.message)
    understood = understand(said.message, local, earlier, knows=knower(user), day_first=settings.DATE_ORDER == "dmy")
    plan = Plan(user.id, may_change=not understood.only_reads)
    toolbox = Toolbox(
        user,
        plan,
        said.message,
        understood.deletions,
        begun.conversation.shown,
        local,
        is_quoting=not provider.is_remote,
    )
    speech = Speech(ending.audience)
    talked = talk(provider, opening(provider, messages, local, understood), toolbox, user.id, speech)
    return ending.settle(talked, toolbox, plan, provider)
