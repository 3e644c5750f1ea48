"""The conversations one would write down for an assistant, each with the built-in provider and with a model."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.models import Conversation, Message
from assistant.tests.chat_facts import messages, tasks, titles
from assistant.tests.either_provider import Speaker, done, on_number, remind_tomorrow_at_nine, rows, tells
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import Scripted, calls, says
from testing.model_server import ModelServer

MakeTask = Callable[..., Task]
LIST: Scripted = calls(("list_tasks", {}))
INDIA = ZoneInfo("Asia/Kolkata")


@pytest.fixture(params=["built-in", "model"])
def talk(request: pytest.FixtureRequest) -> Speaker:
    model: ModelServer | None = request.getfixturevalue("model_server") if request.param == "model" else None
    return Speaker(model)


@pytest.fixture
def three(alice: Caller, make_task: MakeTask) -> list[Task]:
    """Alice's, which a list shows as 3, 2 and 1."""
    return [make_task(alice, title) for title in ("Buy groceries", "Call plumber", "Pay rent")]


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("Add task: Buy groceries", {}),
        ("add a task to buy groceries #home !high", {"priority": "high", "tags": ["home"]}),
    ],
)
def test_create(alice: Caller, bob: Caller, talk: Speaker, message: str, arguments: dict[str, Any]) -> None:
    answer = talk(alice, message, calls(("add_task", {"title": "Buy groceries", **arguments})), tells)

    [result] = done(answer, "add_task")
    [task] = tasks(alice)
    assert (task.title.lower(), task.completed, task.tags) == ("buy groceries", False, arguments.get("tags", []))
    assert task.get_priority_display().lower() == arguments.get("priority", "medium")
    assert result["task"].items() >= {"id": str(task.id), "title": task.title, "completed": False}.items()
    assert task.title in answer.json["response"]
    assert messages(alice) == [("user", message), ("assistant", answer.json["response"])]
    assert tasks(bob) == []


def test_create_with_a_time_of_the_persons_own_clock(alice: Caller, talk: Speaker) -> None:
    days = [datetime.now(INDIA).date()]
    message = "remind me to pay the rent tomorrow at 9"

    answer = talk(alice, message, remind_tomorrow_at_nine, tells, timezone="Asia/Kolkata")

    days.append(datetime.now(INDIA).date())
    [result] = done(answer, "add_task")
    [task] = tasks(alice)
    assert task.due_at in {datetime.combine(day + timedelta(days=1), time(9), INDIA) for day in days}
    assert result["task"]["due_at"] == task.due_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.parametrize(
    ("message", "arguments", "shown"),
    [
        ("Show my tasks", {}, ["Pay rent", "Buy groceries", "Call plumber"]),
        ("Show my pending tasks", {"status": "pending"}, ["Pay rent", "Buy groceries"]),
        ("what have I completed?", {"status": "completed"}, ["Call plumber"]),
    ],
)
def test_list(
    alice: Caller, bob: Caller, make_task: MakeTask, three: list[Task], talk: Speaker, message: str,
    arguments: dict[str, Any], shown: list[str],
) -> None:  # fmt: skip
    make_task(bob, "Bob's own")
    alice.patch(f"{alice.tasks}/{three[1].id}/complete", {"completed": True})
    before = tasks(alice)

    answer = talk(alice, message, calls(("list_tasks", arguments)), tells)

    [result] = done(answer, "list_tasks")
    assert [(task["number"], task["title"]) for task in result["tasks"]] == list(enumerate(shown, 1))
    assert (result["count"], result["more"]) == (len(shown), False)
    for number, title in enumerate(shown, 1):
        assert f"{number}. {title}" in answer.json["response"]
    assert "Bob's own" not in answer.content.decode()
    assert [(task.id, task.version) for task in tasks(alice)] == [(task.id, task.version) for task in before]


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("mark 2 as done", on_number("complete_task", 2)),
        ("Complete task 'Call plumber'", calls(("complete_task", {"task": "Call plumber"}))),
        ("I finished call plumber", calls(("complete_task", {"task": "plumber"}))),
        ("delete 2", on_number("delete_task", 2)),
        ("Remove #2 please", on_number("delete_task", 2)),
        ("Delete the 'Call plumber' task", calls(("delete_task", {"task": "Call plumber"}))),
    ],
)
def test_complete_and_delete_by_number_and_by_title(
    alice: Caller, three: list[Task], talk: Speaker, message: str, call: Scripted
) -> None:
    is_deletion = message[0] in "dDR"
    number = talk(alice, "Show my tasks", LIST, tells).json["conversation_id"]

    answer = talk(alice, message, call, tells, conversation_id=number)

    [result] = done(answer, "delete_task" if is_deletion else "complete_task")
    assert (result["task"]["id"], result["task"]["completed"]) == (str(three[1].id), not is_deletion)
    others = {"Buy groceries": False, "Pay rent": False}
    assert rows(alice) == (others if is_deletion else {**others, "Call plumber": True})
    assert "Call plumber" in answer.json["response"]


@pytest.mark.parametrize(
    ("message", "arguments", "row"),
    [
        ("Change task 'Call plumber' to 'Call Ada'", {"title": "Call Ada"}, {"title": "Call Ada"}),
        ("rename 2 to Call Ada", {"title": "Call Ada"}, {"title": "Call Ada"}),
        ("make 2 high priority", {"priority": "high"}, {"priority": 3}),
        ("tag 2 with home", {"add_tags": ["home"]}, {"tags": ["home"]}),
    ],
)
def test_update(
    alice: Caller, three: list[Task], talk: Speaker, message: str, arguments: dict[str, Any], row: dict[str, Any]
) -> None:
    number = talk(alice, "Show my tasks", LIST, tells).json["conversation_id"]

    answer = talk(alice, message, on_number("update_task", 2, **arguments), tells, conversation_id=number)

    [result] = done(answer, "update_task")
    assert result["task"]["id"] == str(three[1].id)
    kept = {"title": "Call plumber", "priority": 2, "tags": [], "completed": False, "version": 2}
    changed = tasks(alice)[1]
    assert {name: getattr(changed, name) for name in kept} == {**kept, **row}
    assert [task.version for task in tasks(alice)] == [1, 2, 1]


def test_no_token_is_401(alice: Caller, anonymous: Caller, talk: Speaker) -> None:
    assert anonymous.post(f"/api/{alice.id}/chat", {"message": "Add task: x"}).is_problem(401, "not_authenticated")

    assert (tasks(alice), messages(alice), talk.asked) == ([], [], 0)


def test_another_user_is_403(alice: Caller, bob: Caller, three: list[Task], talk: Speaker) -> None:
    for message in ("Show my tasks", "Delete task 'Pay rent'", "Add task: x"):
        assert bob.post(f"/api/{alice.id}/chat", {"message": message}).is_problem(403, "forbidden")

    assert len(tasks(alice)) == 3
    assert (tasks(bob), messages(alice), messages(bob), talk.asked) == ([], [], [], 0)


def test_a_conversation_goes_on(alice: Caller, talk: Speaker) -> None:
    first = talk(alice, "Add task: Buy groceries", calls(("add_task", {"title": "Buy groceries"})), tells).json

    second = talk(alice, "Show my tasks", LIST, tells, conversation_id=first["conversation_id"]).json

    number = first["conversation_id"]
    assert second["conversation_id"] == number
    assert Message.objects.filter(user_id=alice.id, conversation_id=number).count() == 4
    whole = alice.get(f"/api/{alice.id}/conversations/{number}").json
    told = [(message["role"], message["content"]) for message in whole["messages"]]
    assert told == messages(alice)
    assert [message["tool_calls"] for message in whole["messages"][1::2]] == [first["tool_calls"], second["tool_calls"]]


def test_a_new_conversation_knows_no_numbers_of_another(alice: Caller, three: list[Task], talk: Speaker) -> None:
    first = talk(alice, "Show my tasks", LIST, tells).json

    second = talk(alice, "mark 2 as done", calls(("complete_task", {"task": "#2"})), tells).json

    assert second["conversation_id"] != first["conversation_id"]
    assert Conversation.objects.filter(user_id=alice.id).count() == 2
    assert second["tool_calls"][0]["result"]["error"]["code"] == "task_not_found"
    assert True not in rows(alice).values()


@pytest.mark.parametrize(
    ("message", "answers", "expected"),
    [
        ("asdf qwer zxcv", [says("You can add, show, complete, change and delete tasks.")], "show"),
        ("Add task:", [says("What should the task be called?")], "?"),
    ],
)
def test_nonsense_gets_guidance_and_a_missing_title_is_asked_for(
    alice: Caller, three: list[Task], talk: Speaker, message: str, answers: list[Scripted], expected: str
) -> None:
    answer = talk(alice, message, *answers)

    assert done(answer) == []
    assert expected in answer.json["response"]
    assert [task.version for task in tasks(alice)] == [1, 1, 1]
    assert len(messages(alice)) == 2


@pytest.mark.parametrize(
    ("message", "tool", "task"),
    [
        ("Complete task 'Walk the dog'", "complete_task", "Walk the dog"),
        ("Delete the 'Walk the dog' task", "delete_task", "Walk the dog"),
        ("mark 9 as done", "complete_task", "#9"),
        ("rename 9 to y", "update_task", "9"),
    ],
)
def test_an_unknown_task_is_said_to_be_unknown(
    alice: Caller, three: list[Task], talk: Speaker, message: str, tool: str, task: str
) -> None:
    more = {"title": "y"} if tool == "update_task" else {}

    answer = talk(alice, message, calls((tool, {"task": task, **more})), tells).json

    [call] = answer["tool_calls"]
    assert (call["tool"], call["result"]["error"]["code"]) == (tool, "task_not_found")
    assert task.strip("#") in answer["response"]
    assert answer["pending_action"] is None
    assert [row.version for row in tasks(alice)] == [1, 1, 1]


def test_a_whole_flow(alice: Caller, talk: Speaker) -> None:
    add = [calls(("add_task", {"title": title})) for title in ("Buy milk", "Call mum")]
    number = talk(alice, "Add task: Buy milk", add[0], tells).json["conversation_id"]
    flow: list[tuple[str, Scripted, dict[str, bool]]] = [
        ("Add task: Call mum", add[1], {"Buy milk": False, "Call mum": False}),
        ("Show my pending tasks", calls(("list_tasks", {"status": "pending"})), {"Buy milk": False, "Call mum": False}),
        ("mark 2 as done", on_number("complete_task", 2), {"Buy milk": True, "Call mum": False}),
        ("reopen 2", on_number("reopen_task", 2), {"Buy milk": False, "Call mum": False}),
        ("rename 1 to Call dad", on_number("update_task", 1, title="Call dad"), {"Buy milk": False, "Call dad": False}),
        ("delete 'Call dad'", calls(("delete_task", {"task": "Call dad"})), {"Buy milk": False}),
        ("Show my tasks", LIST, {"Buy milk": False}),
    ]
    for message, call, expected in flow:
        answer = talk(alice, message, call, tells, conversation_id=number)
        assert len(done(answer, answer.json["tool_calls"][0]["tool"])) == 1
        assert rows(alice) == expected, message

    assert answer.json["tool_calls"][0]["result"]["tasks"][0]["title"] == "Buy milk"
    assert len(messages(alice)) == 16
    assert alice.delete(f"/api/{alice.id}/conversations/{number}").status == 204
    assert messages(alice) == []
    assert titles(alice) == ["Buy milk"]
