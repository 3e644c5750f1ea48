"""Walks in every order through many equal keys, while rows come and go."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts import limits
from core.ids import uuid7
from tasks.lists.orderings import KEYS
from tasks.models import Task
from testing.callers import Caller

START = datetime(2026, 1, 1, tzinfo=UTC)
ORDERINGS = [f"{sign}{name}" for name in KEYS for sign in ("", "-")]
# Many pages of equal keys, and of others: what each costs grows with them, what they show does not.
ROWS, EQUAL, COMING_AND_GOING, PAGE = 2000, 1200, 50, 50


def insert(owner: Caller, numbers: list[int]) -> list[str]:
    """The keys of the first ``EQUAL`` are all the same; of the rest every fifth has no due time."""
    tasks = []
    for number in numbers:
        rank = max(number - EQUAL, 0)
        made = START + timedelta(seconds=rank)
        tasks.append(
            Task(
                id=uuid7(made),
                user_id=owner.id,
                title=("Same", "SAME")[number % 2] if number < EQUAL else f"Title {rank % 500}",
                priority=2 if number < EQUAL else 1 + rank % 3,
                due_at=None if rank % 5 == 4 else made,
                created_at=made,
                updated_at=made,
            )
        )
    Task.objects.bulk_create(tasks, batch_size=1000)
    return [str(task.id) for task in tasks]


@contextmanager
def churning(owner: Caller, doomed: list[str]) -> Iterator[threading.Event]:
    """Deletes these one by one, and inserts as many others all over the orders, meanwhile."""
    done, errors = threading.Event(), list[BaseException]()

    def churn() -> None:
        try:
            for place, task_id in enumerate(doomed):
                insert(owner, [place * (ROWS // COMING_AND_GOING)])
                Task.objects.filter(user_id=owner.id, id=task_id).delete()
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            errors.append(error)
        finally:
            done.set()
            connection.close()

    thread = threading.Thread(target=copy_context().run, args=(churn,))
    thread.start()
    yield done
    thread.join()
    assert not errors


def walk(caller: Caller, ordering: str, limit: int) -> list[str]:
    limits.forget_calls()
    seen, cursor = list[str](), ""
    while True:
        answer = caller.get(f"{caller.tasks}?ordering={ordering}&limit={limit}{cursor}")
        assert answer.status == 200, answer
        seen += [task["id"] for task in answer.json["data"]]
        if answer.json["meta"]["next_cursor"] is None:
            return seen
        cursor = f"&cursor={answer.json['meta']['next_cursor']}"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_walk_in_any_order_returns_each_survivor_once(alice: Caller) -> None:
    made, gone = insert(alice, list(range(ROWS))), set[str]()

    for place, ordering in enumerate(ORDERINGS):
        doomed = made[place :: ROWS // COMING_AND_GOING]
        with churning(alice, doomed) as done:
            walks = [walk(alice, ordering, PAGE)]
            while not done.is_set():
                walks.append(walk(alice, ordering, PAGE))
        gone |= set(doomed)
        whole = [task["id"] for task in alice.get(f"{alice.tasks}?ordering={ordering}").json["data"]]
        for seen in walks:
            assert len(seen) == len(set(seen)), ordering
            assert set(made) - gone <= set(seen), ordering
            assert in_order(seen, whole), ordering


def in_order(seen: list[str], whole: list[str]) -> bool:
    """Whether what is in both is in the same order."""
    both = set(seen) & set(whole)
    return [each for each in seen if each in both] == [each for each in whole if each in both]


@pytest.mark.parametrize("order", ["updated_at", "-due_at", "priority", "-title"])
def test_a_walk_over_equal_keys_ends(alice: Caller, order: str) -> None:
    made = insert(alice, list(range(EQUAL - 40, EQUAL + 40)))

    assert sorted(walk(alice, order, 7)) == sorted(made)


def test_the_link_after_the_longest_title_fits_into_a_request_line(alice: Caller) -> None:
    # Without case each is three letters; gunicorn takes 4094 bytes.
    for _ in range(2):
        alice.post(alice.tasks, {"title": "\u0390" * 200})

    first = alice.get(f"{alice.tasks}?ordering=title&limit=1")
    link = first.headers["Link"].removeprefix("<http://testserver").removesuffix('>; rel="next"')

    assert len(link) < 3000
    assert alice.get(link).json["meta"]["count"] == 1
