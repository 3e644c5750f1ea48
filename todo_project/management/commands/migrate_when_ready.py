import fcntl
import logging
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, OperationalError, connection

from todo_project.command_line import TRY_AGAIN, reason
from todo_project.env import database_files

logger = logging.getLogger(__name__)

# Any number will do that every version of the service shares; others in this database use their own.
LOCK: Final = 7_660_215_436_913_202
POLL_SECONDS: Final = 0.5


class Command(BaseCommand):
    help = "Apply the migrations once the database answers, one instance at a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", type=int, default=60, help="seconds that the database has to answer (60)")
        parser.add_argument("--turn", type=int, default=600, help="seconds to wait for another instance (600)")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor == "postgresql":
            self._migrate_in_turn(options["wait"], options["turn"])
        else:
            self._migrate_file_in_turn(options["turn"])
        self.stdout.write("The database is up to date.")

    def _migrate_in_turn(self, wait_seconds: int, turn_seconds: int) -> None:
        try:
            with closing(self._connect(wait_seconds)) as lock:
                self._take_turn(partial(_try_lock, lock), turn_seconds)
                self._migrate()
        except psycopg.Error as error:
            raise CommandError(f"The database went away: {reason(error)}", returncode=TRY_AGAIN) from None

    def _migrate_file_in_turn(self, turn_seconds: int) -> None:
        """By a lock on its directory: one on the file would be given back with SQLite's own (fcntl(2))."""
        if why := database_files.trouble(connection.settings_dict):
            raise CommandError(why)
        # Of what a link leads to: in the image that is the volume, which others may share.
        directory = os.open(Path(connection.settings_dict["NAME"]).resolve().parent, os.O_RDONLY)
        try:
            self._take_turn(partial(_try_flock, directory), turn_seconds)
            self._migrate()
        finally:
            os.close(directory)

    def _migrate(self) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database failed during the migrations: {reason(error)}") from None
        except Error:
            # Through the log and not as a traceback: the driver's message may quote a row.
            logger.exception("A migration failed")
            raise CommandError("A migration failed; the lines above say where.") from None

    def _connect(self, wait_seconds: int) -> psycopg.Connection:
        """A connection beside Django's pool, which would log each failure and hide its cause."""
        params = connection.get_connection_params()
        deadline = time.monotonic() + wait_seconds
        announced = False
        while True:
            try:
                return psycopg.connect(**params)
            except psycopg.OperationalError as error:
                if time.monotonic() >= deadline:
                    raise CommandError(
                        f"The database did not answer within {wait_seconds} s: {reason(error)}", returncode=TRY_AGAIN
                    ) from None
                if not announced:
                    self.stderr.write(f"Waiting for the database: {reason(error)}")
                    announced = True
            time.sleep(POLL_SECONDS)

    def _take_turn(self, try_lock: Callable[[], bool], turn_seconds: int) -> None:
        """Returns with the lock, held until what it is on is closed.

        Waiters poll: one that blocked inside a statement would hold a snapshot, on which a
        ``CREATE INDEX CONCURRENTLY`` of the instance that migrates waits for ever.
        """
        deadline = time.monotonic() + turn_seconds
        announced = False
        while not try_lock():
            if time.monotonic() >= deadline:
                raise CommandError(
                    f"Another instance has been migrating for more than {turn_seconds} s.", returncode=TRY_AGAIN
                )
            if not announced:
                self.stderr.write("Waiting for another instance to finish the migrations.")
                announced = True
            time.sleep(POLL_SECONDS)


def _try_lock(lock: psycopg.Connection) -> bool:
    """Takes the lock for an open transaction: a session's would get lost in a transaction-mode pooler."""
    # Set first: a server-wide limit must not end a transaction that only waits for us.
    lock.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    row = lock.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK]).fetchone()
    if row is not None and row[0]:
        return True
    lock.rollback()
    return False


def _try_flock(directory: int) -> bool:
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
