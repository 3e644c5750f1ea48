"""Threads and their items as ChatKit shows them (PyPI ``openai-chatkit``: ``chatkit.types``, ``chatkit.widgets``)."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from assistant.doors.chatkit.requests import CANCEL, CONFIRM, PAGE
from assistant.models import Conversation, Message, PendingAction, Role
from assistant.turn import confirmations
from core.times import format_timestamp

Item = Mapping[str, Any]
NOTHING: Final[Mapping[str, Any]] = {"data": [], "has_more": False}


@dataclass(frozen=True, slots=True)
class Page:
    limit: int = PAGE
    is_descending: bool = False
    # The last item of the page before.
    after: str | None = None


def show_thread(conversation: Conversation, items: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    return {
        "id": str(conversation.id),
        "title": conversation.title,
        "created_at": format_timestamp(conversation.created_at),
        "status": {"type": "active"},
        "metadata": {},
        "items": items,
    }


def show_said(message: Message) -> Item:
    """What the person said."""
    return {
        "type": "user_message",
        "id": str(message.id),
        "thread_id": str(message.conversation_id),
        "created_at": format_timestamp(message.created_at),
        "content": [{"type": "input_text", "text": message.content}],
        "attachments": [],
        "inference_options": {},
    }


def show_answer(item_id: str, thread_id: int, created_at: str, content: Sequence[Item]) -> Item:
    return {
        "type": "assistant_message",
        "id": item_id,
        "thread_id": str(thread_id),
        "created_at": created_at,
        "content": content,
    }


def show_text(text: str) -> Item:
    return {"type": "output_text", "text": text, "annotations": []}


def show_waiting(action_id: str, summary: str, thread_id: int, created_at: str) -> Item:
    """With buttons; what they send is what ``threads.custom_action`` takes."""
    buttons = {
        "confirm": {"label": "Yes, do it", "action": _button(CONFIRM, action_id)},
        "cancel": {"label": "No", "action": _button(CANCEL, action_id)},
    }
    return show_card(action_id, summary, thread_id, created_at, buttons)


def show_card(
    action_id: str, text: str, thread_id: int, created_at: str, buttons: Mapping[str, Any] | None = None
) -> Item:
    return {
        "type": "widget",
        "id": waiting_id(action_id),
        "thread_id": str(thread_id),
        "created_at": created_at,
        "widget": {"type": "Card", "size": "sm", "children": [{"type": "Text", "value": text}], **(buttons or {})},
        "copy_text": text,
    }


def _button(kind: str, action_id: str) -> Mapping[str, Any]:
    return {
        "type": kind,
        "payload": {"action_id": action_id},
        "handler": "server",
        "loadingBehavior": "auto",
        "streaming": True,
    }


def waiting_id(action_id: str) -> str:
    return f"action_{action_id}"


def answer_id(said_id: str) -> str:
    """Known before the answer is kept, and so the same in a stream and ever after."""
    return f"answer_{said_id}"


def list_items(conversation: Conversation, page: Page) -> dict[str, Any]:
    waiting = find_waiting(conversation)
    # A thread has at most ``MAX_MESSAGES``; of these the ids alone.
    rows = _of(conversation).order_by("id").values_list("id", "role")
    named = list(_named(rows)) + ([(waiting_id(str(waiting.id)), None)] if waiting else [])
    if page.is_descending:
        named.reverse()
    names = [name for name, _ in named]
    begin = names.index(page.after) + 1 if page.after in names else 0
    shown = named[begin : begin + page.limit]
    messages = _of(conversation).in_bulk([(conversation.user_id, row) for _, row in shown if row])
    told = [
        _show(name, messages[conversation.user_id, row]) if row else _show_action(waiting, conversation.id)
        for name, row in shown
    ]
    return _paged(told, is_last=begin + page.limit >= len(named))


def list_threads(user_id: str, page: Page) -> dict[str, Any]:
    threads = Conversation.objects.filter(user_id=user_id).order_by("-id" if page.is_descending else "id")
    if page.after is not None:
        # Of one that is gone, or never was, the list begins anew.
        after = int(page.after) if page.after.isascii() and page.after.isdecimal() else None
        if after is not None and after < 2**63:
            threads = threads.filter(id__lt=after) if page.is_descending else threads.filter(id__gt=after)
    found = list(threads[: page.limit + 1])
    return _paged([show_thread(thread) for thread in found[: page.limit]], is_last=len(found) <= page.limit)


def find_waiting(conversation: Conversation) -> PendingAction | None:
    waiting = confirmations.find(conversation.user_id, conversation.id)
    return waiting if waiting and waiting.expires_at > timezone.now() else None


def _of(conversation: Conversation) -> Any:
    messages = Message.objects.filter(user_id=conversation.user_id, conversation_id=conversation.id)
    return messages.defer("exchange", "tool_calls")


def _named(rows: Any) -> Iterator[tuple[str, uuid.UUID | None]]:
    """Answers by what they are the answer to."""
    said = None
    for message_id, role in rows:
        if role == Role.PERSON:
            said = message_id
            yield str(message_id), message_id
        else:
            yield answer_id(str(said or message_id)), message_id
            said = None


def _show(name: str, message: Message) -> Item:
    if message.role == Role.PERSON:
        return show_said(message)
    content = [show_text(message.content)]
    return show_answer(name, message.conversation_id, format_timestamp(message.created_at), content)


def _show_action(action: PendingAction | None, thread_id: int) -> Item:
    assert action is not None
    created_at = format_timestamp(action.created_at)
    return show_waiting(str(action.id), action.summary, thread_id, created_at)


def _paged(data: list[Any], *, is_last: bool) -> dict[str, Any]:
    return {"data": data, "has_more": not is_last, **({} if is_last else {"after": data[-1]["id"]})}
