"""The body that ``useChat`` sends (npm ``ai``, version 6: ``HttpChatTransport``). Nothing in it is believed but what
the person says and decides: not what tools came to, nor what the assistant is said to have said.
"""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from assistant.models import MAX_MESSAGE_LENGTH, MAX_NAME_LENGTH
from assistant.serializers import ConversationIdField, ZoneField
from assistant.services import Decision
from core.ids import CANONICAL_UUID
from core.rest.fields import TextField, VisibleTextField

REGENERATE: Final = "regenerate-message"
FILES: Final = "Files are not taken: say it in words."
NO_WORDS: Final = "The last message must be a user's, with a part of text, or hold answers to tool approvals."
NO_APPROVAL: Final = "An answer to a tool approval must have a toolCallId, the id that was asked, and approved."
NOT_A_MESSAGE: Final = "Each message must have a role and a list of parts."


# Of an action, and of one of its changes where there are several.
APPROVAL_ID: Final = re.compile(rf"({CANONICAL_UUID.pattern})(?:\.([0-9]{{1,9}}))?", re.ASCII | re.IGNORECASE)


class WordsSerializer(serializers.Serializer[Any]):
    messages = VisibleTextField(max_length=MAX_MESSAGE_LENGTH)


class UIMessagesSerializer(serializers.Serializer[Any]):
    id = TextField(
        max_length=MAX_NAME_LENGTH,
        trim_whitespace=False,
        help_text="The client's own name for the conversation, which begins where there is none of it.",
    )
    messages = serializers.ListField(
        child=serializers.DictField(), allow_empty=False, help_text="UI messages, each with `role` and `parts`."
    )
    trigger = TextField(required=False, allow_null=True, help_text=f"`submit-message` or `{REGENERATE}`.")
    messageId = TextField(required=False, allow_null=True, help_text="Of the message that is answered or approved.")  # noqa: N815 - the protocol's
    conversation_id = ConversationIdField(
        required=False, allow_null=True, help_text="Of a conversation that was begun otherwise; `id` is not looked at."
    )
    timezone = ZoneField(required=False, allow_null=True, help_text="For dates in words; UTC without it.")


@dataclass(frozen=True, slots=True)
class Approval:
    """What the person answered; ``number``: of the change it is about, None: all of the action's."""

    tool_call_id: str
    action_id: uuid.UUID
    number: int | None
    is_approved: bool


@dataclass(frozen=True, slots=True)
class Body:
    fields: Mapping[str, Any]
    words: str
    approvals: Sequence[Approval]

    @property
    def regenerates(self) -> bool:
        return self.fields.get("trigger") == REGENERATE

    def decision(self) -> Decision:
        """About the newest action; what else is answered waits no more."""
        action_id = max(approval.action_id for approval in self.approvals)
        answered = [approval for approval in self.approvals if approval.action_id == action_id]
        refused = {approval.number for approval in answered if not approval.is_approved}
        approved = {approval.number for approval in answered if approval.is_approved} - refused
        if None in approved and not refused:
            return Decision(action_id)
        return Decision(action_id, frozenset(number for number in approved if number is not None))


def approval_id(action_id: str, number: int, count: int) -> str:
    """That of an action's only change is the action's."""
    return action_id if count == 1 else f"{action_id}.{number}"


def is_spoken(body: Any) -> bool:
    """Also with its last message alone, as the AI SDK's documentation has it for long conversations."""
    message = body.get("message")
    if isinstance(message, dict):
        return "parts" in message
    return "messages" in body and message is None


def read(data: Mapping[str, Any]) -> Body:
    """Raises ``ValidationError``."""
    sent = {**data, "messages": data["messages"] if "messages" in data else [data["message"]]}
    serializer = UIMessagesSerializer(data=sent)
    serializer.is_valid(raise_exception=True)
    fields = dict(serializer.validated_data)
    message = _subject(fields)
    parts = _parts(message)
    if message.get("role") == "user":
        return Body(fields, _words(parts), ())
    approvals = list(_approvals(parts)) if message.get("role") == "assistant" else []
    if not approvals:
        raise _bad(NO_WORDS)
    return Body(fields, "", approvals)


def _subject(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The last message; an earlier one whose approvals are answered is named."""
    messages: list[dict[str, Any]] = fields["messages"]
    named = fields.get("messageId")
    earlier = (message for message in messages if named is not None and message.get("id") == named)
    found = next((message for message in earlier if message.get("role") == "assistant"), None)
    return messages[-1] if found is None or fields.get("trigger") == REGENERATE else found


def _parts(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts = message.get("parts")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise _bad(NOT_A_MESSAGE)
    return parts


def _words(parts: Iterable[Mapping[str, Any]]) -> str:
    if any(part.get("type") == "file" for part in parts):
        raise _bad(FILES)
    texts = [part.get("text") for part in parts if part.get("type") == "text"]
    if not texts:
        raise _bad(NO_WORDS)
    # What is no text is refused by the field.
    words = texts[0] if len(texts) == 1 else "\n".join(map(str, texts))
    serializer = WordsSerializer(data={"messages": words})
    serializer.is_valid(raise_exception=True)
    return str(serializer.validated_data["messages"])


def _approvals(parts: Iterable[Mapping[str, Any]]) -> Iterator[Approval]:
    for part in parts:
        if part.get("state") == "approval-responded":
            approval = part.get("approval")
            yield _approval(approval if isinstance(approval, dict) else {}, part.get("toolCallId"))


def _approval(approval: Mapping[str, Any], tool_call_id: Any) -> Approval:
    asked = APPROVAL_ID.fullmatch(str(approval.get("id")))
    is_approved = approval.get("approved")
    is_told = isinstance(tool_call_id, str) and tool_call_id.isascii()
    if asked is None or not isinstance(is_approved, bool) or not is_told:
        raise _bad(NO_APPROVAL)
    return Approval(tool_call_id, uuid.UUID(asked[1]), int(asked[3]) if asked[3] else None, is_approved)


def _bad(detail: str) -> ValidationError:
    return ValidationError({"messages": [detail]}, code="invalid")
