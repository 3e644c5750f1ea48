"""What a language model's service may answer, in the shapes that real ones were recorded in.

``says("Hello")``, ``calls(("add_task", {"title": "x"}))``, ``fails(429, retry_after=1)``; wrapped by
``slow``, ``drips``, ``stalls``, ``breaks_off`` where the line is the trouble. Sources of the shapes:
OpenAI's API reference (chat completion chunks), ai.google.dev/gemini-api/docs/openai and .../thought-signatures.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

USAGE: Final = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}
TYPES: Final = {400: "invalid_request_error", 401: "invalid_request_error", 404: "invalid_request_error"}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Request:
    """One call, as it arrived. ``headers`` have lower-case names."""

    headers: Mapping[str, str]
    body: Mapping[str, Any]
    # The caller's, which is another for each connection.
    port: int

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body["messages"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """``deltas`` are what a stream gives; ``message`` the same as a whole. ``body`` stands instead of both."""

    deltas: Iterable[Mapping[str, Any]] = ()
    message: Mapping[str, Any] = field(default_factory=dict)
    finish: str | None = "stop"
    usage: Mapping[str, int] | None = field(default_factory=lambda: USAGE)
    # Gemini counts in each chunk, asked or not, and leaves out what is null.
    is_gemini: bool = False
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds_before: float = 0
    seconds_between: float = 0
    # After how many events: a pause of so many seconds; the connection is cut; a line that makes no sense.
    pause: tuple[int, float] = (-1, 0)
    cut_after: int = -1
    garble_after: int = -1


# What a script is made of: an answer, or what makes one of the request.
Scripted = ModelAnswer | Callable[[Request], ModelAnswer]


def says(
    text: str, *, usage: Mapping[str, int] | None = USAGE, gemini: bool = False, finish: str = "stop"
) -> ModelAnswer:
    """Text, in pieces of a few letters; without ``usage`` it is one of the services that do not count."""
    size = 20 if gemini else 4
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    first: list[dict[str, Any]] = [] if gemini else [{"role": "assistant", "content": "", "refusal": None}]
    deltas = first + [{"role": "assistant", "content": p} if gemini else {"content": p} for p in pieces]
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    return ModelAnswer(deltas=deltas, message=message, usage=usage, finish=finish, is_gemini=gemini)


def calls(
    *wanted: tuple[str, Any], text: str = "", signature: str | None = None, usage: Mapping[str, int] | None = USAGE
) -> ModelAnswer:
    """Tool calls, several of them parallel: names, and arguments (a text goes out as it is, JSON or not).

    With ``signature`` as Gemini 3 makes them: whole calls in one chunk, no ``index``, and the thought
    signature in the first call's ``extra_content``.
    """
    made = [_call(name, arguments) for name, arguments in wanted]
    if signature is not None:
        made[0]["extra_content"] = {"google": {"thought_signature": signature}}
        deltas: list[dict[str, Any]] = [{"role": "assistant", "tool_calls": made}]
        if text:
            deltas.insert(0, {"role": "assistant", "content": text})
    else:
        deltas = [{"role": "assistant", "content": text or None, "refusal": None}]
        deltas += [{"tool_calls": [part]} for index, call in enumerate(made) for part in _fragments(index, call)]
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "tool_calls": made}
    # Gemini says "stop" where OpenAI says "tool_calls".
    finish, is_gemini = ("tool_calls", False) if signature is None else ("stop", True)
    return ModelAnswer(deltas=deltas, message=message, finish=finish, usage=usage, is_gemini=is_gemini)


def _call(name: str, arguments: Any) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": f"call_{next(_numbers):024}", "type": "function", "function": {"name": name, "arguments": text}}


def _fragments(index: int, call: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    arguments = call["function"]["arguments"]
    yield {"index": index, **call, "function": {"name": call["function"]["name"], "arguments": ""}}
    for start in range(0, len(arguments), 5):
        yield {"index": index, "function": {"arguments": arguments[start : start + 5]}}


def goes_on(piece: str = "word after word ") -> ModelAnswer:
    """Text without an end, as fast as it is read."""
    return ModelAnswer(deltas=({"content": piece} for _ in itertools.count()))


def streams(*deltas: Mapping[str, Any], finish: str | None = "stop") -> ModelAnswer:
    """Exactly these deltas."""
    return ModelAnswer(deltas=deltas, finish=finish)


def fails(
    status: int, *, code: str | None = None, message: str = "It went wrong.", retry_after: float | None = None
) -> ModelAnswer:
    """OpenAI's error body."""
    error = {"message": message, "type": TYPES.get(status, "server_error"), "param": None, "code": code}
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return _failure(status, {"error": error}, headers)


def fails_like_gemini(status: int, *, message: str = "It went wrong.") -> ModelAnswer:
    """Gemini's is a list of one, also on its OpenAI endpoint."""
    return _failure(status, [{"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}], {})


def _failure(status: int, body: Any, headers: Mapping[str, str]) -> ModelAnswer:
    headers = {"Content-Type": "application/json", **headers}
    return ModelAnswer(status=status, headers=headers, body=json.dumps(body).encode())


def shows_a_page(status: int = 502) -> ModelAnswer:
    """HTML, as of a proxy in between."""
    page = b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>"
    return ModelAnswer(status=status, headers={"Content-Type": "text/html"}, body=page)


def fails_in_the_stream(code: int | str | None = 502) -> ModelAnswer:
    """An error as an event of a stream that began well, as of OpenRouter and OpenAI."""
    event = {"error": {"code": code, "message": "It went wrong.", "type": "server_error"}}
    body = b": PROCESSING\n\ndata: " + json.dumps(event).encode() + b"\n\n"
    return ModelAnswer(headers={"Content-Type": "text/event-stream"}, body=body)


def slow(seconds: float, answer: ModelAnswer) -> ModelAnswer:
    """Nothing, not even a status line, for so long."""
    return replace(answer, seconds_before=seconds)


def drips(seconds: float, answer: ModelAnswer) -> ModelAnswer:
    """So long between two events, each."""
    return replace(answer, seconds_between=seconds)


def stalls(seconds: float, answer: ModelAnswer, *, after: int = 2) -> ModelAnswer:
    """Once, in the middle."""
    return replace(answer, pause=(after, seconds))


def breaks_off(answer: ModelAnswer, *, after: int = 2) -> ModelAnswer:
    """The connection, in the middle."""
    return replace(answer, cut_after=after)


def garbles(answer: ModelAnswer, *, after: int = 2) -> ModelAnswer:
    """One event is no JSON."""
    return replace(answer, garble_after=after)
