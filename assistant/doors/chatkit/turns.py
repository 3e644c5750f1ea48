"""The requests of ChatKit that are answered by a stream: a turn each."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.authentication import caller
from accounts.models import User
from assistant import asked, services
from assistant.asked import Admitted
from assistant.doors.chatkit import items
from assistant.doors.chatkit.events import BEGUN, ThreadStream
from assistant.doors.chatkit.requests import CONFIRM, Asked
from assistant.models import Conversation, Message, Role
from assistant.services import Decision
from assistant.streams import Line, stream, whole
from assistant.turn.audience import Audience
from assistant.turn.beginnings import Begun, Said, find_conversation
from assistant.turn.endings import Finish, Turn
from core.idempotency.claims import Call, KeptAnswer
from core.ids import parse_uuid

Work = Callable[[Line], Mapping[str, Any]]


def answer(request: Request, call: Call | None, asked_for: Asked) -> HttpResponseBase:
    """Raises ``NotFound``, and as ``asked.admit`` and the turn do before the person's message is kept."""
    begin = _prepare(caller(request), asked_for)
    admitted = asked.admit(request, call)
    if isinstance(admitted, KeptAnswer):
        return _replayed(orjson.loads(admitted.content))
    return stream(request, begin(admitted), ThreadStream())


def _prepare(user: User, asked_for: Asked) -> Callable[[Admitted], Work]:
    if asked_for.type == "threads.create":
        return lambda admitted: _said(admitted, Said(asked_for.params["input"]["content"], zone=asked_for.zone))
    thread = find_conversation(user, asked_for.thread)
    if asked_for.type == "threads.custom_action":
        return lambda admitted: _decided(admitted, thread, decision_of(asked_for))
    if asked_for.type == "threads.retry_after_item":
        message = _find_said(thread, asked_for.params["item_id"])
        return lambda admitted: _said_again(admitted, message, Said(message.content, zone=asked_for.zone))
    words = asked_for.params["input"]["content"]
    return lambda admitted: _said(admitted, Said(words, thread.id, asked_for.zone))


def decision_of(asked_for: Asked) -> Decision:
    action = asked_for.params["action"]
    return Decision(action["payload"]["action_id"], None if action["type"] == CONFIRM else frozenset())


def _find_said(thread: Conversation, item_id: str) -> Message:
    messages = Message.objects.filter(user_id=thread.user_id, conversation_id=thread.id, role=Role.PERSON)
    message_id = parse_uuid(item_id)
    message = messages.filter(id=message_id).first() if message_id else None
    if message is None:
        raise ValidationError({"params": {"item_id": ["Must be the id of what the person said in this thread."]}})
    return message


def _said(admitted: Admitted, said: Said) -> Work:
    def work(line: Line) -> Mapping[str, Any]:
        return admitted.speak(said, line, _opened(admitted, line, is_new=said.conversation_id is None))

    return work


def _said_again(admitted: Admitted, message: Message, said: Said) -> Work:
    def work(line: Line) -> Mapping[str, Any]:
        _tell(admitted, line, message, ())
        return admitted.speak_again(message, said, line)

    return work


def _decided(admitted: Admitted, thread: Conversation, decision: Decision) -> Work:
    """A button is a word of the person's, which the thread keeps; the widget has done its work."""
    removed = {"type": "thread.item.removed", "item_id": items.waiting_id(str(decision.action_id))}

    def work(line: Line) -> Mapping[str, Any]:
        def decide(audience: Audience, finish: Finish) -> Turn:
            def tell(turn: Turn) -> None:
                said = _said_before(turn)
                _tell(admitted, line, said, [{"type": "thread.item.done", "item": items.show_said(said)}, removed])
                finish(turn)

            return services.decide(admitted.user, thread, decision, audience, tell)

        return admitted.run(decide, line)

    return work


def _said_before(turn: Turn) -> Message:
    answer = turn.message
    assert answer is not None
    said = Message.objects.filter(user_id=answer.user_id, conversation_id=answer.conversation_id, role=Role.PERSON)
    return said.filter(id__lt=answer.id).order_by("-id")[:1].get()


def _opened(admitted: Admitted, line: Line, *, is_new: bool) -> Callable[[Begun], None]:
    def opened(begun: Begun) -> None:
        _tell(admitted, line, begun.message, list(_beginning(begun, is_new=is_new)))

    return opened


def _beginning(begun: Begun, *, is_new: bool) -> Iterator[Mapping[str, Any]]:
    if is_new:
        yield {"type": "thread.created", "thread": items.show_thread(begun.conversation)}
    yield {"type": "thread.item.done", "item": items.show_said(begun.message)}
    if begun.waiting:
        yield {"type": "thread.item.removed", "item_id": items.waiting_id(str(begun.waiting.id))}


def _tell(admitted: Admitted, line: Line, said: Message, events: Any) -> None:
    begun = {"thread_id": said.conversation_id, "answer_id": items.answer_id(str(said.id)), "events": events}
    # For the same key later.
    admitted.beside["begun"] = begun
    line.send(BEGUN, begun)


def _replayed(kept: Mapping[str, Any]) -> HttpResponse:
    dialect = ThreadStream()
    events = [(BEGUN, kept["begun"]), *whole(kept)]
    content = b"".join(map(dialect.write, events))
    return HttpResponse(content, content_type="text/event-stream", headers=asked.REPLAYED)
