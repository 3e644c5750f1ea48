"""What a test changes or looks at inside its own process, the two that answer cannot know: it is skipped, by its kind.

Registered after all other plugins: its fixtures are those of the same names in place of pytest's and pytest-django's.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NoReturn
from unittest import mock

import pytest
from django.conf import settings as in_force
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

from testing.model_server import MODEL
from testing.two_machines.answers import LOOKS, Unseen
from testing.two_machines.place import PLACE, Standing

CHANGES: Final = "changes what is inside the process"
SETS: Final = "sets the service anew"
# Nobody meets a limit of so many.
ROOMY: Final = 1000
UNLIMITED: Final = {"AUTH_RATE_LIMIT": "1000000/min"}
PATCH: Final = type(mock.patch("builtins.len"))


class Unchangeable:
    """In place of ``monkeypatch``."""

    def __getattr__(self, name: str) -> NoReturn:
        pytest.skip(CHANGES)


class Settings:
    """As they are, which is how the instances have them.

    Who only wants no login limited, or a model asked, has it so.
    """

    def __init__(self, place: Standing) -> None:
        object.__setattr__(self, "_place", place)

    def __getattr__(self, name: str) -> Any:
        return getattr(in_force, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "AUTH_RATE_LIMIT" and value.count >= ROOMY:
            self._place.want(UNLIMITED)
        elif name == "LANGUAGE_MODEL" and value and (value.provider, value.model) == ("openai", MODEL):
            self._place.ask(value)
            # The tests' own turns ask it too.
            in_force.LANGUAGE_MODEL = value
        elif not hasattr(in_force, name) or getattr(in_force, name) != value:
            pytest.skip(SETS)

    def __delattr__(self, name: str) -> NoReturn:
        pytest.skip(SETS)


@pytest.fixture
def monkeypatch() -> Unchangeable:
    return Unchangeable()


@pytest.fixture
def caplog() -> Unseen:
    """Each instance has a log of its own."""
    return Unseen()


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Iterator[Settings]:
    yield Settings(request.config.stash[PLACE])
    in_force.LANGUAGE_MODEL = None


@pytest.fixture(autouse=True)
def _nothing_inside() -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(_in_place_of(CaptureQueriesContext, "__enter__", LOOKS))
        stack.enter_context(_in_place_of(BaseDatabaseWrapper, "execute_wrapper", CHANGES))
        stack.enter_context(_in_place_of(PATCH, "__enter__", CHANGES))
        yield


@contextmanager
def _in_place_of(owner: type, name: str, reason: str) -> Iterator[None]:
    def leave(*_: Any, **__: Any) -> NoReturn:
        pytest.skip(reason)

    # Not by ``mock``, which is one of them.
    there = getattr(owner, name)
    setattr(owner, name, leave)
    try:
        yield
    finally:
        setattr(owner, name, there)
