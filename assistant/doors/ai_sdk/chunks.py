"""The UI-message stream of the AI SDK 6 (npm ``ai``: ``uiMessageChunkSchema``), as its strictest version takes it:
no field beside those it names.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from assistant.doors.ai_sdk.body import Approval, approval_id
from assistant.services import Decision
from assistant.streams import DONE, Event
from assistant.tools.plans import VERBS

HEADERS: Final = {"x-vercel-ai-ui-message-stream": "v1"}
END: Final = b"data: [DONE]\n\n"

Chunk = Mapping[str, Any]
Call = Mapping[str, Any]


def encode(chunks: Iterable[Chunk]) -> bytes:
    return b"".join(b"data: %s\n\n" % orjson.dumps(chunk) for chunk in chunks)


class Answer:
    """A ``Dialect``: the answer to a person's words, as a message of steps. Calls that wait for a yes are the last of
    the last step, and no others are in it: that is where ``useChat`` looks whether to send by itself.
    """

    headers: Mapping[str, str] = HEADERS

    def __init__(self) -> None:
        self._is_begun = False
        self._is_after_calls = False
        # The open part of text.
        self._text: str | None = None
        self._texts = 0
        self._waiting: list[Call] = []

    def write(self, event: Event) -> bytes:
        name, content = event
        written = encode([*self._begin(), *self._chunks(name, content)])
        return written + END if name in (DONE, "error") else written

    def _begin(self) -> Iterator[Chunk]:
        if not self._is_begun:
            self._is_begun = True
            yield {"type": "start"}
            yield {"type": "start-step"}

    def _chunks(self, name: str, content: Any) -> Iterator[Chunk]:
        if name == "message":
            yield from self._say(content["delta"])
        elif name == "tool_call":
            yield from self._call(content)
        elif name == DONE:
            yield from self._end(content)
        elif name == "error":
            yield {"type": "error", "errorText": content["detail"]}

    def _say(self, delta: str) -> Iterator[Chunk]:
        yield from self._next_step()
        if self._text is None:
            self._texts += 1
            self._text = f"text-{self._texts}"
            yield {"type": "text-start", "id": self._text}
        yield {"type": "text-delta", "id": self._text, "delta": delta}

    def _call(self, call: Call) -> Iterator[Chunk]:
        if call["result"].get("needs_confirmation"):
            self._waiting.append(call)
            return
        yield from self._end_text()
        self._is_after_calls = True
        call_id = f"call_{uuid.uuid4().hex}"
        yield from _input(call, call_id)
        yield output(call["result"], call_id)

    def _end(self, turn: Mapping[str, Any]) -> Iterator[Chunk]:
        yield from self._end_text()
        yield from self._next_step()
        action = turn["pending_action"]
        for number, call in enumerate(self._waiting):
            asked = approval_id(str(action["id"]), number, len(self._waiting))
            yield from _input(call, asked, title=_title(call))
            yield {"type": "tool-approval-request", "approvalId": asked, "toolCallId": asked}
        yield from ending(turn)

    def _end_text(self) -> Iterator[Chunk]:
        if self._text is not None:
            yield {"type": "text-end", "id": self._text}
            self._text = None

    def _next_step(self) -> Iterator[Chunk]:
        if self._is_after_calls:
            self._is_after_calls = False
            yield {"type": "finish-step"}
            yield {"type": "start-step"}


class Continuation:
    """A ``Dialect``: what the person's answers to approvals came to, in the message that asked for them."""

    headers: Mapping[str, str] = HEADERS

    def __init__(self, approvals: Sequence[Approval], decision: Decision) -> None:
        self._approvals = approvals
        self._decision = decision

    def write(self, event: Event) -> bytes:
        name, content = event
        if name == "error":
            return encode([{"type": "error", "errorText": content["detail"]}]) + END
        return encode(self._chunks(content)) + END if name == DONE else b""

    def _chunks(self, turn: Mapping[str, Any]) -> Iterator[Chunk]:
        yield {"type": "start"}
        # First: they belong to the step that the message ends with.
        yield from self._outputs(turn)
        yield {"type": "start-step"}
        yield {"type": "text-start", "id": "text"}
        yield {"type": "text-delta", "id": "text", "delta": turn["response"]}
        yield {"type": "text-end", "id": "text"}
        yield from ending(turn)

    def _outputs(self, turn: Mapping[str, Any]) -> Iterator[Chunk]:
        results = [call["result"] for call in turn["tool_calls"]]
        chosen = self._decision.chosen
        numbered = dict(zip(range(len(results)) if chosen is None else sorted(chosen), results, strict=False))
        for approval in self._approvals:
            if not approval.is_approved:
                yield {"type": "tool-output-denied", "toolCallId": approval.tool_call_id}
            elif approval.action_id != self._decision.action_id or not results:
                yield {
                    "type": "tool-output-error",
                    "toolCallId": approval.tool_call_id,
                    "errorText": turn["response"],
                }
            else:
                whole = results[0] if len(results) == 1 else {"results": results}
                result = whole if approval.number is None else numbered.get(approval.number, {})
                yield output(result, approval.tool_call_id)


def output(result: Mapping[str, Any], call_id: str) -> Chunk:
    if "error" in result:
        return {"type": "tool-output-error", "toolCallId": call_id, "errorText": result["error"]["detail"]}
    return {"type": "tool-output-available", "toolCallId": call_id, "output": result}


def ending(turn: Mapping[str, Any]) -> Iterator[Chunk]:
    told = {name: turn[name] for name in ("conversation_id", "pending_action")}
    # A step is not seen to begin before something is in it.
    yield {"type": "data-turn", "data": {**told, "message_id": turn["message"]["id"]}}
    yield {"type": "finish-step"}
    yield {"type": "finish", "finishReason": "tool-calls" if turn["pending_action"] else "stop"}


def _input(call: Call, call_id: str, **more: str) -> Iterator[Chunk]:
    named = {"toolCallId": call_id, "toolName": call["tool"], **more}
    yield {"type": "tool-input-start", **named}
    yield {"type": "tool-input-available", **named, "input": call["arguments"]}


def _title(call: Call) -> str:
    """What the person is asked."""
    verb, _ = VERBS[call["tool"]]
    return f"{verb} \u201c{call['result']['task']['title']}\u201d"
