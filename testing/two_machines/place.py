"""Where the requests of one run go: two instances on the database of its tests, and a Redis of their own.

Two more that ask a language model, or that limit no logins, stand beside as soon as a test wants them.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.db import connection

from assistant.providers.base import LanguageModel
from testing import redis_server
from testing.two_machines.front import Database, Front, Place, database_pooled, needed, serving_twice
from testing.two_machines.relay import Relay, relaying
from testing.two_machines.transport import Transport

# What ``testing/plugin.py`` has set for the tests' own process. Between a client and nginx stands the transport.
SAME: Final = ("SECRET_KEY", "ALLOWED_HOSTS", "DB_STATEMENT_TIMEOUT_MS", "DB_LOCK_TIMEOUT_MS")
OWN: Final = {"TRUSTED_PROXIES": "2"}


class Standing:
    def __init__(self, home: Path, own: dict[str, str], stack: ExitStack) -> None:
        self._home, self._own, self._stack = home, own, stack
        self._pairs: dict[frozenset[tuple[str, str]], Front] = {}
        self._wanted: dict[str, str] = {}
        self._relay: Relay | None = None
        self.transport = Transport(self._pair().server.port)

    def forget(self) -> None:
        """As a test finds it."""
        self._wanted = {}
        self.transport.lead_to(self._pair().server.port)
        with redis.Redis.from_url(self._own["REDIS_URL"]) as client:
            client.flushdb()

    def want(self, told: Mapping[str, str]) -> None:
        """Requests of this test go to two instances that are told so too."""
        self._wanted |= told
        self.transport.lead_to(self._pair().server.port)

    def ask(self, model: LanguageModel) -> None:
        """Requests of this test go to two instances that ask the model there."""
        if self._relay is None:
            self._relay = self._stack.enter_context(relaying())
        self._relay.lead_to(urlsplit(model.base_url or "").port or 0)
        self.want(
            {
                "LLM_BASE_URL": f"http://127.0.0.1:{self._relay.port}/v1",
                "LLM_MODEL": str(model.model),
                "LLM_API_KEY": str(model.api_key),
            }
        )

    def answered(self) -> list[int]:
        """By each of the two that a request may come to."""
        return [sum(counts) for counts in zip(*(front.answered() for front in self._pairs.values()), strict=True)]

    def logs(self) -> dict[Path, int]:
        """Each instance's, and how long it is by now."""
        paths = [front.place.log(port) for front in self._pairs.values() for port in front.ports]
        return {path: path.stat().st_size for path in paths}

    def _pair(self) -> Front:
        """Started when it is first wanted, and left standing: it takes as long as fifty tests."""
        key = frozenset(self._wanted.items())
        if key not in self._pairs:
            home = self._home / str(len(self._pairs))
            home.mkdir()
            started = serving_twice(Place(home, self._own | self._wanted))
            self._pairs[key] = self._stack.enter_context(started)
        return self._pairs[key]


PLACE: Final[pytest.StashKey[Standing]] = pytest.StashKey()


@contextmanager
def through_two(home: Path) -> Iterator[Standing]:
    needed("redis-server")
    there = connection.settings_dict
    database = Database(int(there["PORT"]), there["NAME"], there["USER"], there["PASSWORD"])
    own = {**OWN, **{name: os.environ[name] for name in SAME}}
    with ExitStack() as stack:
        own["REDIS_URL"] = settings.REDIS_URL = stack.enter_context(redis_server.running())
        own["DATABASE_URL"] = stack.enter_context(database_pooled(database))
        place = Standing(home, own, stack)
        with place.transport.in_place_of_the_handler():
            yield place
    settings.REDIS_URL = None
