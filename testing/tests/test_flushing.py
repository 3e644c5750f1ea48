"""What a test commits is gone for the next one, and what ``migrate`` has written stands."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import TransactionTestCase

from testing.callers import Caller
from testing.flushing import FILLED_BY_MIGRATE


def filled() -> set[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        counts = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - our own tables
            counts[name] = cursor.fetchone()[0]
    return {name for name, count in counts.items() if count}


@pytest.mark.names_no_owner(reason="asks whether anybody's rows are left")
@pytest.mark.django_db(transaction=True)
def test_only_what_migrate_wrote_is_left(alice: Caller) -> None:
    alice.post(alice.tasks, {"title": "Buy groceries"})
    assert {"accounts_user", "accounts_session", "tasks_task"} <= filled()
    written = ContentType.objects.count(), Permission.objects.count()

    # What Django calls after each such test.
    vars(TransactionTestCase)["_fixture_teardown"](TransactionTestCase())

    assert filled() == FILLED_BY_MIGRATE
    assert (ContentType.objects.count(), Permission.objects.count()) == written
