"""``GET /api/{user_id}/conversations``, and one of them: read, delete."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from assistant.models import Conversation, Message, PendingAction, TokenUse
from assistant.tests.chat_facts import Say, messages
from core.limits.allowances import Rate
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _chatty(model_server: ModelServer, settings: Settings) -> None:
    settings.CHAT_RATE_LIMIT = Rate(1000, 60)
    model_server.always = says("Hello.")


@pytest.fixture
def number(alice: Caller, say: Say) -> int:
    found: int = say(alice, "First things first").json["conversation_id"]
    return found


def path(caller: Caller, number: object = "") -> str:
    return f"/api/{caller.id}/conversations" + (f"/{number}" if number else "")


def test_the_owner_lists_their_own_newest_first(alice: Caller, bob: Caller, say: Say) -> None:
    made = [say(alice, f"Message {count}").json["conversation_id"] for count in range(3)]
    say(bob, "His")

    answer = alice.get(path(alice))

    assert answer.status == 200
    assert set(answer.json) == {"data", "meta"}
    assert [row["id"] for row in answer.json["data"]] == made[::-1]
    row = answer.json["data"][0]
    assert set(row) == {"id", "title", "created_at", "updated_at"}
    assert row["title"] == "Message 2"
    assert row["created_at"].endswith("Z")
    assert answer.json["meta"]["count"] == 3


def test_the_list_has_pages(alice: Caller, say: Say) -> None:
    made = [say(alice, "Hi").json["conversation_id"] for _ in range(5)]
    found: list[int] = []
    cursor = ""
    while True:
        page = alice.get(f"{path(alice)}?limit=2{cursor}").json
        found += [row["id"] for row in page["data"]]
        if not page["meta"]["next_cursor"]:
            break
        cursor = f"&cursor={page['meta']['next_cursor']}"

    assert found == made[::-1]
    assert alice.get(f"{path(alice)}?limit=0").is_problem(422)
    assert alice.get(f"{path(alice)}?cursor=x").is_problem(422, "invalid")


def test_a_cursor_of_somebody_else_is_none(alice: Caller, bob: Caller, say: Say) -> None:
    for _ in range(3):
        say(bob, "Hi")
    cursor = bob.get(f"{path(bob)}?limit=1").json["meta"]["next_cursor"]

    assert alice.get(f"{path(alice)}?cursor={cursor}").is_problem(422, "invalid")


def test_titles_are_the_beginning_of_the_first_message(alice: Caller, say: Say) -> None:
    say(alice, f"  Many\n\n words {'x' * 200}")

    title = alice.get(path(alice)).json["data"][0]["title"]

    assert len(title) == 80
    assert title.startswith("Many words xxx")
    assert title.endswith("x\u2026")


def test_what_was_said_is_read_in_its_order(alice: Caller, say: Say, number: int, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Tea"})), says("Added."))
    turn = say(alice, "Add tea", conversation_id=number).json

    answer = alice.get(path(alice, number))

    assert answer.status == 200
    whole = answer.json
    assert set(whole) == {"id", "title", "created_at", "updated_at", "messages", "pending_action"}
    assert (whole["id"], whole["title"]) == (number, "First things first")
    assert whole["updated_at"] > whole["created_at"]
    said = whole["messages"]
    assert all(set(message) == {"id", "role", "content", "tool_calls", "created_at"} for message in said)
    assert [(message["role"], message["content"]) for message in said] == [
        ("user", "First things first"), ("assistant", "Hello."), ("user", "Add tea"), ("assistant", "Added."),
    ]  # fmt: skip
    assert [message["tool_calls"] for message in said] == [[], [], [], turn["tool_calls"]]
    times = [datetime.fromisoformat(message["created_at"]) for message in said]
    assert times == sorted(times)


def test_older_messages_come_before_one(alice: Caller, say: Say, number: int) -> None:
    say(alice, "Second", conversation_id=number)
    said = alice.get(path(alice, number)).json["messages"]

    earlier = alice.get(f"{path(alice, number)}?before={said[2]['id']}").json["messages"]

    assert earlier == said[:2]
    assert alice.get(f"{path(alice, number)}?before={said[0]['id']}").json["messages"] == []
    for nonsense in ("x", "", "1"):
        answer = alice.get(f"{path(alice, number)}?before={nonsense}")
        assert answer.is_problem(422)
        assert answer.json["errors"][0]["field"] == "before"


def test_the_owner_deletes_it_with_all_that_was_said(
    alice: Caller, say: Say, number: int, make_task: Callable[..., Task], model_server: ModelServer
) -> None:
    make_task(alice, "Pay rent")
    model_server.script(calls(("delete_task", {"task": "rent"})), says("Sure?"))
    assert say(alice, "Tidy up", conversation_id=number).json["pending_action"]
    other = say(alice, "Another").json["conversation_id"]

    answer = alice.delete(path(alice, number))

    assert (answer.status, answer.content) == (204, b"")
    assert alice.get(path(alice, number)).is_problem(404, "conversation_not_found")
    assert alice.delete(path(alice, number)).is_problem(404, "conversation_not_found")
    assert say(alice, "yes", conversation_id=number).is_problem(404, "conversation_not_found")
    assert [row["id"] for row in alice.get(path(alice)).json["data"]] == [other]
    assert messages(alice) == [("user", "Another"), ("assistant", "Hello.")]
    assert not PendingAction.objects.filter(user_id=alice.id).exists()
    # What a day cost does not depend on it.
    assert sum(TokenUse.objects.filter(user_id=alice.id).values_list("tokens", flat=True)) == 4 * 150
    assert len(alice.get(alice.tasks).json["data"]) == 1


def test_another_user_and_anonymous_reach_nothing(alice: Caller, bob: Caller, anonymous: Caller, number: int) -> None:
    for method, where in (("GET", path(alice)), ("GET", path(alice, number)), ("DELETE", path(alice, number))):
        assert bob.send(method, where).is_problem(403, "forbidden")
        assert anonymous.send(method, where).is_problem(401)
    assert bob.get(path(bob, number)).is_problem(404, "conversation_not_found")
    assert bob.delete(path(bob, number)).is_problem(404, "conversation_not_found")

    assert len(messages(alice)) == 2


@pytest.mark.parametrize("nonsense", ["x", "1.0", "0x1", "1e3", "+1", "%20", uuid.UUID(int=1), 0, -1, 10**19, 10**40])
def test_what_is_no_conversation_is_404(alice: Caller, nonsense: object) -> None:
    where = f"{path(alice)}/{nonsense}"

    assert alice.get(where).is_problem(404)
    assert alice.delete(where).is_problem(404)
    assert alice.post(f"{where}/confirm", {"action_id": str(uuid.uuid4())}).is_problem(404)


@pytest.mark.django_db(transaction=True)
def test_an_account_goes_with_all_its_conversations(
    make_user: Callable[..., User], bob: Caller, say: Say, model_server: ModelServer
) -> None:
    user = make_user("carol@example.com")
    user.set_password(PASSWORD)
    user.save()
    carol = Caller(user)
    carol.post(carol.tasks, {"title": "Pay rent"})
    model_server.script(calls(("delete_task", {"task": "rent"})), says("Sure?"))
    assert say(carol, "Tidy up").json["pending_action"]
    say(bob, "Hi")

    assert carol.delete("/api/auth/me", {"password": PASSWORD}).status == 204

    models: list[Any] = [Conversation, Message, PendingAction, TokenUse]
    assert [model.objects.filter(user_id=carol.id).count() for model in models] == [0, 0, 0, 0]
    assert [model.objects.filter(user_id=bob.id).count() for model in models] == [1, 2, 0, 1]
