import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.db import transaction
from pytest_django import Settings

from core import news

Capture = Callable[..., AbstractContextManager[list[Any]]]


class Enough(Exception):
    """Ends what goes on for ever."""


@pytest.mark.django_db
def test_news_are_heard_once_what_they_tell_of_has_committed(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Capture
) -> None:
    monkeypatch.setattr(news, "_ears", [])
    heard: list[frozenset[str]] = []
    news.announce("u-0")
    news.listen(heard.append)

    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            news.announce("u-1")
        assert not heard

    assert heard == [frozenset({"u-1"})]


@pytest.fixture
def heard(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[queue.Queue[frozenset[str]]]:
    """By another process, as it were, which follows all news until there are some of "nobody"."""
    told: queue.Queue[frozenset[str]] = queue.Queue()

    def hear(user_ids: frozenset[str]) -> None:
        told.put(user_ids)
        if "nobody" in user_ids:
            raise Enough

    monkeypatch.setattr(news, "_ears", [])
    ended = threading.Event()

    def follow() -> None:
        with suppress(Enough):
            news.follow(hear)
        ended.set()

    with redis.Redis.from_url(redis_url) as client:
        others = client.pubsub_numsub(news.CHANNEL)
        threading.Thread(target=follow, daemon=True).start()
        deadline = time.monotonic() + 60
        while client.pubsub_numsub(news.CHANNEL) == others:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield told
        client.publish(news.CHANNEL, "nobody")
        assert ended.wait(60)


@pytest.mark.django_db
def test_others_hear_by_redis_once_it_has_committed(
    heard: queue.Queue[frozenset[str]], django_capture_on_commit_callbacks: Capture
) -> None:
    for user_ids in ({"u-1"}, {"u-2", "u-3"}):
        with django_capture_on_commit_callbacks(execute=True):
            for user_id in user_ids:
                news.announce(user_id)
            assert heard.empty()

        told = heard.get(timeout=60)
        while told < user_ids:
            told |= heard.get(timeout=60)
        assert told == user_ids


@pytest.mark.django_db
@pytest.mark.parametrize("away", ["no Redis", "a command"])
def test_where_nobody_hears_nothing_is_kept_for_the_commit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Capture, away: str
) -> None:
    monkeypatch.setattr(news, "_ears", [])
    monkeypatch.setattr("core.sql.serving.is_command", away == "a command")
    settings.REDIS_URL = "" if away == "no Redis" else "redis://127.0.0.1:1"

    with django_capture_on_commit_callbacks() as callbacks:
        news.announce("u-1")

    assert callbacks == []


def test_a_redis_that_is_away_is_asked_again_every_second(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    happened: list[object] = []

    def note(what: object) -> None:
        happened.append(what)
        if len(happened) == 6:
            raise Enough

    monkeypatch.setattr(news, "outages", SimpleNamespace(warning=lambda *words: note("away")))
    monkeypatch.setattr(news, "time", SimpleNamespace(sleep=note))

    with pytest.raises(Enough):
        news.follow(lambda user_ids: None)

    assert happened == ["away", 1.0] * 3
