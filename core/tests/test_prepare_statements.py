"""Statements that the server has prepared, when it knows them no longer or they fit no longer."""

import sys
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.utils import NotSupportedError, ProgrammingError
from django.test.utils import CaptureQueriesContext

from core.sql.postgresql import cursors
from core.sql.row_owner import rows_of
from core.sql.statements import fetch_prepared, prepared_cursor

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE prepared (number int); INSERT INTO prepared VALUES (7)")
    # A statement for an owner has a transaction, in which nothing can be tried again.
    with rows_of(None):
        yield
    cursors.no_longer_prepares.clear()
    # Of what it has prepared psycopg and the server no longer think the same: no other test may get it.
    connection.ensure_connection()
    connection.connection.close()
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE prepared")


@pytest.fixture(params=["through a cursor", "at once"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "at once":
        monkeypatch.setattr(sys.modules[__name__], "read", read_at_once)


def read() -> object:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT number FROM prepared WHERE number > %s", [1])
        return cursor.fetchone()[0]


def read_at_once() -> object:
    return fetch_prepared(connection, "SELECT number FROM prepared WHERE number > %s", [1])[0][0]


def prepare() -> None:
    for _ in range(8):
        assert read() == 7
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%FROM prepared%%'")
        assert cursor.fetchone() == (1,)


def test_the_log_of_queries_has_what_was_prepared_before() -> None:
    prepare()

    with CaptureQueriesContext(connection) as queries:
        assert read() == 7

    assert ["FROM prepared" in query["sql"] for query in queries.captured_queries] == [True]


def forget() -> None:
    """As another server connection behind a pooler: psycopg does not notice."""
    connection.connection.pgconn.exec_(b"DEALLOCATE ALL")


def retype() -> None:
    # From psycopg's own it would take note of an ALTER.
    connection.connection.pgconn.exec_(b"ALTER TABLE prepared ALTER number TYPE text USING number::text")
    connection.connection.pgconn.exec_(b"ALTER TABLE prepared ALTER number TYPE bigint USING number::bigint")


def test_a_statement_that_is_not_known_there_runs_and_no_other_is_prepared(caplog: pytest.LogCaptureFixture) -> None:
    prepare()
    forget()

    assert [read() for _ in range(10)] == [7] * 10
    assert cursors.no_longer_prepares.is_set()
    assert len([record for record in caplog.records if "pooler" in record.message]) == 1


def test_within_a_transaction_only_the_first_fails(caplog: pytest.LogCaptureFixture) -> None:
    prepare()
    forget()

    with pytest.raises(ProgrammingError), transaction.atomic():
        read()
    with transaction.atomic():
        assert read() == 7


def test_a_column_s_new_type_is_not_noticed() -> None:
    prepare()
    retype()

    assert [read() for _ in range(10)] == [7] * 10
    assert not cursors.no_longer_prepares.is_set()


def test_within_a_transaction_a_new_type_fails_once() -> None:
    prepare()
    retype()

    with pytest.raises(NotSupportedError), transaction.atomic():
        read()
    with transaction.atomic():
        assert read() == 7
