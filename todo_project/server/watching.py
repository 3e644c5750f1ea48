"""One thread a process looks, once a second, for what there is for all who listen there; where it is told that there is
something, at once.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from core import logs
from todo_project.server.connection import Connection

logger = logging.getLogger(__name__)
outages = logging.getLogger(logs.OUTAGE)

LOOK_SECONDS: Final = 1.0
# Each so many looks everybody is asked for by what they came in by.
CHECK_EVERY: Final = 3
# Between two looks for which there was news.
PAUSE_SECONDS: Final = 0.05


class Audience(Protocol):
    """Those who listen, on the main thread; the first three in any."""

    def is_awaited(self, user_id: str) -> bool: ...

    def told(self) -> dict[str, int]:
        """The last numbers by user."""

    def all(self) -> Iterable[Connection]: ...

    def tell(self, news: Mapping[str, int]) -> None: ...

    def end(self, connections: Iterable[Connection]) -> None: ...


class Watching:
    """``defer`` has the main thread do something."""

    def __init__(self, listening: Audience, defer: Callable[..., Any]) -> None:
        self._listening = listening
        self._defer = defer
        self._lock = threading.Lock()
        self._changed: set[str] = set()
        self._woken = threading.Event()
        self._is_started = False

    def start(self) -> None:
        if self._is_started:
            return
        self._is_started = True
        # Django is set up by now; this module is loaded before.
        from core import news

        news.listen(self.hear)
        threading.Thread(target=self.run, name="live", daemon=True).start()
        if settings.REDIS_URL:
            threading.Thread(target=news.follow, args=(self.hear,), name="news of others", daemon=True).start()

    def hear(self, user_ids: frozenset[str]) -> None:
        """In any thread: these have changes."""
        if awaited := {user_id for user_id in user_ids if self._listening.is_awaited(user_id)}:
            with self._lock:
                self._changed |= awaited
            self._woken.set()

    def run(self) -> None:
        looks = 0
        next_look = time.monotonic() + LOOK_SECONDS
        while True:
            self._woken.wait(max(0.0, next_look - time.monotonic()))
            self._woken.clear()
            is_due = time.monotonic() >= next_look
            if is_due:
                next_look = time.monotonic() + LOOK_SECONDS
                looks += 1
            self._look(is_due=is_due, is_check=is_due and looks % CHECK_EVERY == 0)
            if not is_due:
                time.sleep(PAUSE_SECONDS)

    def _look(self, *, is_due: bool, is_check: bool) -> None:
        from tasks.journal import live

        with self._lock:
            changed, self._changed = self._changed, set()
        told = self._listening.told()
        try:
            news = live.find_news(told if is_due else {user_id: told[user_id] for user_id in changed & told.keys()})
            if news:
                self._defer(self._listening.tell, news)
            if is_due and told:
                self._end(is_check=is_check)
        except (DatabaseError, InterfaceError) as error:
            outages.warning("Nobody is told of changes: %s", type(error.__cause__ or error).__qualname__)
        # The next look may do better; without this thread nobody would hear anything, and nobody know why.
        except Exception:
            logger.exception("A look for changes failed")
        finally:
            connection.close()

    def _end(self, *, is_check: bool) -> None:
        """Those whose token or session has ended."""
        from accounts.tokens.lasting import find_ended

        now = time.time()
        listening = self._listening.all()
        callers = {each: each.listener.caller for each in listening}
        gone = find_ended(callers.values()) if is_check else set()
        if ended := [each for each, caller in callers.items() if caller in gone or caller.has_expired(now)]:
            self._defer(self._listening.end, ended)
