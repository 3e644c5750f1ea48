from collections.abc import Callable

import pytest
from django.db import connection

from tasks.models import Task
from testing.callers import Caller
from testing.watching.ownership import OwnerNotNamed


@pytest.mark.parametrize("by_id", [True, False])
def test_a_statement_that_names_no_owner_fails_the_test_it_runs_in(
    alice: Caller, make_task: Callable[..., Task], by_id: bool
) -> None:
    task = make_task(alice)
    rows = Task.objects.filter(id=task.id) if by_id else Task.objects.all()

    for statement in (rows.first, rows.count, rows.delete, lambda: rows.update(title="x"), task.refresh_from_db):
        with pytest.raises(OwnerNotNamed):
            statement()


def test_raw_sql_is_watched_too(alice: Caller) -> None:
    with connection.cursor() as cursor, pytest.raises(OwnerNotNamed):
        cursor.execute("SELECT user_id FROM tasks_task WHERE id = '1'")


def test_a_statement_that_names_the_owner_passes(alice: Caller, make_task: Callable[..., Task]) -> None:
    task = make_task(alice)
    rows = Task.objects.filter(user_id=alice.id, id=task.id)

    assert rows.update(title="x") == 1
    assert rows.first()
    assert rows.delete()


@pytest.mark.names_no_owner("shows that the marker works")
def test_the_marker_is_what_lets_staff_and_commands_pass(alice: Caller) -> None:
    assert Task.objects.count() == 0
