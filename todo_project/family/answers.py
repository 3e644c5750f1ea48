"""What clients of the family read in answers, beside what the service says in its own words."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from django.conf import settings
from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assistant.streams import EventStreamRenderer

OF_USER: Final = ("id", "email", "name")
EVENT: Final = b"event: "
DATA: Final = b"\ndata: "


def token_pair(pair: Mapping[str, Any]) -> dict[str, Any]:
    user = pair["user"]
    return {**pair, "token": pair["access_token"], "user_id": user["id"], **{name: user[name] for name in OF_USER}}


def me(user: Mapping[str, Any]) -> dict[str, Any]:
    return {**user, "user": user}


def turn(said: Mapping[str, Any]) -> dict[str, Any]:
    calls = [tool_call(call) for call in said["tool_calls"]]
    return {**said, "tool_calls": told(calls), "tool_invocations": calls, "response_text": said["response"]}


def message(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of a conversation."""
    return {**kept, "tool_calls": told([tool_call(call) for call in kept["tool_calls"]])}


def tool_call(call: Mapping[str, Any]) -> dict[str, Any]:
    return {**call, "name": call["tool"]}


def told(calls: list[dict[str, Any]]) -> list[Any]:
    return [call["name"] for call in calls] if settings.CHAT_TOOL_CALLS == "names" else calls


def event(written: bytes) -> bytes:
    """Of a turn as server-sent events; whatever else is on the line stays."""
    kind, _, data = written.partition(DATA)
    translate = {b"tool_call": tool_call, b"done": turn}.get(kind.removeprefix(EVENT))
    return kind + DATA + orjson.dumps(translate(orjson.loads(data))) + b"\n\n" if translate and data else written


# --- Views say which of them their answers are ----------------------------------------------------


class Answers(APIView):
    """Goes before a view whose answers have more to say."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Response) and response.status_code < 300:
            # What was kept under an Idempotency-Key is text.
            is_text = isinstance(response.data, orjson.Fragment)
            answer = orjson.loads(orjson.dumps(response.data)) if is_text else response.data
            response.data = self.say(request, answer)
        return super().finalize_response(request, response, *args, **kwargs)

    def say(self, request: Request, answer: Any) -> Any:
        raise NotImplementedError


class AnswersTokenPair(Answers):
    def say(self, request: Request, answer: Any) -> Any:
        return token_pair(answer)


class AnswersMe(Answers):
    def say(self, request: Request, answer: Any) -> Any:
        return me(answer) if answer else answer


class AnswersConversation(Answers):
    def say(self, request: Request, answer: Any) -> Any:
        return {**answer, "messages": [message(kept) for kept in answer["messages"]]} if answer else answer


class FamilyStreamRenderer(EventStreamRenderer):
    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        events = super().render(data, *args, **kwargs).split(b"\n\n")
        return b"".join(event(written + b"\n\n") for written in events if written)


class AnswersTurn(Answers):
    def say(self, request: Request, answer: Any) -> Any:
        # As events it is written, and translated, by its renderer.
        is_turn = isinstance(answer, dict) and {"response", "tool_calls"} <= answer.keys()
        return turn(answer) if is_turn and not isinstance(request.accepted_renderer, EventStreamRenderer) else answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = map(event, response)
        return super().finalize_response(request, response, *args, **kwargs)
