"""One call of a model, as the tests of the provider make it."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from assistant.providers.base import Prompt, Reply
from assistant.providers.openai.provider import ModelProvider
from assistant.understanding import Understanding

KEY: Final = "sk-only-for-tests"
ADD_TASK: Final = {"type": "function", "function": {"name": "add_task", "parameters": {"type": "object"}}}


def prompt(
    *messages: dict[str, Any], tools: Sequence[Mapping[str, Any]] = (ADD_TASK,), seconds: float = 50, text: str = "Hi"
) -> Prompt:
    said = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}, *messages]
    return Prompt(said, tools, datetime(2026, 11, 20, tzinfo=UTC), Understanding(), time.monotonic() + seconds)


class Asked:
    """A reply, and what was written on the way."""

    def __init__(self, provider: ModelProvider, asked: Prompt | None = None) -> None:
        self.written: list[str] = []
        self.reply: Reply = provider.reply(asked or prompt(), self.written.append)


# Makes a provider of the scripted server, with shorter times if wanted.
Connect = Callable[..., ModelProvider]


def took(action: Callable[[], object]) -> float:
    """Seconds."""
    started = time.monotonic()
    action()
    return time.monotonic() - started
