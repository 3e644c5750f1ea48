"""From the first connection to the last answer: gunicorn's loop, with a departure that loses no request."""

import os
import selectors
import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from gunicorn.workers.gthread import ThreadWorker

from todo_project.server import departure, tracing
from todo_project.server.connection import Connection, Place
from todo_project.server.daily import DailyPruning
from todo_project.server.mailing import Mailing
from todo_project.server.measuring import Measuring

# How often the loop looks up, and how often where somebody waits for a thread.
TICK_SECONDS: Final = 1.0
BUSY_TICK_SECONDS: Final = 0.1
# A new connection's request is on its way.
ARRIVAL_SECONDS: Final = 0.5
# After the last answer.
GOODBYE_SECONDS: Final = 0.3


class LastingWorker(ThreadWorker):  # type: ignore[misc] # gunicorn is untyped
    sockets: list[Any]
    idle: Place
    closing: Place

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.takes_new = True
        self.last_accepted = 0.0
        self.pruning = DailyPruning()
        self.mailing = Mailing()
        self.measuring = Measuring()

    def notify(self) -> None:
        super().notify()
        self.pruning.start_if_due()
        self.mailing.start()

    def run(self) -> None:
        self.poller.register(self.method_queue.fileno(), selectors.EVENT_READ, self.method_queue.run_callbacks)
        self.set_accept_enabled(True)
        while self.alive and self.is_parent_alive():
            self.tend(TICK_SECONDS)
        self._leave()

    def tend(self, seconds: float) -> None:
        """Waits so long for something to do. Where there is much, all who are late are looked for once a tick."""
        self.notify()
        end = time.monotonic() + min(seconds, BUSY_TICK_SECONDS)
        self._wait(seconds)
        while self.is_busy() and time.monotonic() < end:
            self._wait(end - time.monotonic())
        self.murder_keepalived()
        self.murder_pending()

    def _wait(self, seconds: float) -> None:
        self.set_accept_enabled(self.takes_new and self.nr_conns < self.worker_connections)
        # Where somebody is under way too, or nobody ever would be.
        self.measuring.measure_if_due(self.in_progress())
        self.wait_for_and_dispatch_events(min(seconds, BUSY_TICK_SECONDS) if self.is_busy() else seconds)

    def in_progress(self) -> int:
        raise NotImplementedError

    def is_busy(self) -> bool:
        raise NotImplementedError

    def say_goodbye(self, connection: Connection) -> None:
        raise NotImplementedError

    def end_streams(self) -> None:
        """Of answers that stay open."""
        raise NotImplementedError

    def _leave(self) -> None:
        self.end_streams()
        if self._is_orphan():
            self._finish(departure.ORPHAN_SECONDS)
        elif departure.is_announced():
            self._drain()
            self._finish(self.cfg.graceful_timeout)
        else:
            # Others take those who are new.
            self._shut()
            self._serve_until(time.monotonic() + departure.RELOAD_SECONDS, is_done=lambda: self.nr_conns == 0)
            self._finish(self.cfg.graceful_timeout)

    def _drain(self) -> None:
        """All who come are served, and told that it is for the last time."""
        now = time.monotonic()
        self._serve_until(now + settings.DRAIN_SECONDS)
        if settings.DRAIN_SECONDS:
            end = now + settings.DRAIN_SECONDS + departure.MORE_SECONDS
            self._serve_until(end, is_done=lambda: time.monotonic() - self.last_accepted > departure.QUIET_SECONDS)
        for listener in self.sockets:
            departure.close_door(listener)
        self._serve_until(time.monotonic() + departure.LAST_GUESTS_SECONDS)

    def _finish(self, seconds: float) -> None:
        """What was asked is answered; who asks nothing is let go."""
        self._shut()
        end = time.monotonic() + seconds
        while self.nr_conns > len(self.closing) and time.monotonic() < end:
            for connection in self.idle.overdue(ARRIVAL_SECONDS):
                connection.leave(self.poller)
                self.say_goodbye(connection)
            self.tend(BUSY_TICK_SECONDS)
        end = min(end, time.monotonic() + GOODBYE_SECONDS)
        self._serve_until(end, is_done=lambda: self.nr_conns == 0)
        self.log.info("Worker leaves (pid: %s)", os.getpid())
        tracing.flush()
        departure.vanish()

    def _serve_until(self, end: float, is_done: Callable[[], bool] = lambda: False) -> None:
        while (left := end - time.monotonic()) > 0 and not is_done():
            if self._is_orphan():
                return
            self.tend(min(left, BUSY_TICK_SECONDS))

    def _shut(self) -> None:
        self.takes_new = False
        self.set_accept_enabled(False)
        for listener in self.sockets:
            listener.close()
        self.sockets = []

    def _is_orphan(self) -> bool:
        return bool(self.ppid != os.getppid())
