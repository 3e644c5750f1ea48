"""What is different where Citus spreads the suite's tables."""

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from core.sql.statements import is_distributed
from testing import flushing
from testing.citus import skips


def pytest_runtest_setup(item: pytest.Item) -> None:
    if is_distributed() and (reason := skips.reason_for(item)):
        pytest.skip(reason)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """Where Citus spreads the tables the URL's own database is the one for tests: only a superuser makes another."""
    return django_db_keepdb or is_distributed()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    if is_distributed():
        connection.settings_dict["TEST"]["NAME"] = connection.settings_dict["NAME"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    if is_distributed():
        with django_db_blocker.unblock():
            call_command("distribute")
            # A run that was interrupted left its rows.
            flushing.flush()
