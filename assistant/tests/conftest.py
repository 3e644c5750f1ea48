from collections.abc import Iterator
from typing import Any

import pytest

from assistant.providers.openai.provider import ModelProvider
from assistant.tests.chat_facts import Say
from assistant.tests.model_calls import KEY, Connect
from testing.callers import Answer, Caller
from testing.model_server import MODEL, ModelServer


@pytest.fixture
def connect(model_server: ModelServer) -> Iterator[Connect]:
    made: list[ModelProvider] = []

    def connect(**changes: Any) -> ModelProvider:
        quick = {"read_seconds": 20, "connect_seconds": 20, "pauses": (0.02, 0.04)}
        made.append(
            ModelProvider(**{"base_url": model_server.base_url, "model": MODEL, "api_key": KEY, **quick, **changes})
        )
        return made[-1]

    yield connect
    for provider in made:
        provider.close()


@pytest.fixture
def say() -> Say:
    """``say(alice, "Add task: Buy milk", conversation_id=1)``."""

    def send(caller: Caller, message: str, *, headers: dict[str, str] | None = None, **more: Any) -> Answer:
        return caller.post(f"/api/{caller.id}/chat", {"message": message, **more}, **(headers or {}))

    return send
