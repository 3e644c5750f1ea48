"""How something happens while a model thinks."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Final, Generic, TypeVar

from django.db import connection

from testing.model_answers import ModelAnswer, Request

T = TypeVar("T")

# When to give up, on a machine with much else to do.
PATIENCE_SECONDS: Final = 60


def meanwhile(act: Callable[[], object], answer: ModelAnswer) -> Callable[[Request], ModelAnswer]:
    """The model's answer, before which something else happens on a connection of its own."""

    context = copy_context()

    def think(_: Request) -> ModelAnswer:
        try:
            context.run(act)
        finally:
            connection.close()
        return answer

    return think


class Gate:
    """Holds the model back until the test lets it go on."""

    def __init__(self, answer: ModelAnswer) -> None:
        self._answer = answer
        self._open = threading.Event()
        self._arrived = threading.Semaphore(0)

    def __call__(self, request: Request) -> ModelAnswer:
        self._arrived.release()
        assert self._open.wait(PATIENCE_SECONDS)
        return self._answer

    def wait(self, arrivals: int = 1) -> None:
        for _ in range(arrivals):
            assert self._arrived.acquire(timeout=PATIENCE_SECONDS)

    def open(self) -> None:
        self._open.set()


class Background(Generic[T]):
    """Runs in a thread with a database connection of its own."""

    def __init__(self, act: Callable[[], T]) -> None:
        self._act = act
        self._outcome: T | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._outcome = self._act()
        except Exception as failure:  # noqa: BLE001 - it is the test's to see, which asks for the outcome
            self._failure = failure
        finally:
            connection.close()

    def outcome(self) -> T:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()
        if self._failure:
            raise self._failure
        assert self._outcome is not None
        return self._outcome
