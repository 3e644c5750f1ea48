from collections.abc import Callable

import pytest

from core.sql import owned
from core.sql.replica import reading
from core.sql.replica.watching import NO_REPLICA
from tasks.models import Task
from testing.callers import Caller


def test_without_a_replica_nothing_stands_between() -> None:
    assert reading.reader("SELECT ''") is owned.fetch


class Usable:
    """As a watch that has found the replica well; what it is told of."""

    is_usable = True

    def __init__(self) -> None:
        self.failures: list[str] = []

    def note_failure(self, why: str) -> None:
        self.failures.append(why)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_replica_that_became_the_primary_answers_nothing_from_that_moment_on(
    alice: Caller, make_task: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = make_task(alice)
    watch = Usable()
    monkeypatch.setattr(reading, "_is_set", lambda: True)
    monkeypatch.setattr(reading, "ALIAS", "default")
    monkeypatch.setattr(reading, "watch", watch)

    assert [found["id"] for found in alice.get(f"/api/{alice.id}/tasks").json["data"]] == [str(task.id)]
    assert alice.get(f"/api/{alice.id}/tasks/{task.id}").json["id"] == str(task.id)
    assert watch.failures == [NO_REPLICA, NO_REPLICA]
