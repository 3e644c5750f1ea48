"""The assistant, for ``await``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, cast

import httpx2

from .calls import as_event, once, present
from .problems import BrokenStream
from .schema import ChatEvent, Turn

if TYPE_CHECKING:
    from .async_client import AsyncClient


class AsyncChat:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def send(
        self, message: str, *, conversation_id: int | None = None, timezone: str | None = None,
        idempotency_key: str | None = None,
    ) -> Turn:  # fmt: skip
        body = present({"message": message, "conversation_id": conversation_id, "timezone": timezone})
        response = await self._client.request("POST", "/api/chat", json=body, headers=once(idempotency_key))
        return cast("Turn", response.json())

    async def stream(
        self, message: str, *, conversation_id: int | None = None, timezone: str | None = None,
        idempotency_key: str | None = None,
    ) -> AsyncIterator[ChatEvent]:  # fmt: skip
        """The same turn as it happens. What refuses it before it begins is raised, what ends it later is an event."""
        body = present({"message": message, "conversation_id": conversation_id, "timezone": timezone})
        headers = {"Accept": "text/event-stream", **once(idempotency_key)}
        async with self._client.streamed("/api/chat", body, headers) as response:
            async for sent in httpx2.EventSource(response):
                event = as_event(sent)
                yield event
                if event["event"] in {"done", "error"}:
                    return
        raise BrokenStream("The stream broke off before its end.")

    async def confirm(self, conversation_id: int, action_id: str) -> Turn:
        """Has a pending action done."""
        path = f"/api/conversations/{conversation_id}/confirm"
        return cast("Turn", (await self._client.request("POST", path, json={"action_id": action_id})).json())
