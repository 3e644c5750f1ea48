"""ChatKit as far as the wire knows it: sends its requests, reads its events."""

import json
from typing import Any

from assistant.tests.stream_client import StreamClient

Event = dict[str, Any]
PREFIX = b"data: "


class Thread:
    def __init__(self, client: StreamClient, thread_id: str | None = None) -> None:
        self.client = client
        self.id = thread_id
        self.events: list[Event] = []

    def say(self, text: str, *, timezone: str | None = None, **headers: str) -> list[Event]:
        words = {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}
        params = {"input": words, **({"thread_id": self.id} if self.id else {})}
        kind = "threads.add_user_message" if self.id else "threads.create"
        return self.stream(kind, params, {"timezone": timezone} if timezone else {}, **headers)

    def press(self, button: str, widget: Any = None, **headers: str) -> list[Event]:
        """``confirm`` or ``cancel`` of the widget."""
        shown = widget or self.widget
        action = shown["widget"][button]["action"]
        sent = {"type": action["type"], "payload": action["payload"]}
        params = {"thread_id": self.id, "item_id": shown["id"], "action": sent}
        return self.stream("threads.custom_action", params, {}, **headers)

    def stream(self, kind: str, params: Any, metadata: Any = None, **headers: str) -> list[Event]:
        body = {"type": kind, "params": params, "metadata": metadata or {}}
        with self.client.send("POST", f"{self.client.home}/chatkit", body, **headers) as answer:
            content = answer.read()
            assert answer.status == 200, content
            assert answer.headers["Content-Type"] == "text/event-stream"
        lines = [line for line in content.splitlines() if line and not line.startswith(b":")]
        assert all(line.startswith(PREFIX) for line in lines)
        self.events = [json.loads(line.removeprefix(PREFIX)) for line in lines]
        self.id = next((event["thread"]["id"] for event in self.events if event["type"] == "thread.created"), self.id)
        return self.events

    def ask(self, operation: str, status: int = 200, /, **params: Any) -> Any:
        body = {"type": operation, "params": params}
        with self.client.send("POST", f"{self.client.home}/chatkit", body) as answer:
            content = json.loads(answer.read())
            assert answer.status == status, content
        return content

    def items(self, **params: Any) -> list[Any]:
        return list(self.ask("items.list", thread_id=self.id, **{"order": "asc", **params})["data"])

    def types(self) -> list[str]:
        """Updates by what they update; however many pieces a text comes in."""
        names = [event.get("update", event)["type"].removeprefix("assistant_message.") for event in self.events]
        return [name for name, before in zip(names, ["", *names], strict=False) if name != before]

    def done(self, kind: str) -> list[Any]:
        items = [event["item"] for event in self.events if event["type"] == "thread.item.done"]
        return [item for item in items if item["type"] == kind]

    @property
    def text(self) -> str:
        [item] = self.done("assistant_message")
        return str(item["content"][0]["text"])

    @property
    def widget(self) -> Any:
        [widget] = self.done("widget")
        return widget
