import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from rest_framework.request import Request

from accounts.services import delete_account
from core.idempotency import endpoints
from core.idempotency.claims import Call
from core.ids import uuid7
from core.models import IdempotencyKey
from tasks.models import Task
from tasks.services import create_task
from testing.callers import CLIENT, Caller


def test_the_owner_creates_a_task(alice: Caller) -> None:
    answer = alice.post(alice.tasks, {"title": "  Buy groceries ", "description": "Milk, eggs"})

    assert answer.status == 201
    task = answer.json
    assert list(task) == [
        "id",
        "user_id",
        "title",
        "description",
        "completed",
        "is_completed",
        "completed_at",
        "priority",
        "due_at",
        "tags",
        "created_at",
        "updated_at",
    ]
    assert task["title"] == "Buy groceries"
    assert task["description"] == "Milk, eggs"
    assert task["user_id"] == alice.id
    assert task["completed"] is task["is_completed"] is False
    assert task["completed_at"] is None
    assert (task["priority"], task["due_at"], task["tags"]) == ("medium", None, [])
    assert task["created_at"] == task["updated_at"]
    assert answer.headers["Location"] == f"/api/{alice.id}/tasks/{task['id']}"
    assert alice.get(answer.headers["Location"]).content == answer.content


def test_another_user_is_refused_and_no_row_appears(alice: Caller, bob: Caller) -> None:
    assert bob.post(alice.tasks, {"title": "Not mine"}).is_problem(403, "forbidden")

    assert not Task.objects.visible_to(alice.user).exists()


def test_anonymous_is_401(alice: Caller, anonymous: Caller) -> None:
    assert anonymous.post(alice.tasks, {"title": "x"}).is_problem(401, "not_authenticated")


def test_the_id_is_a_version_7_uuid_that_holds_the_creation_time(alice: Caller) -> None:
    task = alice.post(alice.tasks, {"title": "x"}).json

    identifier = uuid.UUID(task["id"])
    assert identifier.version == 7
    assert identifier.variant == uuid.RFC_4122
    created = datetime.fromisoformat(task["created_at"])
    assert datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC).replace(microsecond=0) == created.replace(
        microsecond=0
    )


def test_ids_sort_as_the_tasks_were_made(alice: Caller) -> None:
    made = [alice.post(alice.tasks, {"title": str(number)}).json["id"] for number in range(50)]

    assert made == sorted(made)


@pytest.mark.parametrize("name", ["completed", "is_completed"])
def test_a_task_may_be_born_completed(alice: Caller, name: str) -> None:
    task = alice.post(alice.tasks, {"title": "x", name: True}).json

    assert task["completed"] is task["is_completed"] is True
    assert task["completed_at"] == task["created_at"]


def test_what_is_ours_is_never_taken_from_the_body(alice: Caller, bob: Caller) -> None:
    task = alice.post(
        alice.tasks,
        {
            "title": "x",
            "id": "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11",
            "user_id": bob.id,
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
            "completed_at": "2020-01-01T00:00:00Z",
            "version": 7,
            "no_such_field": [1],
        },
    ).json

    assert task["id"] != "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"
    assert task["user_id"] == alice.id
    assert not task["created_at"].startswith("2020")
    assert task["completed_at"] is None
    assert "version" not in task


@pytest.mark.parametrize("description", ["", "  \n ", None])
def test_an_empty_description_is_null(alice: Caller, description: str | None) -> None:
    assert alice.post(alice.tasks, {"title": "x", "description": description}).json["description"] is None


@pytest.mark.parametrize(
    "title", ["x", "x" * 200, " " * 50 + "x" * 200, "\N{PILE OF POO}" * 200, "Zażółć \u2028 \x7f \\ / \" '", "0"]
)
def test_titles_of_one_to_two_hundred_characters_are_kept(alice: Caller, title: str) -> None:
    answer = alice.post(alice.tasks, {"title": title})

    assert answer.status == 201
    assert answer.json["title"] == title.strip()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": " \t\n"}, "title"),
        ({"title": None}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": 5}, "title"),
        ({"title": True}, "title"),
        ({"title": ["x"]}, "title"),
        ({"title": {"x": 1}}, "title"),
        ({"title": "a\x00b"}, "title"),
        (b'{"title": "a\\ud800b"}', "title"),
        (b'{"title": "a\\u0000b"}', "title"),
        ({"title": "x", "description": "x" * 1001}, "description"),
        ({"title": "x", "description": 5}, "description"),
        ({"title": "x", "description": "a\x00b"}, "description"),
        (b'{"title": "x", "description": "\\udfff"}', "description"),
        ({"title": "x", "completed": "true"}, "completed"),
        ({"title": "x", "completed": 1}, "completed"),
        ({"title": "x", "completed": None}, "completed"),
        ({"title": "x", "completed": []}, "completed"),
        ({"title": "x", "is_completed": "yes"}, "is_completed"),
        ({"title": "x", "completed": True, "is_completed": False}, "is_completed"),
    ],
)
def test_bad_input_is_422_names_the_field_and_stores_nothing(alice: Caller, body: object, field: str) -> None:
    answer = alice.post(alice.tasks, body)

    assert answer.is_problem(422, "invalid")
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert field in answer.json["detail"]
    assert not Task.objects.visible_to(alice.user).exists()


def test_a_description_may_have_a_thousand_characters(alice: Caller) -> None:
    assert alice.post(alice.tasks, {"title": "x", "description": "ł" * 1000}).status == 201


def test_location_of_an_odd_user_id_can_be_followed(make_user: object) -> None:
    caller = Caller(make_user("odd@example.com", id="auth0|a+b=c~d:@e", issuer="https://issuer.example.com"))  # type: ignore[operator] # the fixture
    base = "/api/auth0%7Ca+b=c~d:@e/tasks"

    answer = caller.post(base, {"title": "x"})

    assert answer.headers["Location"].startswith(f"{base}/")
    assert caller.get(answer.headers["Location"]).content == answer.content


def test_a_task_that_was_promised_is_of_then_and_its_update_of_now(alice: Caller) -> None:
    promised = datetime(2026, 1, 14, 10, tzinfo=UTC)

    task = create_task(alice.id, task_id=uuid7(promised), created_at=promised, title="Buy groceries")

    assert task.created_at == promised
    assert uuid7(promised).hex[:12] == task.id.hex[:12]
    # Who asked for changes since the promise has not seen it yet.
    recent = quote((datetime.now(UTC) - timedelta(minutes=1)).isoformat())
    assert alice.get(f"{alice.tasks}?updated_since={recent}").json["meta"]["count"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("", {"title": "Too late"}, {}),
        ("", {"title": "Too late"}, {"Idempotency_Key": "k"}),
        ("/bulk", {"operations": [{"op": "create", "data": {"title": "Too late"}}]}, {}),
        ("/bulk", {"operations": [{"op": "create", "data": {"title": "Too late"}}]}, {"Idempotency_Key": "k"}),
    ],
)
def test_a_caller_deleted_meanwhile_is_401(
    alice: Caller, monkeypatch: pytest.MonkeyPatch, path: str, body: object, headers: dict[str, str]
) -> None:
    read_call = endpoints.read_call

    def delete_the_caller(request: Request) -> Call | None:
        delete_account(alice.user, client=CLIENT)
        return read_call(request)

    monkeypatch.setattr(endpoints, "read_call", delete_the_caller)

    assert alice.post(f"{alice.tasks}{path}", body, **headers).is_problem(401, "token_invalid")
    assert Task.objects.visible_to(alice.user).count() == 0
    assert not IdempotencyKey.objects.filter(user_id=alice.id).exists()
