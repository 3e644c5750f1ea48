"""What a number means: the place in the last list that the person saw."""

from collections.abc import Callable

from assistant.tests.chat_facts import Say, tasks
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

Make = Callable[..., Task]


def done(caller: Caller) -> list[str]:
    return [task.title for task in tasks(caller) if task.completed]


def test_a_list_of_the_same_message_does_not_move_its_numbers(alice: Caller, say: Say, make_task: Make) -> None:
    for title in ("Tea", "Milk", "Bread"):
        make_task(alice, title, tags=["home"] if title == "Tea" else [])
    seen = say(alice, "show my tasks").json

    say(alice, "show #home and complete 1", conversation_id=seen["conversation_id"])

    assert done(alice) == ["Bread"]


def test_without_a_list_before_it_is_the_one_of_the_same_message(alice: Caller, say: Say, make_task: Make) -> None:
    for title in ("Tea", "Milk"):
        make_task(alice, title)

    say(alice, "show my tasks and complete 1")

    assert done(alice) == ["Milk"]


def test_a_model_counts_by_the_list_it_was_shown(
    alice: Caller, say: Say, make_task: Make, model_server: ModelServer
) -> None:
    for title in ("Tea", "Milk"):
        make_task(alice, title)
    model_server.script(calls(("list_tasks", {})), says("1. Milk, 2. Tea"))
    seen = say(alice, "What is there?").json
    model_server.script(
        calls(("list_tasks", {"ordering": "created_at"}), ("complete_task", {"task": "#1"})), says("Done.")
    )

    say(alice, "I had the tea", conversation_id=seen["conversation_id"])

    assert done(alice) == ["Tea"]
