"""It may be stopped, cut off, and run beside itself and the service: in the end all is here, and all of it once."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Final

import pytest
from django.db import connection

from accounts.models import User
from core.sql.row_owner import all_rows
from tasks.models import OldTaskId, Task
from todo_project.importing import people, source, talks
from todo_project.importing.people import Moved
from todo_project.importing.tests.backends import Backend, d
from todo_project.importing.tests.backends.times import NAIVE_AT
from todo_project.importing.tests.commands import everything, move, move_in_part
from todo_project.importing.tests.conftest import Make

pytestmark = pytest.mark.names_no_owner("it looks at the rows of all whom the command moved")

PEOPLE: Final = 6
CUT: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'todo import'
"""


def fill_many(backend: Backend) -> None:
    """Each with two tasks."""
    for number in range(PEOPLE):
        name = f"user-{number}"
        backend.keep(d.User(id=name, email=f"{name}@example.com", name=name, created_at=NAIVE_AT))
        for _ in range(2):
            backend.keep(d.Task(user_id=name, title="Buy milk", created_at=NAIVE_AT, updated_at=NAIVE_AT))


def after(count: int, act: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Acts once so many people have been moved."""
    done = 0

    def noted(*args: Any, **options: Any) -> Moved:
        nonlocal done
        done += 1
        if done == count + 1:
            act()
        return move_person(*args, **options)

    move_person = people.move
    monkeypatch.setattr(people, "move", noted)


@pytest.mark.django_db
@pytest.mark.postgresql
def test_a_database_that_goes_away_in_the_middle(make_backend: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = make_backend("d")
    fill_many(backend)
    monkeypatch.setattr(source, "FETCHED", 1)
    with monkeypatch.context() as patch:
        after(2, lambda: backend.run(CUT), patch)
        said = move_in_part(backend, returncode=75)

    assert "That database cannot be read: " in said
    there = set(User.objects.values_list("id", flat=True))
    assert 0 < len(there) < PEOPLE
    assert f"users: {len(there)} read, {len(there)} moved, 0 here already, 0 left out" in said
    assert Task.objects.count() == 2 * len(there)

    said = move(backend)
    assert f"users: {PEOPLE} read, {PEOPLE - len(there)} moved, {len(there)} here already, 0 left out" in said
    assert (User.objects.count(), Task.objects.count(), OldTaskId.objects.count()) == (PEOPLE, 12, 12)


@pytest.mark.django_db
def test_what_breaks_somebody_leaves_nothing_of_them(make_backend: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a signal does that ends it."""
    backend = make_backend("d")
    fill_many(backend)

    def stopped(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        after(3, lambda: patch.setattr(talks, "move", stopped), patch)
        with pytest.raises(KeyboardInterrupt):
            move(backend)

    assert (User.objects.count(), Task.objects.count()) == (3, 6)
    assert "users: 6 read, 3 moved, 3 here already, 0 left out" in move(backend)
    assert (User.objects.count(), Task.objects.count()) == (PEOPLE, 12)


@pytest.mark.django_db
def test_who_was_stored_meanwhile_is_found(make_backend: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = make_backend("d")
    fill_many(backend)
    check, stored = people.check_place, list[str]()

    def raced(user: User) -> None:
        """Between the look for the id and the one for the email."""
        if not stored:
            stored.append(user.id)
            User.objects.bulk_create([user])
        check(user)

    monkeypatch.setattr(people, "check_place", raced)

    assert "users: 6 read, 6 moved, 0 here already, 0 left out" in move(backend)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_bring_everything_once(make_backend: Make) -> None:
    backend = make_backend("d")
    fill_many(backend)
    begin, said = threading.Barrier(2), list[str]()

    def run() -> None:
        try:
            begin.wait(timeout=20)
            said.append(move(backend))
        finally:
            connection.close()

    threads = [threading.Thread(target=copy_context().run, args=(run,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(said) == 2
    assert all("users: 6 read, " in line and " 0 left out" in line for line in said)
    with all_rows("tests"):
        assert (User.objects.count(), Task.objects.count(), OldTaskId.objects.count()) == (PEOPLE, 12, 12)
    assert everything()
