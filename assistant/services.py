"""One turn: the person's message is kept, a provider answers it, and what it changed commits with the answer."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from assistant.models import Conversation, Message, PendingAction
from assistant.providers.base import ChatProvider
from assistant.tools.plans import Plan
from assistant.tools.titles import knower
from assistant.tools.toolbox import Toolbox
from assistant.turn import confirmations, undoing
from assistant.turn.audience import NOBODY, Audience
from assistant.turn.beginnings import CONVERSATIONS, Begun, Opened, Said, begin, title_of
from assistant.turn.confirmations import ActionNotFound
from assistant.turn.endings import Ending, Finish, Turn, conversation_not_found
from assistant.turn.history import messages_for
from assistant.turn.recalling import has_just_changed, recall
from assistant.turn.talk import Speech, opening, talk
from assistant.understanding import understand
from assistant.understanding.consent import answer_to
from core import quotas
from core.errors import DomainError
from core.telemetry import metrics

MAX_READ: Final = 100
TURNS: Final = metrics.Counter("todo_chat_turns_total", "Turns of the chat.", "answered_by", "outcome")
MODEL: Final = "model"
BUILT_IN: Final = "built_in"
# Else the code of what the person was told.
ANSWERED: Final = "answered"
# What pressing a button says.
YES: Final = "Yes."
NO: Final = "No."
NOTHING_CHANGED: Final = "All right, nothing was changed."
TAKEN: Final = "That is not waiting for a yes any more."
EXPIRED: Final = "That waited too long for a yes, so nothing was changed. Ask for it again."


def run_turn(
    user: User,
    said: Said,
    provider: ChatProvider,
    *,
    opened: Opened = lambda begun: None,
    audience: Audience = NOBODY,
    finish: Finish = lambda turn: None,
) -> Turn:
    """Raises ``NotFound`` for a conversation that is not the user's, and as the provider does; then the
    message is kept and no task has changed.
    """
    kind = MODEL if provider.is_remote else BUILT_IN
    try:
        turn = _run_turn(user, said, provider, opened, audience, finish)
    except DomainError as error:
        TURNS.count(kind, error.code)
        raise
    TURNS.count(kind, ANSWERED)
    return turn


def _run_turn(
    user: User, said: Said, provider: ChatProvider, opened: Opened, audience: Audience, finish: Finish
) -> Turn:
    now = timezone.now()
    begun = begin(user, said, now)
    opened(begun)
    ending = Ending(user, begun.conversation, audience, finish)
    is_scratched = begun.waiting is None and undoing.is_scratched(said.message)
    if undoing.is_asked(said.message) or (is_scratched and has_just_changed(begun.message)):
        return ending.take_back()
    if begun.waiting and (answer := answer_to(said.message)) is not None:
        return _answer(ending, begun.waiting, is_yes=answer, now=now)
    return _converse(user, said, provider, begun, ending, now)


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
    return Ending(user, conversation, NOBODY, lambda turn: None).confirm(action_id, said=YES)


@dataclass(frozen=True, slots=True)
class Decision:
    """About what waits for a yes, by a button: these of its changes are to be run; None: all of them."""

    action_id: uuid.UUID
    chosen: frozenset[int] | None = None


def decide(
    user: User,
    conversation: Conversation,
    decision: Decision,
    audience: Audience = NOBODY,
    finish: Finish = lambda turn: None,
) -> Turn:
    """Runs what is chosen and forgets the rest. An action that does not wait, or no more, is told in words."""
    ending = Ending(user, conversation, audience, finish)
    try:
        if decision.chosen == frozenset():
            return ending.refuse(decision.action_id, NOTHING_CHANGED, said=NO)
        return ending.confirm(decision.action_id, said=YES, chosen=decision.chosen)
    except ActionNotFound:
        return ending.say(TAKEN, said=YES)


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


def rename_conversation(user: User, conversation_id: int, title: str) -> None:
    """``updated_at`` stays: nothing was said. Raises ``NotFound``."""
    conversations = Conversation.objects.filter(user_id=user.id, id=conversation_id)
    if not conversations.update(title=title_of(title)):
        raise conversation_not_found()


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
