"""The thread that looks for what there is for all who listen."""

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from tasks.journal import live
from todo_project.server import watching
from todo_project.server.watching import CHECK_EVERY, Watching

LATER = math.inf


class Caller:
    def __init__(self, expires_at: float) -> None:
        self._expires_at = expires_at

    def has_expired(self, now: float) -> bool:
        return now >= self._expires_at


class Audience:
    def __init__(self) -> None:
        self.news: list[Mapping[str, int]] = []
        self.ended: list[Any] = []
        self.listeners: list[Any] = []

    def is_awaited(self, user_id: str) -> bool:
        return user_id in self.told()

    def told(self) -> dict[str, int]:
        return {"alice": 3, "bob": 0}

    def all(self) -> Iterable[Any]:
        return self.listeners

    def tell(self, news: Mapping[str, int]) -> None:
        self.news.append(news)

    def end(self, connections: Iterable[Any]) -> None:
        self.ended += connections


class Connection:
    def __init__(self, expires_at: float = LATER) -> None:
        self.listener = SimpleNamespace(caller=Caller(expires_at))


class Over(BaseException):
    """Ends the loop."""


@pytest.fixture
def audience() -> Audience:
    return Audience()


@pytest.fixture
def look(audience: Audience, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """So many looks, one after the other; ``heard`` before the first."""

    def run(looks: int, *heard: str) -> None:
        thread = Watching(audience, lambda act, *arguments: act(*arguments))
        if heard:
            thread.hear(frozenset(heard))
        left = [looks]

        def close() -> None:
            left[0] -= 1
            if not left[0]:
                raise Over

        monkeypatch.setattr(watching, "LOOK_SECONDS", 30 if heard else 0)
        monkeypatch.setattr(watching, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(watching, "connection", SimpleNamespace(close=close))
        with pytest.raises(Over):
            thread.run()

    return run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, int]]:
    asked: list[Mapping[str, int]] = []

    def find_news(told: Mapping[str, int]) -> dict[str, int]:
        asked.append(told)
        return {user_id: version + 1 for user_id, version in told.items()}

    monkeypatch.setattr(live, "find_news", find_news)
    return asked


def test_each_look_is_for_all_and_tells_what_is_new(
    look: Callable[..., None], audience: Audience, asked: list[Mapping[str, int]]
) -> None:
    look(2)

    assert asked == [{"alice": 3, "bob": 0}] * 2
    assert audience.news == [{"alice": 4, "bob": 1}] * 2
    assert audience.ended == []


def test_news_is_a_look_for_those_it_is_of_and_who_listen(
    look: Callable[..., None], audience: Audience, asked: list[Mapping[str, int]]
) -> None:
    look(1, "bob", "carol")

    assert asked == [{"bob": 0}]
    assert audience.news == [{"bob": 1}]


def test_who_has_expired_is_ended_at_each_look_and_whose_session_ended_at_some(
    look: Callable[..., None], audience: Audience, asked: list[Mapping[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    carol = Connection(time.time() - 1)
    audience.listeners = [carol]
    look(1)
    assert audience.ended == [carol]

    alice, bob = Connection(), Connection()
    audience.listeners, audience.ended = [alice, bob], []
    monkeypatch.setattr("accounts.tokens.lasting.find_ended", lambda callers: {next(iter(callers))})
    look(CHECK_EVERY - 1)
    assert audience.ended == []
    look(CHECK_EVERY)
    assert audience.ended == [alice]


@pytest.mark.parametrize("error", [OperationalError("away"), RuntimeError("a fault of ours")])
def test_a_look_that_fails_is_told_and_is_not_the_last(
    look: Callable[..., None],
    audience: Audience,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    answers: list[Any] = [error, {"alice": 9}]

    def find_news(told: Mapping[str, int]) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(live, "find_news", find_news)
    with caplog.at_level(logging.WARNING):
        look(2)

    assert audience.news == [{"alice": 9}]
    assert [record.levelname for record in caplog.records] == [
        "WARNING" if isinstance(error, OperationalError) else "ERROR"
    ]
