"""``useChat`` of the AI SDK 6, at the path of the chat itself."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, cast

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.authentication import caller
from accounts.models import User
from assistant import asked, services
from assistant.asked import Admitted
from assistant.doors.ai_sdk import body, chunks
from assistant.doors.ai_sdk.body import Body
from assistant.models import Conversation
from assistant.streams import Dialect, Line, stream, whole
from assistant.turn.beginnings import Said, find_conversation, find_id
from assistant.turn.endings import conversation_not_found
from assistant.turn.repeating import find_said
from core.idempotency.claims import Call, KeptAnswer

is_spoken = body.is_spoken
Work = Callable[[Line], Mapping[str, Any]]


def answer(request: Request, call: Call | None) -> HttpResponseBase:
    """Raises ``ValidationError`` for what is no such body, and as ``asked.admit`` and the turn do."""
    sent = body.read(cast("Mapping[str, Any]", request.data))
    conversation = _approved_in(caller(request), sent) if sent.approvals else None
    admitted = asked.admit(request, call)
    dialect: Dialect = chunks.Continuation(sent.approvals, sent.decision()) if sent.approvals else chunks.Answer()
    if isinstance(admitted, KeptAnswer):
        return _replayed(orjson.loads(admitted.content), dialect)
    return stream(request, _decided(admitted, conversation, sent) if conversation else _said(admitted, sent), dialect)


def _decided(admitted: Admitted, conversation: Conversation, sent: Body) -> Work:
    def work(line: Line) -> Mapping[str, Any]:
        return admitted.run(
            lambda audience, finish: services.decide(admitted.user, conversation, sent.decision(), audience, finish),
            line,
        )

    return work


def _said(admitted: Admitted, sent: Body) -> Work:
    fields = sent.fields
    conversation_id, zone = fields.get("conversation_id"), fields.get("timezone") or UTC
    said = Said(sent.words, conversation_id, zone, fields["id"] if conversation_id is None else None)

    def work(line: Line) -> Mapping[str, Any]:
        known = _known(admitted.user, sent) if sent.regenerates else None
        before = None if known is None else find_said(admitted.user.id, known, sent.words)
        return admitted.speak_again(before, said, line) if before else admitted.speak(said, line)

    return work


def _known(user: User, sent: Body) -> int | None:
    given: int | None = sent.fields.get("conversation_id")
    return find_id(user, sent.fields["id"]) if given is None else given


def _approved_in(user: User, sent: Body) -> Conversation:
    known = _known(user, sent)
    if known is None:
        raise conversation_not_found()
    return find_conversation(user, known)


def _replayed(turn: Mapping[str, Any], dialect: Dialect) -> HttpResponse:
    content = b"".join(map(dialect.write, whole(turn)))
    headers = {**dialect.headers, **asked.REPLAYED}
    return HttpResponse(content, content_type="text/event-stream", headers=headers)
