"""The assistant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import httpx2

from .calls import as_event, once, present
from .problems import BrokenStream
from .schema import ChatEvent, Turn

if TYPE_CHECKING:
    from .client import Client


class Chat:
    def __init__(self, client: Client) -> None:
        self._client = client

    def send(
        self, message: str, *, conversation_id: int | None = None, timezone: str | None = None,
        idempotency_key: str | None = None,
    ) -> Turn:  # fmt: skip
        body = present({"message": message, "conversation_id": conversation_id, "timezone": timezone})
        response = self._client.request("POST", "/api/chat", json=body, headers=once(idempotency_key))
        return cast("Turn", response.json())

    def stream(
        self, message: str, *, conversation_id: int | None = None, timezone: str | None = None,
        idempotency_key: str | None = None,
    ) -> Iterator[ChatEvent]:  # fmt: skip
        """The same turn as it happens. What refuses it before it begins is raised, what ends it later is an event."""
        body = present({"message": message, "conversation_id": conversation_id, "timezone": timezone})
        headers = {"Accept": "text/event-stream", **once(idempotency_key)}
        with self._client.streamed("/api/chat", body, headers) as response:
            for sent in httpx2.EventSource(response):
                event = as_event(sent)
                yield event
                if event["event"] in {"done", "error"}:
                    return
        raise BrokenStream("The stream broke off before its end.")

    def confirm(self, conversation_id: int, action_id: str) -> Turn:
        """Has a pending action done."""
        path = f"/api/conversations/{conversation_id}/confirm"
        return cast("Turn", self._client.request("POST", path, json={"action_id": action_id}).json())
