"""Sliding-window logs in the database: any ``seconds`` admit at most ``count``, exactly.

One row per counted thing holds the instants of what was admitted, in microseconds since 1970. One
upsert decides and counts, so any number of processes may ask at once; the row's lock puts them in
order. Refused attempts write nothing, so knocking neither extends a full window nor costs a write.

The clock is the store's: on PostgreSQL the server's, read while the row is locked, so that machines
whose clocks differ agree. SQLite's processes share one host, whose clock is read under its write lock.
"""

import json
import time
import uuid
from typing import Final, Protocol

from django.db import connection, transaction

from core.limits.allowances import SECOND, Allowance, Rate, no_room, room_left
from core.models import RateWindow
from core.sql.batches import delete_batch
from core.sql.statements import bind


class WindowStore(Protocol):
    def admit(self, key: uuid.UUID, rate: Rate, *, lockout: bool = False, now: int | None = None) -> Allowance:
        """Counts one attempt if the window has room.

        A full window reopens when its oldest attempt is ``rate.seconds`` old; with ``lockout`` only
        when its newest is. ``now`` in microseconds replaces the store's clock.
        """

    def release(self, key: uuid.UUID) -> None:
        """Takes back the newest attempt."""


class DatabaseWindows:
    def admit(self, key: uuid.UUID, rate: Rate, *, lockout: bool = False, now: int | None = None) -> Allowance:
        # Most attempts of a flood end here, without a lock.
        wait = self._wait(key, now)
        if wait <= 0:
            if instants := self._count(key, rate, lockout, now):
                return room_left(rate, len(instants), instants[0], instants[-1])
            wait = self._wait(key, now)
        return no_room(rate, wait)

    def release(self, key: uuid.UUID) -> None:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(RELEASE[connection.vendor], [bind(RateWindow, "key", key)])

    def _wait(self, key: uuid.UUID, now: int | None) -> int:
        """Microseconds until the window has room; not above 0 when it has."""
        with connection.cursor() as cursor:
            cursor.execute(WAIT[connection.vendor], {"key": bind(RateWindow, "key", key), "now": _clock(now)})
            row = cursor.fetchone()
        return int(row[0]) if row else 0

    def _count(self, key: uuid.UUID, rate: Rate, lockout: bool, now: int | None) -> list[int] | None:
        """The window's instants with the new one, or None when it is full.

        Durable: it is an error to count within a transaction that might take it back.
        """
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            parameters = {
                "key": bind(RateWindow, "key", key),
                "limit": rate.count,
                "window": rate.seconds * SECOND,
                "lockout": lockout,
                "now": _clock(now),
            }
            cursor.execute(ADMIT[connection.vendor], parameters)
            row = cursor.fetchone()
        return list(json.loads(row[0])) if row else None


def prune_windows(batch: int) -> int:
    """Deletes up to ``batch`` rows that no longer count; returns how many."""
    now = time.time_ns() // 1000
    return delete_batch(RateWindow.objects.filter(expires_at__lt=now), batch)


def _clock(now: int | None) -> int | None:
    if now is None and connection.vendor == "sqlite":
        return time.time_ns() // 1000
    return now


POSTGRESQL_CLOCK: Final = "COALESCE(%(now)s::bigint, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint)"
# The conflicting row is locked before WHERE and SET are evaluated, and clock_timestamp() moves on
# within a statement: whoever waited for the lock sees the time at which it was given.
ADMIT: Final = {
    "postgresql": """
        INSERT INTO core_ratewindow AS stored (key, instants, full_until, expires_at)
        SELECT %(key)s, jsonb_build_array(instant),
               CASE WHEN %(limit)s > 1 THEN 0 ELSE instant + %(window)s END, instant + %(window)s
        FROM (SELECT {clock} AS instant) AS first
        ON CONFLICT (key) DO UPDATE SET (instants, full_until, expires_at) = (
            SELECT jsonb_agg(instant ORDER BY instant),
                   CASE WHEN count(*) < %(limit)s THEN 0
                        WHEN %(lockout)s THEN max(instant) + %(window)s
                        ELSE min(instant) + %(window)s END,
                   max(instant) + %(window)s
            FROM (SELECT {clock} AS now) AS clock
            CROSS JOIN LATERAL (
                SELECT kept::bigint AS instant FROM jsonb_array_elements_text(stored.instants) AS kept
                WHERE kept::bigint > clock.now - %(window)s
                UNION ALL SELECT clock.now
            ) AS live
        )
        WHERE stored.full_until <= {clock}
        RETURNING instants::text
        """.replace("{clock}", POSTGRESQL_CLOCK),
    "sqlite": """
        INSERT INTO core_ratewindow AS stored (key, instants, full_until, expires_at)
        VALUES (%(key)s, json_array(%(now)s),
                CASE WHEN %(limit)s > 1 THEN 0 ELSE %(now)s + %(window)s END, %(now)s + %(window)s)
        ON CONFLICT (key) DO UPDATE SET (instants, full_until, expires_at) = (
            SELECT json_group_array(instant),
                   CASE WHEN count(*) < %(limit)s THEN 0
                        WHEN %(lockout)s THEN max(instant) + %(window)s
                        ELSE min(instant) + %(window)s END,
                   max(instant) + %(window)s
            FROM (
                SELECT kept.value AS instant FROM json_each(stored.instants) AS kept
                WHERE kept.value > %(now)s - %(window)s
                UNION ALL SELECT %(now)s
                ORDER BY instant
            )
        )
        WHERE stored.full_until <= %(now)s
        RETURNING instants
        """,
}
WAIT: Final = {
    "postgresql": "SELECT full_until - {clock} FROM core_ratewindow WHERE key = %(key)s".replace(
        "{clock}", POSTGRESQL_CLOCK
    ),
    "sqlite": "SELECT full_until - %(now)s FROM core_ratewindow WHERE key = %(key)s",
}
# Of several attempts in flight the newest stands for any: they differ by a moment.
RELEASE: Final = {
    "postgresql": "UPDATE core_ratewindow SET instants = instants - (-1), full_until = 0 WHERE key = %s",
    "sqlite": """
        UPDATE core_ratewindow SET instants = json_remove(instants, '$[#-1]'), full_until = 0 WHERE key = %s
        """,
}
