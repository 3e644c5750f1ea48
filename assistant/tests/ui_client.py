"""``useChat`` as far as the wire knows it: keeps messages, applies chunks to them, answers approvals."""

import http.client
import json
import secrets
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, Final

from assistant.tests.stream_client import StreamClient

DONE: Final = "[DONE]"
Chunk = dict[str, Any]


class Chat:
    """One conversation under a name that its client made up."""

    def __init__(self, client: StreamClient, name: str = "", **body: Any) -> None:
        self.client = client
        self.name = name or secrets.token_hex(8)
        self.messages: list[dict[str, Any]] = []
        self.chunks: list[Chunk] = []
        # Of the transport, sent with each request.
        self.body = body

    def say(self, text: str, *more: dict[str, Any], **headers: str) -> list[Chunk]:
        self.messages.append(
            {"id": secrets.token_hex(4), "role": "user", "parts": [{"type": "text", "text": text}, *more]}
        )
        return self.send(**headers)

    def answer(self, approved: bool | list[bool], **headers: str) -> list[Chunk]:
        """Every approval that is asked for."""
        asked = [part for part in self.messages[-1]["parts"] if part.get("state") == "approval-requested"]
        assert asked
        for part, is_approved in zip(
            asked, approved if isinstance(approved, list) else [approved] * len(asked), strict=True
        ):
            part["state"] = "approval-responded"
            part["approval"]["approved"] = is_approved
        return self.send(messageId=self.messages[-1]["id"], **headers)

    def regenerate(self) -> list[Chunk]:
        if self.messages[-1]["role"] == "assistant":
            self.messages.pop()
        return self.send(trigger="regenerate-message")

    def request(self, **more: Any) -> dict[str, Any]:
        return {**self.body, "id": self.name, "messages": self.messages, "trigger": "submit-message", **more}

    def send(self, *, trigger: str = "submit-message", messageId: str | None = None, **headers: str) -> list[Chunk]:  # noqa: N803
        body = self.request(trigger=trigger, **({"messageId": messageId} if messageId else {}))
        with self.client.send("POST", f"{self.client.home}/chat", body, **headers) as answer:
            assert answer.status == 200, answer.read()
            assert answer.headers["Content-Type"] == "text/event-stream"
            assert answer.headers["x-vercel-ai-ui-message-stream"] == "v1"
            self.chunks = list(read_chunks(answer))
        self._apply()
        return self.chunks

    def refused(self, status: int, **more: Any) -> dict[str, Any]:
        with self.client.send("POST", f"{self.client.home}/chat", self.request(**more)) as answer:
            problem: dict[str, Any] = json.loads(answer.read())
            assert answer.status == status, problem
        return problem

    def _apply(self) -> None:
        if self.messages[-1]["role"] != "assistant":
            self.messages.append({"id": secrets.token_hex(4), "role": "assistant", "parts": []})
        for chunk in self.chunks:
            _apply(chunk, self.messages[-1]["parts"])

    @property
    def text(self) -> str:
        return "".join(chunk["delta"] for chunk in self.chunks if chunk["type"] == "text-delta")

    @property
    def turn(self) -> Any:
        return next(chunk["data"] for chunk in self.chunks if chunk["type"] == "data-turn")

    def types(self) -> list[str]:
        """However many pieces a text comes in."""
        return [name for name, _ in groupby(chunk["type"] for chunk in self.chunks)]

    def states(self) -> list[tuple[str, str]]:
        parts = self.messages[-1]["parts"]
        return [(part["type"], part["state"]) for part in parts if part["type"].startswith("tool-")]


def _apply(chunk: Chunk, parts: list[dict[str, Any]]) -> None:
    name = chunk["type"]
    if name == "text-delta":
        parts[-1]["text"] += chunk["delta"]
    elif name in BEGUN:
        parts.append(BEGUN[name](chunk))
    elif name in CHANGED:
        [part] = [part for part in parts if part.get("toolCallId") == chunk["toolCallId"]]
        part.update(CHANGED[name](chunk))


def _called(chunk: Chunk) -> dict[str, Any]:
    return {
        "type": f"tool-{chunk['toolName']}",
        "toolCallId": chunk["toolCallId"],
        "state": "input-available",
        "input": chunk["input"],
    }


BEGUN: Final[dict[str, Callable[[Chunk], dict[str, Any]]]] = {
    "start-step": lambda chunk: {"type": "step-start"},
    "text-start": lambda chunk: {"type": "text", "text": ""},
    "tool-input-available": _called,
    "data-turn": dict,
}
CHANGED: Final[dict[str, Callable[[Chunk], dict[str, Any]]]] = {
    "tool-approval-request": lambda chunk: {"state": "approval-requested", "approval": {"id": chunk["approvalId"]}},
    "tool-output-available": lambda chunk: {"state": "output-available", "output": chunk["output"]},
    "tool-output-error": lambda chunk: {"state": "output-error", "errorText": chunk["errorText"]},
    "tool-output-denied": lambda chunk: {"state": "output-denied"},
}


def read_chunks(answer: http.client.HTTPResponse) -> Iterator[Chunk]:
    """Up to ``[DONE]``, which must come and be the last."""
    lines = (line.decode().rstrip("\n") for line in answer)
    events = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert events.pop() == DONE
    yield from map(json.loads, events)
