"""``Idempotency-Key`` on the creation of a task."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from core.idempotency import claims
from core.models import IdempotencyKey
from core.sql import batches
from tasks import services
from tasks.models import Task
from tasks.rows import WrittenTask
from testing.callers import Answer, Caller, in_parallel
from testing.databases import wait_for_waiters
from testing.service import wait_until

BODY: Any = {"title": "Buy groceries"}


def create(caller: Caller, key: str = "key-1", body: Any = BODY, path: str = "") -> Answer:
    return caller.post(path or caller.tasks, body, Idempotency_Key=key)


def count(caller: Caller) -> int:
    return Task.objects.visible_to(caller.user).count()


def kept(caller: Caller) -> list[IdempotencyKey]:
    return list(IdempotencyKey.objects.filter(user_id=caller.id))


def test_the_same_request_gets_the_same_answer_and_makes_no_second_task(alice: Caller) -> None:
    first = create(alice)
    alice.patch(first.headers["Location"], {"title": "Renamed meanwhile"})

    again = create(alice)

    assert first.status == again.status == 201
    assert first.content == again.content
    for name in ("Location", "ETag", "Content-Type"):
        assert first.headers[name] == again.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["X-Request-ID"] != again.headers["X-Request-ID"]
    assert count(alice) == 1


def test_without_a_key_each_request_makes_a_task_and_nothing_is_kept(alice: Caller) -> None:
    alice.post(alice.tasks, BODY)
    alice.post(alice.tasks, BODY)

    assert count(alice) == 2
    assert kept(alice) == []


def test_the_answer_is_given_again_after_the_task_is_gone(alice: Caller) -> None:
    first = create(alice)
    alice.delete(first.headers["Location"])

    assert create(alice).content == first.content
    assert count(alice) == 0


def test_a_key_belongs_to_one_user(alice: Caller, bob: Caller) -> None:
    hers, his = create(alice), create(bob)

    assert "Idempotency-Replayed" not in his.headers
    assert hers.json["id"] != his.json["id"]
    assert count(alice) == count(bob) == 1


def test_a_stranger_with_the_key_is_refused(alice: Caller, bob: Caller, anonymous: Caller) -> None:
    create(alice)

    assert create(bob, path=alice.tasks).is_problem(403, "forbidden")
    assert create(anonymous, path=alice.tasks).is_problem(401)
    assert count(alice) == 1


def test_a_key_belongs_to_one_path_which_a_slash_does_not_change(alice: Caller) -> None:
    first = create(alice)

    assert create(alice, path=f"{alice.tasks}/").content == first.content
    assert "Idempotency-Replayed" not in create(alice, path=f"/api/{alice.id}/").headers
    assert count(alice) == 2


@pytest.mark.parametrize("body", [{"title": "Other"}, b'{"title":  "Buy groceries"}', {}, b"{"])
def test_another_body_is_422(alice: Caller, body: object) -> None:
    create(alice)

    answer = create(alice, body=body)

    assert answer.is_problem(422, "idempotency_key_reused")
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
    assert count(alice) == 1


@pytest.mark.parametrize("key", ["!", "~" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a,b;c=d", "%00"])
def test_visible_ascii_is_a_key(alice: Caller, key: str) -> None:
    assert create(alice, key).content == create(alice, key).content
    assert count(alice) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\xe9", "a\tb", "\x7f"])
def test_anything_else_is_422_and_names_the_header(alice: Caller, key: str) -> None:
    answer = create(alice, key)

    assert answer.is_problem(422)
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
    assert "Idempotency-Key" in answer.json["detail"]
    assert count(alice) == 0


@pytest.mark.parametrize(("body", "status"), [({"title": ""}, 422), (b"{", 400), (b"[]", 422)])
def test_a_refusal_is_not_kept(alice: Caller, body: object, status: int) -> None:
    assert create(alice, body=body).is_problem(status)
    assert kept(alice) == []

    assert create(alice).status == 201


def test_a_crash_in_between_leaves_nothing(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(claims, "keep", crash)
        assert create(alice).is_problem(500)
    assert (count(alice), kept(alice)) == (0, [])

    assert create(alice).status == 201
    assert count(alice) == 1


def test_after_24_hours_the_key_is_new(alice: Caller) -> None:
    first = create(alice)
    age(alice, hours=23, minutes=59)
    assert create(alice).content == first.content
    age(alice, hours=24)

    again = create(alice, body={"title": "Another body"})

    assert again.status == 201
    assert "Idempotency-Replayed" not in again.headers
    assert create(alice, body={"title": "Another body"}).content == again.content
    assert (count(alice), len(kept(alice))) == (2, 1)


def age(caller: Caller, **delta: int) -> None:
    instant = timezone.now() - timedelta(**delta)
    IdempotencyKey.objects.filter(user_id=caller.id).update(created_at=instant)


def test_nothing_that_was_written_can_be_read_from_the_hashes(alice: Caller) -> None:
    create(alice, "a-secret-key")

    row = kept(alice)[0]
    assert "a-secret-key" not in repr([row.request_hash, row.body_hash, row.headers])
    assert len(row.request_hash) == len(row.body_hash) == 64


def test_an_account_takes_its_keys_along(alice: Caller) -> None:
    create(alice)

    User.objects.get(id=alice.id).delete()

    assert kept(alice) == []


@pytest.mark.names_no_owner("prunes everybody's")
def test_pruning_deletes_the_expired_in_batches(alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        create(alice, f"old-{number}")
    age(alice, hours=24)
    create(alice, "young")
    create(bob)

    monkeypatch.setattr(batches, "BATCH", 2)
    assert claims.prune(timezone.now()) == {"idempotency keys": 5}
    assert claims.prune(timezone.now()) == {"idempotency keys": 0}
    assert create(alice, "young").headers["Idempotency-Replayed"] == "true"
    assert len(kept(alice)) == len(kept(bob)) == 1


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_task(alice: Caller) -> None:
    answers = in_parallel([lambda: create(alice)] * 20)

    assert {answer.status for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert count(alice) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_different_bodies_at_once_one_wins(alice: Caller) -> None:
    answers = in_parallel([lambda n=n: create(alice, body={"title": str(n)}) for n in range(10)])  # type: ignore[misc] # the default binds the loop's value

    assert sorted(answer.status for answer in answers) == [201] + [422] * 9
    assert count(alice) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_waits_goes_on_when_the_first_fails(alice: Caller, slow_creation: Callable[..., None]) -> None:
    slow_creation(lambda: wait_for_waiters(1), fails=True)

    answers = in_parallel([lambda: create(alice)] * 2)

    assert sorted(answer.status for answer in answers) == [201, 500]
    assert count(alice) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_gets_409(
    alice: Caller, slow_creation: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "LOCK_TIMEOUT_MS", 100)
    answers: list[Answer] = []
    slow_creation(lambda: wait_until(lambda: len(answers) == 1), fails=False)

    in_parallel([lambda: answers.append(create(alice))] * 2)

    refused, created = answers
    assert created.status == 201
    assert refused.is_problem(409, "idempotency_in_progress")
    assert count(alice) == 1
    assert create(alice).headers["Idempotency-Replayed"] == "true"


@pytest.fixture
def slow_creation(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has the first creation wait for something, and then fail or not."""
    real = services.create_written
    calls: list[int] = []

    def start(wait: Callable[[], None], *, fails: bool) -> None:
        def create_written(user_id: str, **fields: Any) -> WrittenTask:
            calls.append(1)
            if len(calls) > 1:
                return real(user_id, **fields)
            wait()
            if fails:
                raise RuntimeError
            return real(user_id, **fields)

        monkeypatch.setattr(services, "create_written", create_written)

    return start
