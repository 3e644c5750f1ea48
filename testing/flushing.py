"""Empties the tables after a test that commits, but for those that ``migrate`` itself has filled.

Django's own way empties these too and has ``migrate``'s signal fill them again, which takes ten times as long.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from unittest import mock

from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

FILLED_BY_MIGRATE: Final = frozenset({"django_content_type", "auth_permission"})


@contextmanager
def without_signals() -> Iterator[None]:
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", flush):
        yield


def flush(_: TransactionTestCase | None = None) -> None:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [name for name in names if name not in FILLED_BY_MIGRATE]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))
