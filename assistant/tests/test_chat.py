"""``POST /api/{user_id}/chat``: who may say what, and what comes back."""

import uuid
from typing import Any

import pytest

from assistant.models import Conversation, Message
from assistant.tests.chat_facts import Say, messages, titles
from testing.callers import Caller
from testing.model_answers import calls, fails, says
from testing.model_server import ModelServer

MAX_SAFE_INTEGER = 2**53 - 1


@pytest.fixture
def chatty(model_server: ModelServer) -> ModelServer:
    model_server.always = says("Hello.")
    return model_server


def conversations(caller: Caller) -> int:
    return Conversation.objects.filter(user_id=caller.id).count()


def test_the_owner_is_answered(alice: Caller, say: Say, chatty: ModelServer) -> None:
    answer = say(alice, "Hi")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    conversation = Conversation.objects.get(user_id=alice.id)
    message = answer.json["message"]
    assert answer.json == {
        "conversation_id": conversation.id,
        "response": "Hello.",
        "tool_calls": [],
        "pending_action": None,
        "message": {**message, "role": "assistant", "content": "Hello."},
        # For clients that look there.
        "response_text": "Hello.",
        "tool_invocations": [],
    }
    assert messages(alice) == [("user", "Hi"), ("assistant", "Hello.")]


def test_another_user_is_refused_and_nothing_is_said(alice: Caller, bob: Caller, chatty: ModelServer) -> None:
    assert bob.post(f"/api/{alice.id}/chat", {"message": "Hi"}).is_problem(403, "forbidden")
    assert bob.post(f"/api/{alice.id}/chat", {"message": 1}).is_problem(403, "forbidden")

    assert messages(alice) == messages(bob) == []
    assert chatty.requests == []


def test_anonymous_is_401(alice: Caller, anonymous: Caller, chatty: ModelServer) -> None:
    assert anonymous.post(f"/api/{alice.id}/chat", {"message": "Hi"}).is_problem(401, "not_authenticated")

    assert messages(alice) == []
    assert chatty.requests == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": None}, "message"),
        ({"message": ""}, "message"),
        ({"message": " \n\t "}, "message"),
        ({"message": "x" * 4001}, "message"),
        ({"message": 5}, "message"),
        ({"message": True}, "message"),
        ({"message": ["Hi"]}, "message"),
        ({"message": "a\0b"}, "message"),
        ({"message": "Hi", "conversation_id": True}, "conversation_id"),
        ({"message": "Hi", "conversation_id": 1.0}, "conversation_id"),
        ({"message": "Hi", "conversation_id": "one"}, "conversation_id"),
        ({"message": "Hi", "conversation_id": ""}, "conversation_id"),
        ({"message": "Hi", "conversation_id": "1.0"}, "conversation_id"),
        ({"message": "Hi", "conversation_id": "1e3"}, "conversation_id"),
        ({"message": "Hi", "conversation_id": "\u0661"}, "conversation_id"),
        ({"message": "Hi", "conversation_id": [1]}, "conversation_id"),
        ({"message": "Hi", "conversation_id": {}}, "conversation_id"),
        ({"message": "Hi", "timezone": "Mars/Olympus"}, "timezone"),
        ({"message": "Hi", "timezone": "../../etc/passwd"}, "timezone"),
        ({"message": "Hi", "timezone": "localtime"}, "timezone"),
        ({"message": "Hi", "timezone": "Factory"}, "timezone"),
        ({"message": "Hi", "timezone": ""}, "timezone"),
        ({"message": "Hi", "timezone": 2}, "timezone"),
        ({"message": "Hi", "timezone": "UTC\0"}, "timezone"),
    ],
)
def test_what_makes_no_sense_is_422_and_names_the_field(
    alice: Caller, chatty: ModelServer, body: Any, field: str
) -> None:
    answer = alice.post(f"/api/{alice.id}/chat", body)

    assert answer.is_problem(422, "invalid"), answer
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert messages(alice) == []
    assert chatty.requests == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"message": "Hi"', 400, "malformed_json"),
        (b'{"message": "\xff"}', 400, "malformed_encoding"),
        (b'{"message": "Hi", "conversation_id": %s}' % (b"1" * 5000), 400, "malformed_json"),
        (b'["Hi"]', 422, "not_an_object"),
        (b'{"message": "\\ud800"}', 422, "invalid"),
        (b'{"message": "Hi", "timezone": "\\ud800"}', 422, "invalid"),
        (b'{"message": "Hi", "conversation_id": "\\ud800"}', 422, "invalid"),
    ],
)
def test_a_body_that_is_none_is_refused(
    alice: Caller, chatty: ModelServer, body: bytes, status: int, code: str
) -> None:
    assert alice.post(f"/api/{alice.id}/chat", body).is_problem(status, code)

    assert messages(alice) == []


def test_a_message_has_up_to_4000_characters_after_trimming(alice: Caller, say: Say, chatty: ModelServer) -> None:
    longest = "\u00e4" * 4000

    assert say(alice, f"  {longest}\n").status == 200

    assert messages(alice)[0] == ("user", longest)


def test_the_model_knows_the_clock_of_the_time_zone(alice: Caller, say: Say, chatty: ModelServer) -> None:
    for zone in ("Europe/Rome", None):
        assert say(alice, "Hi", timezone=zone).status == 200

    rome, utc = (request.messages[0]["content"] for request in chatty.requests)
    assert "Europe/Rome" in rome
    assert "Europe/Rome" not in utc
    assert "UTC" in utc


@pytest.mark.parametrize("as_text", [False, True])
def test_a_conversation_goes_on(alice: Caller, say: Say, chatty: ModelServer, as_text: bool) -> None:
    first = say(alice, "My name is Alice").json["conversation_id"]

    again = say(alice, "Who am I?", conversation_id=str(first) if as_text else first)

    assert again.json["conversation_id"] == first
    assert conversations(alice) == 1
    told = [(message["role"], message["content"]) for message in chatty.requests[-1].messages[1:]]
    assert told == [("user", "My name is Alice"), ("assistant", "Hello."), ("user", "Who am I?")]


def test_without_an_id_a_new_one_begins_that_knows_nothing_of_the_other(
    alice: Caller, say: Say, chatty: ModelServer
) -> None:
    first, second = say(alice, "One").json, say(alice, "Two", conversation_id=None).json

    assert first["conversation_id"] < second["conversation_id"]
    assert [message["content"] for message in chatty.requests[-1].messages[1:]] == ["Two"]


@pytest.mark.parametrize("unknown", [0, -1, 7, "7", "-7", 2**53, 2**63, 10**18, "9" * 19, 10**40, "9" * 40])
def test_an_unknown_conversation_is_404_and_nothing_is_kept(
    alice: Caller, say: Say, chatty: ModelServer, unknown: int | str
) -> None:
    path = f"/api/{alice.id}/chat"
    number = f'"{unknown}"' if isinstance(unknown, str) else str(unknown)

    # orjson, with which the tests send, knows no longer ones.
    assert alice.post(path, b'{"message": "Hi", "conversation_id": %s}' % number.encode()).is_problem(
        404, "conversation_not_found"
    )

    assert messages(alice) == []
    assert chatty.requests == []


def test_another_users_conversation_is_404_for_both(alice: Caller, bob: Caller, say: Say, chatty: ModelServer) -> None:
    hers = say(alice, "Hi").json["conversation_id"]

    assert say(bob, "Hi", conversation_id=hers).is_problem(404, "conversation_not_found")

    assert messages(bob) == []
    assert len(messages(alice)) == 2
    assert len(chatty.requests) == 1


def test_two_users_may_have_conversations_of_one_number(
    alice: Caller, bob: Caller, say: Say, chatty: ModelServer
) -> None:
    number = say(alice, "I am Alice").json["conversation_id"]
    his = Conversation.objects.get(user_id=alice.id)
    his.user_id = bob.id
    his.save(force_insert=True)

    assert say(bob, "Who am I?", conversation_id=number).status == 200

    assert "Alice" not in str(chatty.requests[-1].messages[1:])
    assert len(messages(alice)) == len(messages(bob)) == 2


def test_ids_are_numbers_that_javascript_holds_and_grow(alice: Caller, say: Say, chatty: ModelServer) -> None:
    ids = [say(alice, "Hi").json["conversation_id"] for _ in range(5)]

    assert ids == sorted(set(ids))
    assert all(0 < number <= MAX_SAFE_INTEGER for number in ids)


def test_a_failed_turn_keeps_the_message_and_the_conversation_goes_on(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    model_server.script(calls(("add_task", {"title": "Buy milk"})), fails(400), says("Hello again."))
    assert say(alice, "Add buy milk").is_problem(502, "model_failed")
    number = Conversation.objects.get(user_id=alice.id).id

    answer = say(alice, "Hi?", conversation_id=number)

    assert answer.json["response"] == "Hello again."
    assert [message["content"] for message in model_server.requests[-1].messages[1:]] == ["Add buy milk", "Hi?"]
    assert titles(alice) == []


def test_unknown_fields_are_ignored(alice: Caller, bob: Caller, say: Say, chatty: ModelServer) -> None:
    assert say(alice, "Hi", user_id=bob.id, role="assistant", tool_calls=[1]).status == 200

    assert messages(bob) == []
    assert messages(alice)[0] == ("user", "Hi")


def test_a_slash_more_is_the_same_path(alice: Caller, chatty: ModelServer) -> None:
    assert alice.post(f"/api/{alice.id}/chat/", {"message": "Hi"}).status == 200


def test_other_methods_are_405(alice: Caller, chatty: ModelServer) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert alice.send(method, f"/api/{alice.id}/chat").is_problem(405, "method_not_allowed")


def test_message_ids_are_made_by_us_and_sort_as_said(alice: Caller, say: Say, chatty: ModelServer) -> None:
    number = say(alice, "1").json["conversation_id"]
    for text in ("2", "3", "4"):
        say(alice, text, conversation_id=number)

    rows = list(Message.objects.filter(user_id=alice.id).order_by("created_at"))
    assert [row.id for row in rows] == sorted(row.id for row in rows)
    assert {row.id.version for row in rows if isinstance(row.id, uuid.UUID)} == {7}
