"""What answers say besides, for clients that look for it there."""

from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
from pytest_django import Settings

from accounts.models import User
from assistant.models import Message
from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]
PASSWORD: Final = "correct horse battery"
ADDED: Final = "todo_project.family.fields.ADDED"


def test_a_problem_says_its_sentence_twice(alice: Caller, anonymous: Caller) -> None:
    for answer in (
        anonymous.get(alice.tasks),
        alice.get("/api/nothing/at/all"),
        alice.post(alice.tasks, {}),
        alice.send("PROPFIND", alice.tasks),
        anonymous.post("/api/login", {"email": "a@example.com", "password": "x"}),
    ):
        assert answer.json["message"] == answer.json["detail"]


def test_so_does_one_within_a_bulk(alice: Caller) -> None:
    operations = [{"op": "create", "data": {}}]

    answer = alice.post(f"{alice.tasks}/bulk", {"operations": operations, "atomic": False})

    problem = answer.json["results"][0]["problem"]
    assert problem["message"] == problem["detail"]


def test_a_token_pair_tells_flat_whose_it_is(anonymous: Caller) -> None:
    credentials = {"email": "ada@example.com", "password": PASSWORD}
    pairs = [
        anonymous.post("/api/auth/signup", credentials | {"name": "Ada"}).json,
        anonymous.post("/api/auth/login", credentials).json,
    ]
    pairs.append(anonymous.post("/api/auth/refresh", {"refresh_token": pairs[-1]["refresh_token"]}).json)

    user = User.objects.get()
    for pair in pairs:
        assert pair["token"] == pair["access_token"]
        assert (pair["user_id"], pair["id"], pair["email"], pair["name"]) == (user.id, user.id, user.email, "Ada")


def test_a_refused_login_tells_nothing_flat(anonymous: Caller) -> None:
    answer = anonymous.post("/api/auth/login", {"email": "ada@example.com", "password": PASSWORD})

    assert not {"token", "user_id", "email"} & answer.json.keys()


@pytest.mark.parametrize("path", ["/api/auth/me", "/api/auth/get-session"])
def test_the_caller_is_there_flat_and_as_user(alice: Caller, path: str) -> None:
    found = alice.get(path).json

    assert found["user"] == {name: value for name, value in found.items() if name != "user"}
    assert found["user"]["id"] == alice.id


@pytest.fixture(params=["", ADDED])
def aliased(request: pytest.FixtureRequest, settings: Settings) -> bool:
    settings.ADDED_TASK_FIELDS = request.param
    return bool(request.param)


@pytest.mark.parametrize("due_at", [None, "2026-01-14T12:00:00.000000Z"])
@pytest.mark.parametrize("completed", [True, False])
def test_a_task_has_its_aliases_by_every_door_that_shows_it(
    alice: Caller, admin: Caller, aliased: bool, completed: bool, due_at: str | None
) -> None:
    created = alice.post(alice.tasks, {"title": "x", "completed": completed, "due_at": due_at})
    path = f"{alice.tasks}/{created.json['id']}"
    bulk = {"operations": [{"op": "update", "id": created.json["id"], "data": {"tags": ["a"]}}]}
    shown = [
        created.json,
        alice.get(path).json,
        alice.patch(path, {"description": "y"}).json,
        alice.post(f"{alice.tasks}/bulk", bulk).json["results"][0]["task"],
        *alice.get(alice.tasks).json["data"],
        *alice.get(f"/api/{alice.id}/").json["data"],
        *admin.get(f"/api/admin/users/{alice.id}/tasks").json["data"],
    ]

    aliases = {"status": "completed" if completed else "pending", "due_date": due_at} if aliased else {}
    assert len(shown) == 7
    for task in shown:
        assert {name: task[name] for name in ("status", "due_date") if name in task} == aliases


def test_a_written_and_a_read_task_are_the_same_bytes(alice: Caller, aliased: bool) -> None:
    created = alice.post(alice.tasks, {"title": "é", "due_date": "2026-01-14", "tags": ["a"], "priority": "high"})

    assert alice.get(f"{alice.tasks}/{created.json['id']}").content == created.content
    assert orjson.dumps(alice.get(alice.tasks).json["data"][0]) == created.content


def test_what_was_read_can_be_sent_back_whole(alice: Caller, settings: Settings) -> None:
    settings.ADDED_TASK_FIELDS = ADDED
    task = alice.post(alice.tasks, {"title": "x", "due_date": "2026-01-14T12:34:56.789Z"}).json

    assert alice.put(f"{alice.tasks}/{task['id']}", task).json == task
    changed = alice.put(f"{alice.tasks}/{task['id']}", task | {"status": "completed", "due_date": "2026-02-01"}).json
    assert (changed["completed"], changed["due_at"]) == (True, "2026-02-01T00:00:00.000000Z")


# --- The chat -------------------------------------------------------------------------------------


@pytest.fixture(params=["objects", "names"])
def calls_as(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.CHAT_TOOL_CALLS = request.param
    return str(request.param)


def check(caller: Caller, turn: dict[str, Any], calls_as: str) -> None:
    assert turn["response_text"] == turn["response"]
    calls = turn["tool_invocations"]
    assert [call["name"] for call in calls] == [call["tool"] for call in calls] == ["add_task"]
    assert turn["tool_calls"] == (["add_task"] if calls_as == "names" else calls)
    kept = Message.objects.get(user_id=caller.id, role="assistant")
    assert turn["message"] == {
        "id": str(kept.id),
        "role": "assistant",
        "content": turn["response"],
        "created_at": kept.created_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }


def events(answer: bytes) -> Iterator[tuple[str, Any]]:
    for written in answer.decode().split("\n\n"):
        if written.startswith("event: "):
            name, _, data = written.removeprefix("event: ").partition("\ndata: ")
            yield name, orjson.loads(data)


def test_a_turn_is_told_in_the_words_of_all(alice: Caller, calls_as: str) -> None:
    turn = alice.post("/api/chat", {"message": "Add task: buy milk", "user_id": "somebody-else"}).json

    check(alice, turn, calls_as)
    assert UUID(turn["message"]["id"])


def test_so_is_one_that_is_replayed(alice: Caller, settings: Settings) -> None:
    body = {"message": "Add task: buy milk"}
    alice.post("/api/chat", body, Idempotency_Key="k")

    # As the settings are now, not as they were then.
    settings.CHAT_TOOL_CALLS = "names"
    again = alice.post("/api/chat", body, Idempotency_Key="k")

    assert again.headers["Idempotency-Replayed"] == "true"
    check(alice, again.json, "names")


def test_so_is_one_replayed_as_events(alice: Caller, calls_as: str) -> None:
    body = {"message": "Add task: buy milk"}
    alice.post("/api/chat", body, Idempotency_Key="k")

    again = alice.post("/api/chat", body, Idempotency_Key="k", Accept="text/event-stream")

    told = dict(events(again.content))
    assert told["tool_call"]["name"] == told["tool_call"]["tool"] == "add_task"
    check(alice, told["done"], calls_as)


def test_a_yes_too(alice: Caller, calls_as: str) -> None:
    for number in range(7):
        alice.post("/api/tasks", {"title": f"Task {number}"})
    asked = alice.post("/api/chat", {"message": "complete all tasks"}).json
    path = f"/api/conversations/{asked['conversation_id']}/confirm"

    turn = alice.post(path, {"action_id": asked["pending_action"]["id"]}).json

    assert turn["response_text"] == turn["response"]
    assert {call["name"] for call in turn["tool_invocations"]} == {"complete_task"}
    assert turn["tool_calls"] == (["complete_task"] * 7 if calls_as == "names" else turn["tool_invocations"])


def test_the_history_names_its_calls(alice: Caller, calls_as: str) -> None:
    conversation = alice.post("/api/chat", {"message": "Add task: buy milk"}).json["conversation_id"]

    said, answered = alice.get(f"/api/conversations/{conversation}").json["messages"]

    assert said["tool_calls"] == []
    (call,) = answered["tool_calls"]
    assert (call if calls_as == "names" else call["name"]) == "add_task"
