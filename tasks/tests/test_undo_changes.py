"""``X-Undo`` and ``POST /api/{user_id}/undo``."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from core.errors import Invalid
from tasks import services
from tasks.entries import Span, spanning
from tasks.journal.tokens import make_token, read_token
from tasks.models import Entry, Task, TrashedTask
from testing.callers import Answer, Caller, in_parallel

pytestmark = pytest.mark.django_db
MakeTask = Callable[..., Task]


def undo(caller: Caller, answer: Answer | str, **headers: str) -> Answer:
    token = answer if isinstance(answer, str) else answer.headers["X-Undo"]
    return caller.post(f"/api/{caller.id}/undo", {"undo": token}, **headers)


def state(caller: Caller) -> list[dict[str, Any]]:
    """Without what each change moves."""
    return [
        {name: value for name, value in task.items() if name != "updated_at"}
        for task in caller.get(f"{caller.tasks}?ordering=created_at").json["data"]
    ]


CHANGES: dict[str, Callable[[Caller, str], Answer]] = {
    "create": lambda caller, _: caller.post(caller.tasks, {"title": "New", "tags": ["x"]}),
    "put": lambda caller, path: caller.put(path, {"title": "Other", "description": None, "tags": [], "due_at": None}),
    "patch": lambda caller, path: caller.patch(path, {"priority": "low", "title": "Other"}),
    "toggle": lambda caller, path: caller.patch(f"{path}/toggle"),
    "complete": lambda caller, path: caller.patch(f"{path}/complete", {"completed": False}),
    "delete": lambda caller, path: caller.delete(path),
    "bulk": lambda caller, path: caller.post(
        f"{caller.tasks}/bulk",
        {
            "operations": [
                {"op": "delete", "id": path.rpartition("/")[2]},
                {"op": "create", "data": {"title": "One"}},
                {"op": "create", "data": {"title": "Two", "completed": True}},
            ]
        },
    ),
    "bulk edits": lambda caller, path: caller.post(
        f"{caller.tasks}/bulk",
        {"operations": [{"op": "update", "id": path.rpartition("/")[2], "data": {"title": "A", "tags": ["z"]}}]},
    ),
}


@pytest.fixture
def path(alice: Caller, make_task: MakeTask) -> str:
    make_task(alice, "Other one")
    task = make_task(
        alice, "Milk", description="Oat", tags=["a", "B"], priority=3, due_at=timezone.now(), completed=True
    )
    return f"{alice.tasks}/{task.id}"


@pytest.mark.parametrize("name", CHANGES)
def test_the_owner_takes_any_change_back_and_that_too(alice: Caller, path: str, name: str) -> None:
    before = state(alice)
    changed = CHANGES[name](alice, path)
    after = state(alice)
    assert after != before

    taken_back = undo(alice, changed)

    assert taken_back.status == 200, taken_back
    assert state(alice) == before
    touched = [task for task in before if task not in after]
    told = [{name: value for name, value in task.items() if name != "updated_at"} for task in taken_back.json["data"]]
    assert told == touched
    again = undo(alice, taken_back)
    assert again.status == 200, again
    assert state(alice) == after


def test_a_restoring_is_taken_back_too(alice: Caller, path: str) -> None:
    alice.delete(path)
    restored = alice.post(f"{path}/restore")

    assert undo(alice, restored).json == {"data": []}
    assert alice.get(path).status == 404


def test_another_user_and_nobody_take_nothing_back(alice: Caller, bob: Caller, anonymous: Caller, path: str) -> None:
    token = alice.patch(f"{path}/toggle").headers["X-Undo"]

    assert undo(bob, token).is_problem(422, "undo_invalid")
    assert bob.post(f"/api/{alice.id}/undo", {"undo": token}).is_problem(403)
    assert anonymous.post(f"/api/{alice.id}/undo", {"undo": token}).is_problem(401)
    assert alice.get(path).json["completed"] is False


@pytest.mark.parametrize(
    "body", [{}, {"undo": ""}, {"undo": 7}, {"undo": "1-1-9999999999:made-up"}, {"undo": "x" * 300}]
)
def test_a_token_that_is_made_up_is_422(alice: Caller, path: str, body: Any) -> None:
    alice.patch(f"{path}/toggle")

    refused = alice.post(f"/api/{alice.id}/undo", body)

    assert refused.is_problem(422)
    assert refused.json["errors"][0]["field"] == "undo"


@pytest.mark.parametrize(("length", "code"), [(200, "undo_invalid"), (201, "max_length")])
def test_a_token_is_not_read_beyond_its_length(alice: Caller, length: int, code: str) -> None:
    assert undo(alice, "x" * length).json["errors"][0]["code"] == code


def test_it_goes_for_fifteen_minutes(alice: Caller, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = alice.patch(f"{path}/toggle")
    now = timezone.now()

    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=15, seconds=2))
    assert undo(alice, changed).is_problem(422, "undo_invalid")
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=14))
    assert undo(alice, changed).status == 200


def test_what_changed_since_is_named_and_nothing_is_done(alice: Caller, path: str, make_task: MakeTask) -> None:
    other = make_task(alice, "Bread")
    task_id = path.rpartition("/")[2]
    operations = [{"op": "complete", "id": str(other.id)}, {"op": "reopen", "id": task_id}]
    changed = alice.post(f"{alice.tasks}/bulk", {"operations": operations})
    alice.patch(path, {"title": "Soy"})
    before = state(alice)

    refused = undo(alice, changed)

    assert refused.is_problem(409, "changed_since")
    assert "\u201cSoy\u201d" in refused.json["detail"]
    assert "Bread" not in refused.json["detail"]
    assert [error["field"] for error in refused.json["errors"]] == [task_id]
    assert state(alice) == before


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, " and 1 more")])
def test_of_many_that_changed_since_five_are_named(alice: Caller, make_task: MakeTask, count: int, more: str) -> None:
    ids = [str(make_task(alice, f"Task {number}").id) for number in range(count)]
    changed = alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "complete", "id": task_id} for task_id in ids]})
    for task_id in ids:
        alice.delete(f"{alice.tasks}/{task_id}")

    refused = undo(alice, changed)

    named = ", ".join(f"\u201cTask {number}\u201d" for number in range(5))
    assert refused.json["detail"] == f"Changed since, so nothing was taken back: {named}{more}."
    assert {error["field"] for error in refused.json["errors"]} == set(ids)


def test_what_came_and_went_again_stays_away(alice: Caller, path: str) -> None:
    """Restored, edited and deleted in one transaction: there is nothing to be given its old values."""
    alice.delete(path)
    task_id = UUID(path.rpartition("/")[2])
    with transaction.atomic(), spanning(alice.id) as span:
        services.restore_task(alice.id, task_id)
        services.edit_task(alice.id, task_id, {"title": "Other"})
        services.remove_tasks(alice.id, [task_id])

    taken_back = undo(alice, make_token(alice.id, span))

    assert (taken_back.status, taken_back.json) == (200, {"data": []})
    assert alice.get(path).status == 404


def test_twice_is_once(alice: Caller, path: str) -> None:
    changed = alice.patch(f"{path}/toggle")

    assert undo(alice, changed).status == 200
    assert undo(alice, changed).is_problem(409, "changed_since")


def test_the_same_request_twice_is_answered_alike(alice: Caller, path: str) -> None:
    changed = alice.patch(f"{path}/toggle")

    first, second = (undo(alice, changed, Idempotency_Key="k") for _ in range(2))

    assert (first.status, first.json) == (second.status, second.json)
    assert first.headers["X-Undo"] == second.headers["X-Undo"]
    assert second.headers["Idempotency-Replayed"] == "true"


def test_a_replayed_answer_carries_its_own(alice: Caller) -> None:
    first, second = (alice.post(alice.tasks, {"title": "Once"}, Idempotency_Key="k") for _ in range(2))

    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.headers["X-Undo"] == second.headers["X-Undo"]
    assert undo(alice, second).status == 200
    assert state(alice) == []


def test_nothing_is_offered_where_nothing_changed(alice: Caller, path: str) -> None:
    task_id = path.rpartition("/")[2]
    for answer in (
        alice.get(path),
        alice.patch(path, {"title": "Milk"}),
        alice.patch(path, {}),
        alice.patch(f"{path}/complete", {"completed": True}),
        alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "complete", "id": task_id}]}),
        alice.post(f"{alice.tasks}/bulk", {"operations": []}),
        alice.patch(f"{path}/toggle", If_Match='"9"'),
        alice.delete(f"{alice.tasks}/{alice.id}"),
        alice.delete(f"{path}?permanent=true"),
    ):
        assert "X-Undo" not in answer.headers, answer


def test_a_deletion_whose_task_is_gone_for_good_by_now_is_409(alice: Caller, path: str) -> None:
    changed = alice.delete(path)
    alice.delete(f"{path}?permanent=true")

    assert undo(alice, changed).is_problem(409, "changed_since")


def test_without_a_trash_a_creation_is_taken_back_for_good(alice: Caller, settings: Settings) -> None:
    settings.TRASH_DAYS = 0
    made = alice.post(alice.tasks, {"title": "New"})

    taken_back = undo(alice, made)

    assert taken_back.status == 200
    assert "X-Undo" not in taken_back.headers
    assert state(alice) == []


def test_without_a_trash_an_edit_is_taken_back_and_that_too(alice: Caller, path: str, settings: Settings) -> None:
    settings.TRASH_DAYS = 0
    before = state(alice)
    changed = alice.patch(path, {"title": "Other"})
    after = state(alice)

    taken_back = undo(alice, changed)
    assert state(alice) == before

    assert undo(alice, taken_back).status == 200
    assert state(alice) == after


def test_what_the_journal_knows_no_more_cannot_be_taken_back(
    alice: Caller, path: str, make_task: MakeTask, settings: Settings
) -> None:
    other = make_task(alice, "Bread")
    operations = [{"op": "reopen", "id": path.rpartition("/")[2]}, {"op": "complete", "id": str(other.id)}]
    changed = alice.post(f"{alice.tasks}/bulk", {"operations": operations})
    Entry.objects.filter(user_id=alice.id, task_id=other.id).delete()
    settings.TRASH_DAYS = 0
    gone = alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "delete", "id": str(other.id)}]})
    before = state(alice)

    assert undo(alice, changed).is_problem(422, "undo_invalid")
    assert undo(alice, make_token(alice.id, last(alice))).is_problem(422, "undo_invalid")
    assert gone.status == 200
    assert state(alice) == before


def test_a_token_made_with_the_key_before_holds(settings: Settings) -> None:
    before, token = settings.SECRET_KEY, make_token("alice", Span(3, 5))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-of-at-least-32-bytes-for-tests", []
    with pytest.raises(Invalid):
        read_token("alice", token)

    settings.SECRET_KEY_FALLBACKS = [before]

    assert read_token("alice", token) == Span(3, 5)
    with pytest.raises(Invalid):
        read_token("bob", token)


def last(caller: Caller) -> Span:
    """The change that was the last."""
    number = caller.get(caller.tasks).json["meta"]["version"]
    return Span(number, number)


def test_a_deletion_whose_task_left_the_trash_by_itself_is_409(alice: Caller, path: str) -> None:
    changed = alice.delete(path)
    TrashedTask.objects.filter(user_id=alice.id).delete()

    assert undo(alice, changed).is_problem(409, "changed_since")


def test_it_is_in_the_journal_as_what_it_is(alice: Caller, path: str) -> None:
    undo(alice, alice.patch(path, {"title": "Other"}))

    newest = Entry.objects.filter(user_id=alice.id).order_by("-version")[0]
    assert (newest.get_via_display(), newest.by) == ("undo", None)
    assert newest.changes == {"title": ["Other", "Milk"]}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_takes_it_back(alice: Caller, path: str) -> None:
    changed = alice.patch(f"{path}/toggle")

    assert sorted(in_parallel([lambda: undo(alice, changed).status] * 6)) == [200] + [409] * 5
    assert alice.get(path).json["completed"] is True
