"""Turns with a language model behind them: a real client, a real server, a script for its words."""

from collections.abc import Callable
from dataclasses import replace

from pytest_django import Settings

from assistant.models import Message, Role
from assistant.tests.chat_facts import TURN, Say
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, fails, says
from testing.model_server import ModelServer


def titles(caller: Caller) -> list[str]:
    return list(Task.objects.visible_to(caller.user).order_by("id").values_list("title", flat=True))


def test_a_task_is_added_and_told_of(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Buy milk", "priority": "high"})), says("I added Buy milk."))

    answer = say(alice, "Please add buy milk, it is urgent")

    assert answer.status == 200, answer
    assert set(answer.json) == TURN
    assert answer.json["response"] == "I added Buy milk."
    task = Task.objects.visible_to(alice.user).get()
    assert (task.title, task.priority) == ("Buy milk", 3)
    [call] = answer.json["tool_calls"]
    assert call["tool"] == "add_task"
    assert call["arguments"] == {"title": "Buy milk", "priority": "high"}
    assert call["result"] == {"task": {"id": str(task.id), "title": "Buy milk", "completed": False, "priority": "high"}}
    assert answer.json["pending_action"] is None


def test_reads_see_what_the_turn_will_have_changed(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(
        calls(("add_task", {"title": "Buy milk"}), ("list_tasks", {})),
        calls(("complete_task", {"task": "#1"})),
        calls(("list_tasks", {"status": "completed"})),
        says("Done."),
    )

    answer = say(alice, "Add buy milk, show all, and complete it")

    results = [call["result"] for call in answer.json["tool_calls"]]
    task = Task.objects.visible_to(alice.user).get()
    assert task.completed
    assert results[1]["tasks"][0]["id"] == results[3]["tasks"][0]["id"] == str(task.id)
    assert results[3]["tasks"][0]["completed"] is True


def test_a_provider_that_fails_leaves_the_tasks_alone(alice: Caller, say: Say, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Buy milk"})), fails(401))

    answer = say(alice, "Add buy milk")

    assert answer.is_problem(502, "model_failed")
    assert titles(alice) == []
    assert Message.objects.filter(user_id=alice.id).get().content == "Add buy milk"


def test_a_model_may_have_a_long_name(alice: Caller, say: Say, model_server: ModelServer, settings: Settings) -> None:
    settings.LANGUAGE_MODEL = replace(settings.LANGUAGE_MODEL, model="arn:aws:bedrock:" + "m" * 300)
    model_server.script(calls(("list_tasks", {}), signature="c2ln"), says("None."), says("Hello."))

    number = say(alice, "List").json["conversation_id"]
    assert say(alice, "Hi", conversation_id=number).status == 200

    kept = Message.objects.filter(user_id=alice.id, role=Role.ASSISTANT).values_list("provider", flat=True)
    assert [len(name) for name in kept] == [200, 200]
    # Its own words as they came.
    assert "c2ln" in str(model_server.requests[-1].messages)


def test_deleting_what_was_not_named_waits_for_a_yes(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    make_task(alice, "Call plumber")
    make_task(alice, "Pay rent")
    model_server.script(
        calls(("delete_task", {"task": "Call plumber"}), ("delete_task", {"task": "pay rent"})), says("Deleted.")
    )

    first = say(alice, "delete 'Call plumber'").json

    assert titles(alice) == ["Pay rent"]
    assert [call["result"].get("needs_confirmation") for call in first["tool_calls"]] == [None, True]
    assert "Pay rent" in first["pending_action"]["summary"]

    second = say(alice, "Yes, please!", conversation_id=first["conversation_id"]).json

    assert titles(alice) == []
    assert second["response"] == "Deleted \u201cPay rent\u201d."
    assert second["pending_action"] is None
