"""Changes within a turn: what its reads see, what is left at its end, what others do meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from assistant import services as assistant
from assistant.models import Conversation, Message
from assistant.tests.looking import Background, Gate, error, meanwhile, messages, result, tasks, titles
from assistant.tests.talking import Say
from tasks import services
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

Make = Callable[..., Task]


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

    assert seen in ([], [[]])
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
        ("add_task", {"title": "x", "due_at": "2026-12-01T10:00:00"}, "due_at"),
        ("add_task", {"title": "x", "due_at": "tomorrow"}, "due_at"),
        ("add_task", {"title": "x", "tags": ["two words"]}, "tags"),
        ("add_task", {"title": "x", "tags": [f"t{number}" for number in range(21)]}, "tags"),
        ("update_task", {"task": "rent"}, "task"),
        ("update_task", {"task": "rent", "title": None}, "title"),
        ("update_task", {"task": "rent", "add_tags": [f"t{number}" for number in range(20)]}, "tags"),
        ("update_task", {"task": "rent", "add_tags": None}, "tags"),
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


def test_null_clears(alice: Caller, say: Say, model_server: ModelServer, make_task: Make) -> None:
    make_task(alice, "Pay rent", description="at the bank")
    model_server.script(calls(("update_task", {"task": "rent", "description": None, "due_at": None})), says("Done."))

    answer = say(alice, "Clear it")

    assert "description" not in result(answer)["task"]
    assert tasks(alice)[0].description is None


@pytest.mark.django_db(transaction=True)
def test_a_task_deleted_while_the_model_thinks_is_told_of_and_the_rest_is_done(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make
) -> None:
    rent = make_task(alice, "Pay rent")
    model_server.script(
        calls(("complete_task", {"task": "rent"}), ("add_task", {"title": "Tea"})),
        meanwhile(lambda: services.delete_task(alice.id, rent.id), says("Both done.")),
    )

    answer = say(alice, "I paid the rent; add tea")

    assert titles(alice) == ["Tea"]
    assert [error(answer, number) for number in (0, 1)] == ["task_not_found", None]
    assert "\u201cPay rent\u201d was left as it is" in answer.json["response"]


@pytest.mark.django_db(transaction=True)
def test_a_task_changed_while_the_model_thinks_is_not_deleted(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make
) -> None:
    rent = make_task(alice, "Pay rent")
    model_server.script(
        calls(("delete_task", {"task": "rent"})),
        meanwhile(lambda: services.edit_task(alice.id, rent.id, {"title": "Pay rent twice"}), says("Deleted.")),
    )

    answer = say(alice, "delete 'Pay rent'")

    assert error(answer) == "precondition_failed"
    assert titles(alice) == ["Pay rent twice"]


@pytest.mark.django_db(transaction=True)
def test_a_conversation_deleted_while_the_model_thinks_is_404_and_nothing_has_changed(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    def delete() -> None:
        assistant.delete_conversation(alice.user, Conversation.objects.get(user_id=alice.id).id)

    model_server.script(calls(("add_task", {"title": "Tea"})), meanwhile(delete, says("Done.")))

    assert say(alice, "Add tea").is_problem(404, "conversation_not_found")

    assert titles(alice) == []
    assert not Message.objects.filter(user_id=alice.id).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("last", [False, True])
def test_an_account_deleted_while_the_model_thinks_is_401_and_nothing_is_left(
    alice: Caller, say: Say, model_server: ModelServer, last: bool
) -> None:
    def delete() -> None:
        User.objects.get(id=alice.id).delete()

    answers = [calls(("add_task", {"title": "Tea"})), calls(("list_tasks", {})), says("Done.")]
    model_server.script(answers[0] if last else meanwhile(delete, answers[0]))
    model_server.script(meanwhile(delete, answers[2]) if last else answers[1])
    model_server.always = says("Done.")

    assert say(alice, "Add tea").is_problem(401)

    assert titles(alice) == []
    assert messages(alice) == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_message_to_a_conversation_that_is_just_being_deleted_is_404(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    model_server.always = says("Hello.")
    number = say(alice, "Hi").json["conversation_id"]

    with transaction.atomic():
        assistant.delete_conversation(alice.user, number)
        speaking = Background(lambda: say(alice, "Still there?", conversation_id=number))
        assert not speaking.is_over(0.5)

    assert speaking.outcome().is_problem(404, "conversation_not_found")
    assert messages(alice) == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_changes_wait_for_others_and_nobody_for_ever(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make
) -> None:
    first, second = make_task(alice, "First"), make_task(alice, "Second")
    wanted = [("complete_task", {"task": str(task.id)}) for task in (second, first)]
    gate = Gate(says("Done."))
    model_server.script(calls(*wanted), gate)
    speaking = Background(lambda: say(alice, "I finished both"))
    gate.wait()

    with transaction.atomic():
        services.lock_tasks(alice.id, [first.id])
        gate.open()
        assert not speaking.is_over(0.5)
        # As every change of several tasks takes them: in the order of their ids.
        services.lock_tasks(alice.id, [second.id])

    assert speaking.outcome().status == 200
    assert [task.completed for task in tasks(alice)] == [True, True]
