"""The assistant's tools through the door of the Model Context Protocol."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it has none
from pytest_django import Settings

from assistant.models import Conversation, PendingAction
from assistant.tests.mcp_client import McpClient
from assistant.turn import confirmations
from core import quotas
from tasks import services
from tasks.models import Task
from testing.callers import Caller, in_parallel

MakeTask = Callable[..., Task]


@pytest.fixture
def client(alice: Caller) -> McpClient:
    return McpClient(alice.user)


def titles(owner: Caller) -> list[str]:
    return sorted(Task.objects.visible_to(owner.user).values_list("title", flat=True))


def test_tasks_are_added_changed_completed_and_shown(alice: Caller, client: McpClient) -> None:
    added = client.do("add_task", title="Buy milk", tags=["home"], due_at="2026-01-14T10:00:00+01:00")["task"]
    assert added["due_at"] == "2026-01-14T09:00:00.000000Z"

    assert client.do("complete_task", task="milk")["task"]["completed"] is True
    assert client.do("complete_task", task=added["id"])["unchanged"] is True
    assert client.do("reopen_task", task=added["id"])["task"]["completed"] is False
    assert (
        client.do("update_task", task="buy milk", title="Buy oat milk", clear=["due_at"])["task"].get("due_at") is None
    )

    assert client.do("list_tasks", tags=["home"]) == {
        "tasks": [
            {"id": added["id"], "title": "Buy oat milk", "completed": False, "priority": "medium", "tags": ["home"]}
        ],
        "count": 1,
        "more": False,
    }
    assert client.do("search_tasks", query="oat")["count"] == 1
    assert Task.objects.visible_to(alice.user).get().version == 4
    assert not Conversation.objects.filter(user_id=alice.id).exists()


def test_a_deletion_waits_for_a_tool_of_its_own(alice: Caller, client: McpClient, make_task: MakeTask) -> None:
    task = make_task(alice, "Buy milk")

    result = client.call("delete_task", task="milk")

    asked = result["structuredContent"]
    assert titles(alice) == ["Buy milk"]
    assert asked["needs_confirmation"] is True
    assert asked["task"]["id"] == str(task.id)
    assert set(asked["pending_action"]) == {"id", "summary", "expires_at"}
    assert asked["pending_action"]["summary"] == "This would delete “Buy milk”."
    assert asked["pending_action"]["id"] in result["content"][0]["text"]
    done = client.call("confirm_action", action_id=asked["pending_action"]["id"])
    assert done["structuredContent"] == {"task": {"id": str(task.id), "title": "Buy milk"}}
    assert done["content"][0]["text"] == "Deleted “Buy milk”."
    assert titles(alice) == []
    assert client.fail("confirm_action", action_id=asked["pending_action"]["id"]) == "action_not_found"


def test_nobody_else_confirms_it(alice: Caller, bob: Caller, client: McpClient, make_task: MakeTask) -> None:
    make_task(alice, "Buy milk")
    action_id = client.do("delete_task", task="milk")["pending_action"]["id"]

    assert McpClient(bob.user).fail("confirm_action", action_id=action_id) == "action_not_found"

    assert titles(alice) == ["Buy milk"]
    assert client.do("confirm_action", action_id=action_id)


def test_what_changed_meanwhile_is_left_as_it_is(alice: Caller, client: McpClient, make_task: MakeTask) -> None:
    task = make_task(alice, "Buy milk")
    action_id = client.do("delete_task", task="milk")["pending_action"]["id"]
    services.edit_task(alice.id, task.id, {"title": "Keep me"})

    assert client.fail("confirm_action", action_id=action_id) == "precondition_failed"

    assert titles(alice) == ["Keep me"]


def test_it_waits_for_ten_minutes(alice: Caller, client: McpClient, make_task: MakeTask) -> None:
    make_task(alice, "Buy milk")
    action_id = client.do("delete_task", task="milk")["pending_action"]["id"]
    PendingAction.objects.filter(user_id=alice.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.fail("confirm_action", action_id=action_id) == "action_not_found"

    assert titles(alice) == ["Buy milk"]


def test_several_wait_at_once_and_the_oldest_give_way(
    alice: Caller, client: McpClient, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmations, "MAX_APART", 2)
    ids = [
        client.do("delete_task", task=str(make_task(alice, f"Task {number}").id))["pending_action"]["id"]
        for number in range(3)
    ]

    assert client.fail("confirm_action", action_id=ids[0]) == "action_not_found"
    assert client.do("confirm_action", action_id=ids[1])
    assert client.do("confirm_action", action_id=ids[2])
    assert titles(alice) == ["Task 0"]


def test_what_waits_in_the_chat_is_the_chats(alice: Caller, client: McpClient, make_task: MakeTask) -> None:
    for number in range(6):
        make_task(alice, f"Task {number}")
    waiting = alice.post(f"/api/{alice.id}/chat", {"message": "complete all tasks"}).json["pending_action"]
    assert waiting

    assert client.fail("confirm_action", action_id=waiting["id"]) == "action_not_found"
    assert PendingAction.objects.filter(user_id=alice.id).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_yeses_at_once_one_counts(alice: Caller, client: McpClient, make_task: MakeTask) -> None:
    make_task(alice, "Buy milk")
    action_id = client.do("delete_task", task="milk")["pending_action"]["id"]

    results = in_parallel([lambda: client.call("confirm_action", action_id=action_id)] * 6)

    assert [result["isError"] for result in results].count(False) == 1
    assert titles(alice) == []


# The ways in which a model was seen to say yes for the person, or to get around the question.
TRICKS: list[tuple[str, dict[str, Any]]] = [
    ("delete_task", {"task": "milk", "confirmed": True}),
    ("delete_task", {"task": "milk", "needs_confirmation": False}),
    ("delete_task", {"task": "milk", "action_id": str(uuid.UUID(int=1))}),
    ("delete_task", {"task": ["milk"]}),
    ("delete_task", {"task": {"title": "milk"}}),
    ("delete_task", {"task": "yes"}),
    ("delete_task", {"task": "*"}),
    ("delete_task", {}),
    ("confirm_action", {}),
    ("confirm_action", {"action_id": None}),
    ("confirm_action", {"action_id": "yes"}),
    ("confirm_action", {"action_id": str(uuid.UUID(int=1))}),
    ("confirm_action", {"action_id": [str(uuid.UUID(int=1))]}),
    ("confirm_action", {"action_id": str(uuid.UUID(int=1)), "force": True}),
    ("update_task", {"task": "milk", "deleted": True}),
    ("update_task", {"task": "milk", "due_day": "soon"}),
    ("update_task", {"task": "milk", "shift_days": "x"}),
    ("update_task", {"task": "milk", "user_id": "somebody"}),
    ("list_tasks", {"completed_after": 1}),
    ("list_tasks", {"offset": -1}),
    ("add_task", {"title": " \0"}),
    ("add_task", {"title": "x" * 201}),
    ("add_task", {"title": "x", "description": "x" * 17_000}),
]


@pytest.mark.parametrize(("tool", "arguments"), TRICKS)
def test_nothing_else_deletes(
    alice: Caller, client: McpClient, make_task: MakeTask, tool: str, arguments: dict[str, Any]
) -> None:
    make_task(alice, "Buy milk")
    client.do("delete_task", task="milk")

    assert client.call(tool, **arguments)["isError"]

    assert titles(alice) == ["Buy milk"]
    assert Task.objects.visible_to(alice.user).get().version == 1


def test_refusals_are_for_the_model_to_read(alice: Caller, client: McpClient, make_task: MakeTask) -> None:
    for title in ("Buy milk", "Buy bread"):
        make_task(alice, title)

    refusal = client.error(client.call("complete_task", task="buy"))

    assert refusal["code"] == "ambiguous_task"
    assert sorted(match["title"] for match in refusal["matches"]) == ["Buy bread", "Buy milk"]
    assert "number" not in refusal["matches"][0]
    assert client.fail("complete_task", task="#1") == "task_not_found"
    assert client.fail("add_task", title="") == "invalid_arguments"
    assert client.fail("list_tasks", limit=0) == "invalid_arguments"
    assert client.fail("add_task", title="x", due_at="tomorrow") == "invalid_arguments"


def test_another_persons_tasks_are_none(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice, "Buy milk")
    client = McpClient(bob.user)

    for tool in ("complete_task", "reopen_task", "delete_task"):
        assert client.fail(tool, task=str(task.id)) == "task_not_found"
    assert client.fail("update_task", task=str(task.id), title="x") == "task_not_found"
    assert client.do("list_tasks")["count"] == 0
    assert Task.objects.visible_to(alice.user).get().version == 1


def test_a_cap_is_told(alice: Caller, client: McpClient, settings: Settings) -> None:
    settings.MAX_TASKS = 1
    client.do("add_task", title="One")

    assert client.fail("add_task", title="Two") == "quota_exceeded"
    assert quotas.used(alice.id)["tasks"] == 1


def test_answers_are_what_the_definitions_say(alice: Caller, client: McpClient, make_task: MakeTask) -> None:
    make_task(alice, "Buy milk", description="Oat", tags=["home"], due_at=timezone.now())
    tools = {tool["name"]: tool for tool in client.send("tools/list").json["result"]["tools"]}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("add_task", {"title": "Buy bread", "priority": "high"}),
        ("list_tasks", {}),
        ("search_tasks", {"query": "milk"}),
        ("complete_task", {"task": "milk"}),
        ("reopen_task", {"task": "milk"}),
        ("update_task", {"task": "milk", "tags": []}),
        ("delete_task", {"task": "milk"}),
    ]
    for tool in tools.values():
        for schema in (tool["inputSchema"], tool["outputSchema"]):
            Draft202012Validator.check_schema(schema)

    for name, arguments in calls:
        Draft202012Validator(tools[name]["inputSchema"]).validate(arguments)
        result = client.call(name, **arguments)
        Draft202012Validator(tools[name]["outputSchema"]).validate(result["structuredContent"])
        assert orjson.loads(result["content"][-1]["text"]) == result["structuredContent"]
    action_id = result["structuredContent"]["pending_action"]["id"]
    done = client.do("confirm_action", action_id=action_id)
    Draft202012Validator(tools["confirm_action"]["outputSchema"]).validate(done)


def test_hints_tell_what_reads_and_what_destroys(client: McpClient) -> None:
    hints = {tool["name"]: tool["annotations"] for tool in client.send("tools/list").json["result"]["tools"]}

    assert {name for name, hint in hints.items() if hint["readOnlyHint"]} == {"list_tasks", "search_tasks"}
    assert {name for name, hint in hints.items() if hint.get("destructiveHint")} == {
        "update_task",
        "delete_task",
        "confirm_action",
    }
    assert not any(hint["openWorldHint"] for hint in hints.values())


def test_scopes_open_tools(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice, "Buy milk")
    reader, writer, talker = (McpClient(alice.user, scope) for scope in ("tasks:read", "tasks:write", "chat"))

    def tools(client: McpClient) -> list[str]:
        return [tool["name"] for tool in client.send("tools/list").json["result"]["tools"]]

    assert tools(reader) == ["list_tasks", "search_tasks"]
    assert "add_task" in tools(writer)
    assert "list_tasks" not in tools(writer)
    assert tools(talker) == []
    assert reader.do("list_tasks")["count"] == 1
    assert writer.do("complete_task", task=str(task.id))
    for client, tool, arguments, scopes in (
        (reader, "add_task", {"title": "x"}, "tasks:write"),
        (reader, "delete_task", {"task": str(task.id)}, "tasks:write"),
        (reader, "confirm_action", {"action_id": str(task.id)}, "tasks:write"),
        (writer, "list_tasks", {}, "tasks:read"),
        # Its words would tell which tasks there are.
        (writer, "complete_task", {"task": "milk"}, "tasks:read tasks:write"),
        (talker, "list_tasks", {}, "tasks:read"),
    ):
        answer = client.send("tools/call", {"name": tool, "arguments": arguments})
        assert answer.is_problem(403, "insufficient_scope"), (tool, answer)
        assert answer.headers["WWW-Authenticate"] == (
            f'Bearer error="insufficient_scope", scope="{scopes}", '
            'resource_metadata="http://testserver/.well-known/oauth-protected-resource/mcp"'
        )
    assert titles(alice) == ["Buy milk"]
