"""Runs where ``openai-chatkit`` is installed: makes each request with the package's models, reads each answer with
them, and reports what it saw. What a model would leave out, or read as something else, is an error.

    python client.py http://127.0.0.1:8000/api/USER/chatkit TOKEN
"""

import json
import sys
import urllib.request
import warnings
from typing import Any

from pydantic import BaseModel, TypeAdapter

warnings.simplefilter("ignore", DeprecationWarning)

from chatkit import types, widgets  # noqa: E402 - its widgets warn when they are imported

EVENT = TypeAdapter(types.ThreadStreamEvent)
WIDGET = TypeAdapter(widgets.StrictWidgetRoot)
REQUEST = TypeAdapter(types.ChatKitReq)


class Client:
    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def stream(self, request: BaseModel) -> list[Any]:
        kind, content = self._send(request)
        assert kind == "text/event-stream", kind
        lines = [line for line in content.split(b"\n\n") if line and not line.startswith(b":")]
        assert all(line.startswith(b"data: ") for line in lines), lines
        return [exactly(EVENT, line.removeprefix(b"data: ")) for line in lines]

    def ask(self, request: BaseModel, model: Any) -> Any:
        kind, content = self._send(request)
        assert kind == "application/json", kind
        return exactly(TypeAdapter(model), content)

    def _send(self, request: BaseModel) -> tuple[str, bytes]:
        body = request.model_dump_json().encode()
        assert REQUEST.validate_json(body) == request
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        sent = urllib.request.Request(self._url, body, headers)  # noqa: S310 - the test's own server
        with urllib.request.urlopen(sent, timeout=30) as answer:  # noqa: S310
            return answer.headers["Content-Type"], answer.read()


def exactly(adapter: TypeAdapter[Any], content: bytes) -> Any:
    """The models ignore fields they do not know, and fill in others: both ways it must come to the same."""
    read = adapter.validate_json(content)
    written = adapter.dump_python(
        read, mode="json", by_alias=True, exclude_unset=True, context={"exclude_metadata": True}
    )
    sent = json.loads(content)
    assert without_times(written) == without_times(sent), (written, sent)
    for shown in widgets_in(sent):
        WIDGET.validate_python(shown)
    return read


def without_times(value: Any) -> Any:
    """Two spellings of one instant."""
    if isinstance(value, dict):
        return {name: without_times(inner) for name, inner in value.items() if name != "created_at"}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def widgets_in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        own = [value["widget"]] if value.get("type") == "widget" else []
        return own + [found for inner in value.values() for found in widgets_in(inner)]
    return [found for inner in value for found in widgets_in(inner)] if isinstance(value, list) else []


def said(text: str) -> types.UserMessageInput:
    content = [types.UserMessageTextContent(text=text)]
    return types.UserMessageInput(content=content, attachments=[], inference_options=types.InferenceOptions())


def items(events: list[Any], kind: type) -> list[Any]:
    done = [event.item for event in events if isinstance(event, types.ThreadItemDoneEvent)]
    return [item for item in done if isinstance(item, kind)]


def press(thread_id: str, widget: Any, button: str) -> types.ThreadsCustomActionReq:
    action = getattr(widget.widget, button)["action"]
    pressed = types.Action(type=action.type, payload=action.payload)
    params = types.ThreadCustomActionParams(thread_id=thread_id, item_id=widget.id, action=pressed)
    return types.ThreadsCustomActionReq(params=params)


def run(client: Client) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    events = client.stream(
        types.ThreadsCreateReq(params=types.ThreadCreateParams(input=said("Add task: pay the rent")))
    )
    thread_id = next(event.thread.id for event in events if isinstance(event, types.ThreadCreatedEvent))
    seen["created"] = [event.type for event in events]

    def say(text: str) -> list[Any]:
        params = types.ThreadAddUserMessageParams(input=said(text), thread_id=thread_id)
        return client.stream(types.ThreadsAddUserMessageReq(params=params))

    seen["listed"] = [event.type for event in say("show my tasks")]
    [widget] = items(say("delete everything"), types.WidgetItem)
    seen["cancelled"] = [event.type for event in client.stream(press(thread_id, widget, "cancel"))]
    [widget] = items(say("delete everything"), types.WidgetItem)
    kept = client.ask(
        types.ItemsListReq(params=types.ItemsListParams(thread_id=thread_id, order="desc", limit=1)),
        types.Page[types.ThreadItem],
    )
    assert (kept.data, kept.has_more, kept.after) == ([widget], True, widget.id)
    confirmed = client.stream(press(thread_id, widget, "confirm"))
    seen["confirmed"] = items(confirmed, types.AssistantMessageItem)[0].content[0].text
    first = items(events, types.UserMessageItem)[0]
    again = types.ThreadRetryAfterItemParams(thread_id=thread_id, item_id=first.id)
    seen["retried"] = [event.type for event in client.stream(types.ThreadsRetryAfterItemReq(params=again))]

    whole = client.ask(types.ThreadsGetByIdReq(params=types.ThreadGetByIdParams(thread_id=thread_id)), types.Thread)
    seen["items"] = [item.type for item in whole.items.data]
    assert whole.items.data[0] == first
    named = types.ThreadUpdateParams(thread_id=thread_id, title="Rent")
    assert client.ask(types.ThreadsUpdateReq(params=named), types.Thread).title == "Rent"
    threads = client.ask(types.ThreadsListReq(params=types.ThreadListParams()), types.Page[types.Thread])
    seen["threads"] = [thread.title for thread in threads.data]
    feedback = types.ItemFeedbackParams(thread_id=thread_id, item_ids=[first.id], kind="positive")
    assert client.ask(types.ItemsFeedbackReq(params=feedback), dict[str, Any]) == {}
    gone = types.ThreadsDeleteReq(params=types.ThreadDeleteParams(thread_id=thread_id))
    assert client.ask(gone, dict[str, Any]) == {}
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Client(*sys.argv[1:]))))
