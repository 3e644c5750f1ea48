"""The talk between a provider and the tools, within its bounds. Changes nothing: what it plans is for the service."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection

from assistant.bounds import MAX_TOOL_CALLS
from assistant.providers.base import ChatMessage, ChatProvider, Prompt, Reply, ToolCall
from assistant.tools.definitions import TOOLS
from assistant.tools.results import Step
from assistant.tools.texts import scrub
from assistant.tools.toolbox import Toolbox
from assistant.turn.audience import Audience
from assistant.turn.budget import Reservation
from assistant.understanding import Understanding
from core.errors import DomainError
from core.sql import deadline
from core.telemetry import metrics

MAX_CALLS: Final = 8
# They are kept with the conversation, and read with it.
MAX_RESULTS_LENGTH: Final = 200_000
TOKENS: Final = metrics.Counter("todo_model_tokens_total", "Of prompts and answers together, as models count them.")
# What an answer may take beside what it is an answer to.
ANSWER_TOKENS: Final = 2000
CHARACTERS_A_TOKEN: Final = 4
# More than any model reads in one call: an endpoint that counts more miscounts.
MAX_TOKENS: Final = 10_000_000


@dataclass(slots=True)
class Talk:
    """How a turn went. ``is_finished``: False where the provider would not come to an end."""

    text: str = ""
    steps: list[Step] = field(default_factory=list)
    exchange: list[ChatMessage] = field(default_factory=list)
    # The messages of role ``tool`` in it, each with the result it tells of.
    told: list[tuple[dict[str, Any], Mapping[str, Any]]] = field(default_factory=list)
    # Of those results, in characters.
    length: int = 0
    tokens: int = 0
    is_finished: bool = False


class Speech:
    """The texts of a turn's replies as one, each a paragraph, piece by piece to the audience."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.text = ""
        # Of the replies before the one that is written.
        self._said = ""
        # Goes before the next word: a text neither begins nor ends with spaces.
        self._gap = ""
        self._begins = True

    def write(self, piece: str) -> None:
        piece = scrub(piece)
        piece = self._gap + (piece.lstrip() if self._begins else piece)
        told = piece.rstrip()
        self._gap = piece[len(told) :]
        self._begins &= not told
        self.text += told
        self.audience.hear(told)

    def correct(self, reply: str) -> None:
        """Where more was written of a reply than it came to."""
        whole = "\n\n".join(filter(None, (self._said, scrub(reply).strip())))
        if len(whole) < len(self.text):
            self.text = whole

    def pause(self) -> None:
        self._said = self.text
        self._gap, self._begins = ("\n\n" if self.text else ""), True


def opening(
    provider: ChatProvider, messages: Sequence[ChatMessage], now: datetime, understanding: Understanding
) -> Prompt:
    """What a turn begins with; its time runs from here."""
    return Prompt(messages, TOOLS, now, understanding, time.monotonic() + provider.turn_seconds)


def talk(provider: ChatProvider, opened: Prompt, toolbox: Toolbox, user_id: str, speech: Speech) -> Talk:
    """Raises ``BadGateway`` and ``Unavailable`` as the provider does, ``TooManyRequests`` where tokens are spent."""
    result = Talk()
    remaining = MAX_CALLS
    while remaining:
        # In the last call there is nothing left to do but to answer.
        tools, most = (opened.tools, remaining - 1) if remaining > 1 else ((), 1)
        prompt = replace(opened, messages=[*opened.messages, *result.exchange], tools=tools, most_asks=most)
        reply = _ask(provider, prompt, user_id, speech.write)
        speech.correct(reply.text)
        remaining -= reply.asks
        result.tokens += reply.tokens
        result.exchange.append(_as_it_came(reply))
        if not reply.calls:
            result.is_finished = True
            break
        if not remaining:
            break
        _use_tools(reply.calls, toolbox, result, speech.audience)
        speech.pause()
        # For who has gone by now nothing more is asked, and paid.
        speech.audience.hear("")
    result.text = speech.text
    return result


def _as_it_came(reply: Reply) -> ChatMessage:
    """But for what could not be sent back, and for a role that is not the provider's to choose."""
    message = scrub(dict(reply.message)) if reply.message else {"content": reply.text}
    return {**message, "role": "assistant"}


def _use_tools(calls: tuple[ToolCall, ...], toolbox: Toolbox, result: Talk, audience: Audience) -> None:
    for call in calls:
        told: Mapping[str, Any] = TOO_MANY
        if len(result.steps) < MAX_TOOL_CALLS and result.length < MAX_RESULTS_LENGTH:
            step = toolbox.run(call)
            result.steps.append(step)
            told = step.result
            if step.change is None:
                audience.watch(step)
        message = {"role": "tool", "tool_call_id": call.id, "content": json.dumps(told)}
        result.length += len(message["content"])
        result.exchange.append(message)
        result.told.append((message, told))
    toolbox.mark_held(result.steps)
    # Those of earlier calls too: one change more may have them all wait for a yes.
    for message, told in result.told:
        message["content"] = json.dumps(told)


TOO_MANY: Final = {
    "error": {
        "code": "too_many_calls",
        "detail": f"A turn has {MAX_TOOL_CALLS} tool calls, and {MAX_RESULTS_LENGTH} characters of results to read; "
        "this call was not made.",
    }
}


def _ask(provider: ChatProvider, prompt: Prompt, user_id: str, write: Callable[[str], None]) -> Reply:
    if not provider.is_remote:
        return provider.reply(prompt, write)
    reserved = Reservation(user_id, _estimate(prompt))
    let_connection_go()
    try:
        with deadline.begun_anew():
            reply = provider.reply(prompt, write)
    except DomainError:
        # A call that failed is not the person's to pay; one they hung up on is, as it was estimated.
        reserved.settle(0)
        raise
    reply = replace(reply, tokens=min(reply.tokens, MAX_TOKENS))
    TOKENS.count(by=reply.tokens)
    reserved.settle(reply.tokens)
    return reply


def _estimate(prompt: Prompt) -> int:
    length = len(json.dumps([list(prompt.messages), list(prompt.tools)], default=dict))
    return length // CHARACTERS_A_TOKEN + ANSWER_TOKENS


def let_connection_go() -> None:
    """Back into the pool, for as long as something outside is waited for."""
    if not connection.in_atomic_block:
        connection.close()
