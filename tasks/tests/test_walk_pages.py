"""Keyset pages where it matters: at size, on equal keys, and while rows come and go."""

import threading
import uuid
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from core.ids import uuid7
from tasks.models import Task
from testing.callers import Caller

START = datetime(2026, 1, 1, tzinfo=UTC)


def insert(owner: Caller, instants: list[datetime]) -> list[str]:
    tasks = [
        Task(id=uuid7(instant), user_id=owner.id, title="x", created_at=instant, updated_at=instant)
        for instant in instants
    ]
    Task.objects.bulk_create(tasks, batch_size=5000)
    return [str(task.id) for task in tasks]


def walk(caller: Caller, limit: int) -> list[str]:
    seen: list[str] = []
    cursor = ""
    while True:
        answer = caller.get(f"{caller.tasks}?limit={limit}{cursor}")
        assert answer.status == 200
        seen += [task["id"] for task in answer.json["data"]]
        if (following := answer.json["meta"]["next_cursor"]) is None:
            return seen
        cursor = f"&cursor={following}"


def test_ids_made_in_one_microsecond_are_walked_once_each(alice: Caller) -> None:
    made = insert(alice, [START] * 300 + [START + timedelta(microseconds=1)] * 10)

    seen = walk(alice, 7)

    assert seen == sorted(made, reverse=True)


def test_id_order_is_creation_order_to_the_microsecond() -> None:
    instants = [START + timedelta(microseconds=step) for step in range(3000)]

    ids = [uuid7(instant) for instant in instants]

    assert ids == sorted(ids)
    assert len({identifier.int >> 64 for identifier in ids}) == 3000
    assert all(identifier.version == 7 and identifier.variant == uuid.RFC_4122 for identifier in ids)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_walk_amid_inserts_and_deletes_returns_each_survivor_once(alice: Caller) -> None:
    made = insert(alice, [START + timedelta(seconds=step // 50) for step in range(2000)])
    doomed, stop = set(made[::20]), threading.Event()

    def churn() -> None:
        try:
            for identifier in made[::20]:
                insert(alice, [START + timedelta(seconds=20)])
                Task.objects.filter(user_id=alice.id, id=identifier).delete()
                if stop.is_set():
                    break
        finally:
            connection.close()

    churner = threading.Thread(target=copy_context().run, args=(churn,))
    churner.start()
    seen = walk(alice, 100)
    stop.set()
    churner.join()

    assert len(seen) == len(set(seen))
    assert set(made) - doomed <= set(seen)
    assert seen == sorted(seen, reverse=True)
