"""Changes within a turn: what its reads see, what is left at its end, what others do meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from assistant.tests.chat_facts import Say, result, tasks, titles
from assistant.tests.slow_model import meanwhile
from assistant.tools.plans import Change, hold_tasks
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

Make = Callable[..., Task]


@pytest.mark.django_db
def test_several_tasks_are_locked_ahead_and_one_is_not(alice: Caller, make_task: Make) -> None:
    ids = [make_task(alice).id for _ in range(2)]
    changes = [Change("update_task", task_id, "Milk", {"priority": "high"}) for task_id in ids]

    def statements(of: list[Change]) -> int:
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            hold_tasks(of, alice.id)
        return sum("core_usage" in query["sql"] for query in queries)

    assert [statements(changes), statements(changes[:1]), statements([])] == [1, 0, 0]


def test_changes_of_one_task_add_up_and_reads_see_them(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make
) -> None:
    task = make_task(alice, "Buy milk", tags=["home"])
    name = {"task": str(task.id)}
    model_server.script(
        calls(("update_task", {**name, "title": "Buy oat milk"}), ("search_tasks", {"query": "oat"})),
        calls(("update_task", {"task": "oat", "priority": "high", "add_tags": ["shop"]}), ("complete_task", name)),
        calls(("list_tasks", {"status": "completed"}), ("reopen_task", name)),
        says("Done."),
    )

    answer = say(alice, "Change the milk")

    found = [call["result"].get("tasks") for call in answer.json["tool_calls"]]
    assert [task["title"] for task in found[1]] == ["Buy oat milk"]
    assert [(task["title"], task["priority"], task["tags"]) for task in found[4]] == [
        ("Buy oat milk", "high", ["home", "shop"])
    ]
    [after] = tasks(alice)
    assert (after.title, after.priority, after.tags, after.completed) == ("Buy oat milk", 3, ["home", "shop"], False)
    assert after.version == task.version + 4


def test_a_task_is_added_changed_and_deleted_in_one_turn(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(
        calls(("add_task", {"title": "Tea"}), ("update_task", {"task": "tea", "due_at": "2026-12-01T10:00:00+01:00"})),
        calls(("list_tasks", {"due_before": "2026-12-01T09:00:01Z"}), ("add_task", {"title": "Milk"})),
        says("Done."),
    )

    answer = say(alice, "Add tea and milk")

    assert [task["due_at"] for task in result(answer, 2)["tasks"]] == ["2026-12-01T09:00:00.000000Z"]
    assert titles(alice) == ["Tea", "Milk"]
    assert result(answer, 1)["task"]["id"] == str(tasks(alice)[0].id)


def test_nothing_is_written_before_the_end(alice: Caller, say: Say, model_server: ModelServer, make_task: Make) -> None:
    make_task(alice, "Pay rent")
    seen: list[list[str]] = []
    model_server.script(
        calls(("update_task", {"task": "rent", "title": "x"}), ("add_task", {"title": "Tea"}), ("list_tasks", {})),
        meanwhile(lambda: seen.append(titles(alice)) if connection.vendor == "postgresql" else None, says("Done.")),
    )

    say(alice, "Change it")

    # Beside a transaction that has made the task; with a rollback at the end of the test, that of the test itself.
    assert seen in ([], [[]], [["Pay rent"]])
    assert titles(alice) == ["x", "Tea"]


@pytest.mark.parametrize(
    ("arguments", "tags"),
    [
        ({"add_tags": ["Shop", "HOME"]}, ["home", "work", "shop"]),
        ({"remove_tags": ["Work", "none"]}, ["home"]),
        ({"add_tags": ["x"], "remove_tags": ["x", "home"]}, ["work"]),
        ({"tags": ["new"]}, ["new"]),
        ({"tags": []}, []),
        ({"tags": ["a"], "add_tags": ["b"], "remove_tags": ["A"]}, ["b"]),
    ],
)
def test_tags_are_added_and_removed(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make, arguments: Any, tags: list[str]
) -> None:
    make_task(alice, "Pay rent", tags=["home", "work"])
    model_server.script(calls(("update_task", {"task": "rent", **arguments})), says("Done."))

    say(alice, "Retag the rent")

    assert [tag.lower() for tag in tasks(alice)[0].tags] == tags


@pytest.mark.parametrize(
    ("tool", "arguments", "field"),
    [
        ("add_task", {}, "title"),
        ("add_task", {"title": "  "}, "title"),
        ("add_task", {"title": "x" * 201}, "title"),
        ("add_task", {"title": "x", "description": "x" * 1001}, "description"),
        ("add_task", {"title": "x", "priority": "urgent"}, "priority"),
        ("add_task", {"title": "x", "due_at": "2026-12-01T25:00:00"}, "due_at"),
        ("add_task", {"title": "x", "due_at": "tomorrow"}, "due_at"),
        ("add_task", {"title": "x", "tags": ["two words"]}, "tags"),
        ("add_task", {"title": "x", "tags": [f"t{number}" for number in range(21)]}, "tags"),
        ("update_task", {"task": "rent"}, "task"),
        ("update_task", {"task": "rent", "title": None}, "task"),
        ("update_task", {"task": "rent", "add_tags": [f"t{number}" for number in range(20)]}, "tags"),
        ("update_task", {"task": "rent", "add_tags": None}, "task"),
        ("update_task", {"task": "rent", "tags": 5, "add_tags": ["home"]}, "tags"),
        ("add_task", {"title": "x", "tags": "[home"}, "tags"),
        ("list_tasks", {"status": "open"}, "status"),
        ("list_tasks", {"ordering": "id"}, "ordering"),
        ("list_tasks", {"limit": 0}, "limit"),
        ("list_tasks", {"limit": 51}, "limit"),
        ("list_tasks", {"due_after": "yesterday"}, "due_after"),
        ("search_tasks", {}, "query"),
        ("search_tasks", {"query": " ".join(f"w{number}" for number in range(2000))}, "search"),
    ],
)
def test_what_is_not_valid_is_told_by_its_name_and_changes_nothing(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make, tool: str, arguments: Any, field: str
) -> None:
    task = make_task(alice, "Pay rent", tags=["home"])
    model_server.script(calls((tool, arguments)), says("Sorry."))

    answer = say(alice, "Go on")

    told = result(answer)["error"]
    assert told["code"] == "invalid_arguments"
    assert field in told["detail"]
    assert [(row.title, row.version) for row in tasks(alice)] == [("Pay rent", task.version)]


def test_what_is_so_already_is_told_and_left_alone(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make
) -> None:
    task = make_task(alice, "Pay rent", completed=True)
    model_server.script(
        calls(("complete_task", {"task": "rent"}), ("update_task", {"task": "rent", "title": "Pay rent"})), says("Hm.")
    )

    answer = say(alice, "I paid the rent")

    assert [call["result"]["unchanged"] for call in answer.json["tool_calls"]] == [True, True]
    assert [(row.version, row.updated_at) for row in tasks(alice)] == [(task.version, task.updated_at)]


def test_what_is_named_is_cleared(alice: Caller, say: Say, model_server: ModelServer, make_task: Make) -> None:
    make_task(alice, "Pay rent", description="at the bank")
    model_server.script(calls(("update_task", {"task": "rent", "clear": ["description", "due_at"]})), says("Done."))

    answer = say(alice, "Clear it")

    assert "description" not in result(answer)["task"]
    assert tasks(alice)[0].description is None
