"""Other ways to the assistant's conversations."""

import pytest
from pytest_django import Settings

from assistant.models import Conversation
from testing.callers import Caller


@pytest.fixture
def talked(alice: Caller) -> str:
    """Alice's newest conversation of two, with four messages."""
    alice.post("/api/chat", {"message": "Hello"})
    turn = alice.post("/api/chat", {"message": "Add task: buy milk"}).json
    alice.post("/api/chat", {"message": "thanks", "conversation_id": turn["conversation_id"]})
    return f"/api/{alice.id}/conversations/{turn['conversation_id']}"


def test_its_messages_are_those_of_the_conversation(alice: Caller, talked: str) -> None:
    listed = alice.get(f"{talked}/messages").json

    assert listed["data"] == alice.get(talked).json["messages"]
    assert [message["role"] for message in listed["data"]] == ["user", "assistant", "user", "assistant"]
    assert (listed["meta"]["count"], listed["meta"]["next_cursor"]) == (4, None)


@pytest.mark.parametrize("path", ["/api/{me}/conversations/history", "/api/conversations/history"])
def test_the_history_is_the_newest_ones(alice: Caller, talked: str, path: str) -> None:
    found = alice.get(path.format(me=alice.id)).json

    assert found["data"] == alice.get(f"{talked}/messages").json["data"]


def test_without_a_conversation_there_is_no_history(alice: Caller, bob: Caller, talked: str) -> None:
    assert bob.get("/api/conversations/history").is_problem(404, "conversation_not_found")


@pytest.mark.parametrize("shape", [False, "tasks", "data.tasks"])
def test_messages_stand_in_the_shape_of_lists(alice: Caller, talked: str, settings: Settings, shape: object) -> None:
    messages = alice.get(talked).json["messages"]
    settings.LIST_ENVELOPE = shape

    found = alice.get(f"{talked}/messages?limit=3").json

    whole = found["data"] if shape == "data.tasks" else found
    if shape:
        assert (whole["total"], whole["count"]) == (4, 4)
    assert (whole["messages"] if shape else whole) == messages[1:]


def test_earlier_ones_come_before_a_message(alice: Caller, talked: str) -> None:
    messages = alice.get(talked).json["messages"]

    assert alice.get(f"{talked}/messages?before={messages[2]['id']}").json["data"] == messages[:2]
    assert alice.get(f"{talked}/messages?before=x").is_problem(422, "invalid")


def test_nobody_elses_messages_are_shown(alice: Caller, bob: Caller, anonymous: Caller, talked: str) -> None:
    own_path = talked.replace(f"/{alice.id}/", "/")

    assert bob.get(f"{own_path}/messages").is_problem(404, "conversation_not_found")
    assert bob.get(f"{talked}/messages").is_problem(403, "forbidden")
    assert anonymous.get(f"{own_path}/messages").is_problem(401)
    assert alice.get("/api/conversations/nothing/messages").is_problem(404, "conversation_not_found")


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ({}, "New conversation"),
        ({"title": None}, "New conversation"),
        ({"title": ""}, "New conversation"),
        ({"title": " Groceries "}, "Groceries"),
    ],
)
def test_one_is_opened_in_which_nothing_has_been_said(alice: Caller, body: dict[str, object], title: str) -> None:
    answer = alice.post("/api/conversations", body)

    assert answer.status == 201
    assert (answer.json["title"], answer.json["messages"]) == (title, [])
    turn = alice.post("/api/chat", {"message": "Hello", "conversation_id": answer.json["id"]})
    assert turn.json["conversation_id"] == answer.json["id"]
    assert Conversation.objects.filter(user_id=alice.id).count() == 1


@pytest.mark.parametrize("title", [5, "x" * 81, "\x00"])
def test_a_bad_title_is_422_and_opens_none(alice: Caller, title: object) -> None:
    assert alice.post("/api/conversations", {"title": title}).is_problem(422, "invalid")

    assert not Conversation.objects.filter(user_id=alice.id).exists()
