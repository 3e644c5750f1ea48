"""Tells at once that something of an owner's has changed, to who waits for it in this process and, by Redis, in others.

Nothing depends on it: who waits looks by itself too, so what is lost here is late and no more.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from core import logs
from core.sql import serving

if TYPE_CHECKING:
    from redis import Redis

outages = logging.getLogger(logs.OUTAGE)

CHANNEL: Final = "todo:news"
# What comes so close together is one message.
GATHER_SECONDS: Final = 0.01
# Until a Redis that was away is asked again.
RETRY_SECONDS: Final = 1.0
# No user id has one.
SEPARATOR: Final = " "

Hear = Callable[[frozenset[str]], None]
_ears: Final[list[Hear]] = []


def announce(user_id: str) -> None:
    """Once the caller's transaction has committed."""
    if _ears or (settings.REDIS_URL and not serving.is_command):
        transaction.on_commit(partial(_tell, user_id))


def listen(hear: Hear) -> None:
    """To this process's own news, in whatever thread brings them."""
    _ears.append(hear)


def follow(hear: Hear) -> None:
    """To everybody's, by one subscription, for ever."""
    # Here, because it takes a tenth of a second to load, and most processes have no Redis.
    import redis

    while True:
        try:
            with redis.Redis.from_url(
                str(settings.REDIS_URL),
                socket_connect_timeout=settings.REDIS_SECONDS,
                health_check_interval=30,
            ) as server:
                _follow(server, hear)
        except redis.RedisError as error:
            outages.warning("No news from others: %s", type(error).__qualname__)
        time.sleep(RETRY_SECONDS)


def _follow(server: "Redis", hear: Hear) -> None:
    with server.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call] # redis has none
        subscription.subscribe(CHANNEL)
        while True:
            # In time for the health check.
            message = subscription.get_message(timeout=10.0)
            if message:
                hear(frozenset(message["data"].decode("ascii", "replace").split(SEPARATOR)))


def _tell(user_id: str) -> None:
    for hear in _ears:
        hear(frozenset((user_id,)))
    if settings.REDIS_URL:
        _publisher.put(user_id)


class _Publisher:
    """Nobody's request waits for Redis: a thread takes what has gathered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._news = threading.Event()
        self._is_started = False

    def put(self, user_id: str) -> None:
        with self._lock:
            self._waiting.add(user_id)
            if not self._is_started:
                self._is_started = True
                threading.Thread(target=self._run, name="news", daemon=True).start()
        self._news.set()

    def _run(self) -> None:
        while True:
            self._news.wait()
            time.sleep(GATHER_SECONDS)
            self._news.clear()
            with self._lock:
                gathered, self._waiting = self._waiting, set()
            if gathered:
                _publish(SEPARATOR.join(gathered))


def _publish(told: str) -> None:
    # As in ``follow``.
    import redis

    from core.limits.in_redis import connect

    try:
        connect(settings.REDIS_URL).publish(CHANNEL, told)
    except redis.RedisError as error:
        outages.warning("News did not reach others: %s", type(error).__qualname__)


_publisher: Final = _Publisher()
