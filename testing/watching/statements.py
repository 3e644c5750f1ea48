"""Sees the statements of a test, on its own connection and on every one that is opened meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

Execute = Callable[[str, Any, bool, Any], Any]
# As Django's ``execute_wrapper`` takes it.
Wrapper = Callable[[Execute, str, Any, bool, Any], Any]


@contextmanager
def statements_through(wrapper: Wrapper) -> Iterator[None]:
    def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
        if wrapper not in connection.execute_wrappers:
            connection.execute_wrappers.append(wrapper)

    connection_created.connect(watch)
    watch(connection)
    try:
        yield
    finally:
        connection_created.disconnect(watch)
        connection.execute_wrappers.remove(wrapper)
