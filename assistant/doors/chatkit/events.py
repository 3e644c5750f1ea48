"""A turn as the events of ChatKit (PyPI ``openai-chatkit``: ``ThreadStreamEvent``)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson
from django.utils import timezone

from assistant.doors.chatkit import items
from assistant.streams import DONE, Event
from assistant.turn.confirmations import LIFETIME
from core.times import format_timestamp, parse_timestamp

# The turn's own event: the person's message is kept.
BEGUN: Final = "begun"
LOOKING: Final = "Looking through your tasks\u2026"
# Of a problem that may be gone at the next try.
TRANSIENT: Final = (429, 500, 502, 503)

ChatKitEvent = Mapping[str, Any]


class ThreadStream:
    """A ``Dialect``."""

    headers: Mapping[str, str] = {}

    def __init__(self) -> None:
        self._thread = 0
        self._answer = ""
        # As far as it is written.
        self._text: str | None = None
        self._created_at = ""

    def write(self, event: Event) -> bytes:
        name, content = event
        told = {BEGUN: self._begin, "message": self._say, "tool_call": self._call, DONE: self._end, "error": self._fail}
        return encode(told[name](content))

    def _begin(self, begun: Mapping[str, Any]) -> Iterator[ChatKitEvent]:
        self._thread, self._answer = begun["thread_id"], begun["answer_id"]
        yield from begun["events"]
        # A turn that nobody follows changes nothing.
        yield {"type": "stream_options", "stream_options": {"allow_cancel": True}}

    def _say(self, content: Mapping[str, Any]) -> Iterator[ChatKitEvent]:
        if self._text is None:
            self._text = ""
            self._created_at = format_timestamp(timezone.now())
            yield {"type": "thread.item.added", "item": self._shown([])}
            yield self._updated("added", content=items.show_text(""))
        self._text += content["delta"]
        yield self._updated("text_delta", delta=content["delta"])

    def _call(self, call: Mapping[str, Any]) -> Iterator[ChatKitEvent]:
        if "tasks" in call["result"] and self._text is None:
            yield {"type": "progress_update", "icon": "search", "text": LOOKING}

    def _end(self, turn: Mapping[str, Any]) -> Iterator[ChatKitEvent]:
        if self._text is None:
            yield from self._say({"delta": turn["response"]})
        self._created_at = turn["message"]["created_at"]
        content = items.show_text(turn["response"])
        yield self._updated("done", content=content)
        yield {"type": "thread.item.done", "item": self._shown([content])}
        action = turn["pending_action"]
        if action:
            begun_at = format_timestamp(parse_timestamp(action["expires_at"]) - LIFETIME)
            shown = items.show_waiting(str(action["id"]), action["summary"], self._thread, begun_at)
            yield {"type": "thread.item.done", "item": shown}

    def _fail(self, problem: Mapping[str, Any]) -> Iterator[ChatKitEvent]:
        if self._text is not None:
            # It was never kept.
            yield {"type": "thread.item.removed", "item_id": self._answer}
        is_transient = problem["status"] in TRANSIENT
        yield {"type": "error", "code": "custom", "message": problem["detail"], "allow_retry": is_transient}

    def _shown(self, content: list[items.Item]) -> items.Item:
        return items.show_answer(self._answer, self._thread, self._created_at, content)

    def _updated(self, kind: str, **update: Any) -> ChatKitEvent:
        part = {"type": f"assistant_message.content_part.{kind}", "content_index": 0, **update}
        return {"type": "thread.item.updated", "item_id": self._answer, "update": part}


def encode(events: Iterable[ChatKitEvent]) -> bytes:
    return b"".join(b"data: %s\n\n" % orjson.dumps(event) for event in events)
