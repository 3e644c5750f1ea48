from collections.abc import Iterator
from typing import Any

import pytest

from assistant.providers.model import ModelProvider
from assistant.tests.asking import KEY, Connect
from testing.model_server import MODEL, ModelServer


@pytest.fixture
def connect(model_server: ModelServer) -> Iterator[Connect]:
    made: list[ModelProvider] = []

    def connect(**changes: Any) -> ModelProvider:
        quick = {"read_seconds": 2, "connect_seconds": 2, "pauses": (0.02, 0.04)}
        made.append(
            ModelProvider(**{"base_url": model_server.base_url, "model": MODEL, "api_key": KEY, **quick, **changes})
        )
        return made[-1]

    yield connect
    for provider in made:
        provider.close()
