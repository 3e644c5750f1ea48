import time

import pytest
from django.db import connection

from core.sql import row_owner
from core.telemetry import records
from core.telemetry.records import Record
from core.telemetry.traces import go_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def record() -> Record:
    record = Record("request", go_on(None, "a" * 32, "b" * 16))
    records.begin(record)
    return record


def ask(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_each_statement_counts_with_its_time(record: Record) -> None:
    with row_owner.rows_of(None):
        ask("SELECT 1")
        before = record.statements
        ask("SELECT 2")

    assert record.statements == before + 1
    assert record.statement_seconds > 0


def test_one_that_fails_counts_too(record: Record) -> None:
    with row_owner.rows_of(None):
        with pytest.raises(Exception, match="nothing"):
            ask("SELECT * FROM nothing")

        assert record.statements == 1


def test_its_text_is_kept_where_somebody_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "keeps_texts", False)
    assert Record("request", go_on(None, "a" * 32, "b" * 16)).texts is None

    records.keep_texts()
    record = Record("request", go_on(None, "a" * 32, "b" * 16))
    records.begin(record)
    with row_owner.rows_of(None):
        since = time.time()
        ask("SELECT 1")

    assert record.texts is not None
    [(sql, begun, ended)] = record.texts
    assert sql == "SELECT 1"
    assert since - 1 < begun <= ended < time.time() + 1


@pytest.mark.postgresql
def test_what_opens_rows_counts_as_well(record: Record) -> None:
    with row_owner.rows_of("somebody"):
        ask("SELECT 1")

    assert record.statements == 2
