"""What was said is kept; what tools were told is counted, and left out."""

import json
from typing import Any, Final

import pytest

from assistant.models import Conversation, Message
from todo_project.importing.tests.backends import d
from todo_project.importing.tests.commands import everything, move, move_in_part
from todo_project.importing.tests.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("it looks at the rows of all whom the command moved")]

DATED: Final = "2025-03-04 06:00:00.000000"


def test_messages_without_a_place_are_counted_by_role(make_backend: Make) -> None:
    backend = make_backend("b")
    backend.fill("")

    said = move(backend)

    assert "messages: 4 read, 2 moved, 0 here already, 2 left out" in said
    assert "1 messages of role system were left out." in said
    assert "1 messages of role tool were left out." in said
    assert "1 calls of the tool add_task were left out." in said
    assert list(Message.objects.order_by("id").values_list("role", "content", "tool_calls", "exchange")) == [
        ("user", "by user", [], []),
        ("assistant", "by assistant", [], []),
    ]
    assert Conversation.objects.get().title == "by user"


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        (["add_task", "add_task"], "2 calls of the tool add_task were left out."),
        ([{"name": "Complete_Task", "args": {}}], "1 calls of the tool complete_task were left out."),
        ([{"toolName": "list_tasks"}], "2 calls of the tool list_tasks were left out."),
        ([{"type": "function", "function": {"name": "x"}}], "1 calls of the tool x were left out."),
        ([{"tool": "a secret <b>"}, 5, None, {}, [[]]], "5 calls of the tool (another) were left out."),
    ],
)
def test_calls_are_named_by_their_tool(make_file: Make, calls: Any, told: str) -> None:
    backend = make_file("d")
    backend.fill("")
    row = {"conversation_id": 5, "user_id": d.USER_ID, "role": "assistant", "created_at": DATED}
    backend.add("message", id=40, content="Done.", tool_calls=json.dumps(calls), **row)
    backend.add("message", id=41, content="", tool_calls=json.dumps(calls), **row)

    said = move(backend)

    assert told in said
    assert "1 messages that only call tools were left out." in said
    assert Message.objects.count() == 3


@pytest.mark.parametrize("calls", ["", "null", "{}", "[", "nonsense", "[" * 100_000, None])
def test_calls_that_are_none_take_nothing_along(make_file: Make, calls: str | None) -> None:
    backend = make_file("d")
    backend.fill("")
    row = {"conversation_id": 5, "user_id": d.USER_ID, "role": "bot", "content": "Done.", "created_at": DATED}
    backend.add("message", id=40, tool_calls=calls, **row)

    assert "messages: 3 read, 3 moved" in move(backend)


def test_messages_of_the_last_instant_there_is_stop_nobody(make_file: Make) -> None:
    backend = make_file("d")
    backend.fill("")
    row = {"conversation_id": 5, "user_id": d.USER_ID, "role": "user", "content": "Late"}
    for message_id in (40, 41):
        backend.add("message", id=message_id, created_at="9999-12-31 23:59:59.999999", **row)

    said = move_in_part(backend)

    assert "message 41 was left out: its time has none after it." in said
    assert "messages: 4 read, 3 moved, 0 here already, 1 left out" in said


def test_a_second_run_brings_none_twice(make_backend: Make) -> None:
    """Also where all were said at one instant, and their ids are in no order of time."""
    backend = make_backend("c")
    backend.fill("")
    backend.run("UPDATE messages SET created_at = '2025-03-04 06:00:00'")
    move(backend)
    before = everything()

    assert "messages: 2 read, 0 moved, 2 here already" in move(backend)
    assert everything() == before
