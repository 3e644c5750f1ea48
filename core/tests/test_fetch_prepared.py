"""Statements through cursors that a connection keeps."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import signals
from django.db import DEFAULT_DB_ALIAS, DatabaseError, DataError, connection, connections, transaction
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from django.db.backends.signals import connection_created
from django.db.transaction import TransactionManagementError
from psycopg.pq import Format

from core.sql.postgresql import pool
from core.sql.row_owner import rows_of
from core.sql.statements import fetch_prepared
from core.telemetry import records
from core.telemetry.records import Record
from core.telemetry.traces import go_on
from testing.watching.statements import Execute, statements_through

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
PLUS_ONE = "SELECT %s::int + 1"


@pytest.fixture(autouse=True)
def _nobodys() -> Iterator[None]:
    with rows_of(None):
        yield


def session() -> Any:
    connection.ensure_connection()
    return connection.connection


def kept() -> Any:
    return session()._kept  # noqa: SLF001 - what it is about


def test_the_values_are_each_calls_own_and_none_stay() -> None:
    kept().clear()

    assert [fetch_prepared(connection, PLUS_ONE, [number]) for number in range(9)] == [[(n + 1,)] for n in range(9)]
    assert fetch_prepared(connection, "SELECT %(a)s::text || %(b)s", {"b": "y", "a": "x"}) == [("xy",)]
    assert fetch_prepared(connection, "SELECT %(a)s::text || %(b)s", {"b": "2", "a": "1"}) == [("12",)]

    assert len(kept()) == 2
    for cursor in kept().values():
        assert (cursor.pgresult, cursor._converted[1].params) == (None, None)  # noqa: SLF001 - what it is about


def test_values_of_another_type_are_sent_as_such() -> None:
    found = [fetch_prepared(connection, "SELECT %s", [value])[0][0] for value in (1, None, 1.5, "a", 10**12, 1)]

    assert found == [1, None, 1.5, "a", 10**12, 1]


def test_no_more_texts_are_kept_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_KEPT", 3)
    kept().clear()

    for number in range(10):
        assert fetch_prepared(connection, f"SELECT {number} + %s::int", [1]) == [(number + 1,)]
        assert len(kept()) <= 3


def test_each_statement_is_watched_and_counted() -> None:
    seen: list[tuple[str, Any]] = []

    def watch(execute: Execute, sql: str, params: Any, many: bool, context: Any) -> Any:
        assert context["connection"] is connections[DEFAULT_DB_ALIAS]
        seen.append((sql, params))
        return execute(sql, params, many, context)

    record = Record("request", go_on(None, "0" * 32, "0" * 16))
    records.begin(record)
    with statements_through(watch):
        fetch_prepared(connection, PLUS_ONE, [1])
        fetch_prepared(connection, PLUS_ONE, [2])

    assert seen == [(PLUS_ONE, [1]), (PLUS_ONE, [2])]
    assert record.statements == 2
    assert record.statement_seconds > 0


def test_it_is_sent_for_the_owner() -> None:
    opened = "SELECT current_setting('app.user_id', true), %s::int"

    with rows_of("alice"):
        assert fetch_prepared(connection, opened, [1]) == [("alice", 1)]
        with transaction.atomic():
            assert fetch_prepared(connection, opened, [1]) == [("alice", 1)]
    assert fetch_prepared(connection, opened, [1]) in ([("", 1)], [(None, 1)])


def test_errors_are_djangos_and_the_next_is_served() -> None:
    divided = "SELECT 1 / %s::int"

    for _ in range(2):
        with pytest.raises(DataError):
            fetch_prepared(connection, divided, [0])
        assert fetch_prepared(connection, divided, [1]) == [(1,)]
    # What is read of the answer here.
    with pytest.raises(DataError):
        fetch_prepared(connection, "SELECT timestamptz 'infinity', %s::int", [1])


def test_a_broken_block_sends_nothing_more() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch_prepared(connection, PLUS_ONE, [1])
        transaction.set_rollback(False)
        assert fetch_prepared(connection, PLUS_ONE, [1]) == [(2,)]


def test_another_threads_connection_is_refused() -> None:
    own, refused = connections[DEFAULT_DB_ALIAS], []

    def fetch() -> None:
        with pytest.raises(DatabaseError, match="same thread"):
            fetch_prepared(own, PLUS_ONE, [1])
        refused.append(True)

    connection.ensure_connection()
    thread = threading.Thread(target=fetch)
    thread.start()
    thread.join()

    assert refused == [True]


def test_a_connection_is_given_back_with_a_request_and_taken_as_new() -> None:
    taken: list[object] = []

    def note(connection: Any, **_: Any) -> None:
        taken.append(connection.connection)

    connection.close()
    connection_created.connect(note)
    try:
        # More often than a pool has connections.
        for _ in range(20):
            connection.set_autocommit(False)
            fetch_prepared(connection, PLUS_ONE, [1])
            signals.request_finished.send(sender=None)
            assert connection.connection is None
            fetch_prepared(connection, PLUS_ONE, [1])
            assert (connection.get_autocommit(), session().autocommit) == (True, True)
            signals.request_finished.send(sender=None)
            assert connection.connection is None
    finally:
        connection_created.disconnect(note)

    assert len(taken) == 40


def test_one_left_in_a_transaction_takes_nothing_along() -> None:
    told: list[str] = []
    block = transaction.atomic()
    block.__enter__()
    transaction.on_commit(lambda: told.append("was committed"))
    fetch_prepared(connection, PLUS_ONE, [1])
    connection.close()
    assert connection.closed_in_transaction
    block.__exit__(None, None, None)

    with transaction.atomic():
        assert fetch_prepared(connection, PLUS_ONE, [1]) == [(2,)]
    assert told == []


@pytest.mark.parametrize("text", ["2026-02-28 23:59:59.999999+05:30", "0001-01-02 00:00:00+00", "9999-12-31 00:00:00Z"])
def test_instants_are_read_as_django_reads_them(text: str) -> None:
    [(found,)] = fetch_prepared(connection, "SELECT CAST(%s AS timestamptz)", [text])

    assert found == datetime.fromisoformat(text)
    assert found.tzinfo is UTC
    django = get_adapters_template(True, UTC).get_loader(1184, Format.TEXT)
    assert django is not None
    assert repr(found) == repr(django(1184).load(found.isoformat(sep=" ").encode()))


def test_the_connection_that_was_given_back_last_serves_first() -> None:
    wrapper: Any = connection
    shared = wrapper.pool
    taken = [shared.getconn() for _ in range(3)]
    try:
        assert len({id(one) for one in taken}) == 3
    finally:
        for one in taken:
            shared.putconn(one)

    shared._next_turn = float("inf")  # noqa: SLF001 - the clock is its own
    again = [shared.getconn() for _ in range(3)]
    for one in again:
        shared.putconn(one)
    assert again == taken[::-1]

    shared._next_turn = 0.0  # noqa: SLF001 - as above
    first, second = shared.getconn(), shared.getconn()
    for one in (first, second):
        shared.putconn(one)
    assert first not in again
    assert second is again[-1]
