"""Which changes run at once, and which wait for the person's yes."""

import json
from collections.abc import Callable

import pytest
from django.utils import timezone

from assistant.tests.chat_facts import Say, error, tasks, titles
from core.times import format_timestamp
from tasks import services
from tasks.models import Task
from testing.callers import Answer, Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer


def held(answer: Answer) -> list[bool]:
    return [call["result"].get("needs_confirmation", False) for call in answer.json["tool_calls"]]


def test_five_changes_run_at_once(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    made = [make_task(alice, f"Task {letter}") for letter in "abcde"]
    model_server.script(calls(*(("complete_task", {"task": str(task.id)}) for task in made)), says("Done."))

    answer = say(alice, "I finished everything")

    assert held(answer) == [False] * 5
    assert answer.json["pending_action"] is None
    assert all(task.completed for task in tasks(alice))


def test_more_than_five_over_several_calls_all_wait_and_none_has_run(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    made = [make_task(alice, f"Task {letter}") for letter in "abcdef"]
    for pair in (made[:2], made[2:5], made[5:]):
        model_server.script(calls(*(("complete_task", {"task": str(task.id)}) for task in pair)))
    model_server.script(says("Done."))

    answer = say(alice, "I finished everything")

    assert held(answer) == [True] * 6
    assert not any(task.completed for task in tasks(alice))
    assert [task.version for task in tasks(alice)] == [task.version for task in made]
    assert all(f"Task {letter}" in answer.json["pending_action"]["summary"] for letter in "abcdef")

    say(alice, "yes", conversation_id=answer.json["conversation_id"])

    assert all(task.completed for task in tasks(alice))


def test_the_provider_is_told_that_earlier_changes_wait_too(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    made = [make_task(alice, f"Task {letter}") for letter in "abcdef"]
    for some in (made[:4], made[4:]):
        model_server.script(calls(*(("complete_task", {"task": str(task.id)}) for task in some)))
    model_server.script(says("Shall I?"))

    say(alice, "I finished everything")

    second, third = (
        [json.loads(message["content"]) for message in request.messages if message["role"] == "tool"]
        for request in model_server.requests[1:]
    )
    assert [told.get("needs_confirmation", False) for told in second] == [False] * 4
    assert [told.get("needs_confirmation", False) for told in third] == [True] * 6


def test_the_built_in_provider_claims_nothing_that_waits(
    alice: Caller, say: Say, make_task: Callable[..., Task]
) -> None:
    for letter in "abcdef":
        make_task(alice, f"Task {letter}")

    answer = say(alice, "complete all my tasks")

    assert answer.json["response"].startswith("This would complete \u201cTask f\u201d")
    assert not any(task.completed for task in tasks(alice))
    again = say(alice, "yes", conversation_id=answer.json["conversation_id"])
    assert again.json["response"].startswith("Completed \u201cTask f\u201d")
    assert all(task.completed for task in tasks(alice))


def test_many_changes_of_five_tasks_are_not_more_than_five(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    made = [make_task(alice, f"Task {letter}") for letter in "abcde"]
    for tool in ("complete_task", "reopen_task"):
        model_server.script(calls(*((tool, {"task": str(task.id)}) for task in made)))
    model_server.script(says("Done."))

    answer = say(alice, "Tick them, and untick them")

    assert held(answer) == [False] * 10
    assert [task.version for task in tasks(alice)] == [task.version + 2 for task in made]


def test_twenty_that_the_person_listed_are_added_at_once(alice: Caller, say: Say, model_server: ModelServer) -> None:
    wanted = [f"Buy {fruit} number {number}" for number in range(10) for fruit in ("apple", "pear")]
    model_server.script(calls(*(("add_task", {"title": title}) for title in wanted)), says("Done."))

    answer = say(alice, f"Add these: {'; '.join(wanted).lower()}")

    assert answer.json["pending_action"] is None
    assert titles(alice) == wanted


def test_more_than_five_that_the_person_did_not_list_wait(alice: Caller, say: Say, model_server: ModelServer) -> None:
    wanted = [f"Step {letter}" for letter in "abcdef"]
    model_server.script(calls(*(("add_task", {"title": title}) for title in wanted)), says("Done."))

    answer = say(alice, "Plan my holiday")

    assert held(answer) == [True] * 6
    assert titles(alice) == []
    since = format_timestamp(timezone.now())

    confirmed = say(alice, "yes", conversation_id=answer.json["conversation_id"])

    assert alice.get(f"{alice.tasks}?updated_since={since}").json["meta"]["count"] == 6
    assert titles(alice) == wanted
    assert [call["result"]["task"]["title"] for call in confirmed.json["tool_calls"]] == wanted
    ids = [call["result"]["task"]["id"] for call in answer.json["tool_calls"]]
    assert ids == [str(task.id) for task in tasks(alice)]


def test_a_listed_one_is_added_beside_many_that_wait(alice: Caller, say: Say, model_server: ModelServer) -> None:
    wanted = ["Buy milk", *(f"Step {letter}" for letter in "abcdef")]
    model_server.script(calls(*(("add_task", {"title": title}) for title in wanted)), says("Done."))

    answer = say(alice, "Add buy milk and plan my holiday")

    assert held(answer) == [False, *[True] * 6]
    assert titles(alice) == ["Buy milk"]


@pytest.mark.parametrize(
    ("tool", "more"),
    [("complete_task", {}), ("update_task", {"title": "x"}), ("delete_task", {}), ("add_task", {"title": "y"})],
)
def test_a_message_that_only_asks_to_see_lets_nothing_change(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task], tool: str, more: dict[str, str]
) -> None:
    task = make_task(alice, "Pay rent")
    model_server.script(calls(("list_tasks", {})), calls((tool, {"task": "1", **more})), says("Done."))

    answer = say(alice, "Show my tasks")

    assert held(answer) == [False, True]
    assert answer.json["pending_action"]
    assert [(row.title, row.completed, row.version) for row in tasks(alice)] == [("Pay rent", False, task.version)]


def test_a_deletion_that_the_message_names_runs_and_others_wait(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    plumber, rent = make_task(alice, "Call plumber"), make_task(alice, "Pay rent")
    model_server.script(
        calls(*(("delete_task", {"task": str(task.id)}) for task in (plumber, rent)), ("add_task", {"title": "Tea"})),
        says("Done."),
    )

    answer = say(alice, "delete 'Call plumber'")

    assert held(answer) == [False, True, False]
    assert titles(alice) == ["Pay rent", "Tea"]
    assert "plumber" not in answer.json["pending_action"]["summary"]


def test_a_deletion_of_one_of_several_that_the_message_could_mean_waits(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    made = [make_task(alice, "Call mum"), make_task(alice, "Call mum")]
    model_server.script(calls(("delete_task", {"task": str(made[0].id)})), says("Done."))

    answer = say(alice, "delete 'Call mum'")

    assert held(answer) == [True]
    assert titles(alice) == ["Call mum", "Call mum"]


def test_held_changes_after_others_of_the_same_task_run_as_proposed(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    make_task(alice, "Pay rent")
    model_server.script(
        calls(
            ("complete_task", {"task": "Pay rent"}),
            ("update_task", {"task": "Pay rent", "priority": "high"}),
            ("delete_task", {"task": "Pay rent"}),
        ),
        says("Done."),
    )

    answer = say(alice, "Tidy up")
    assert held(answer) == [False, False, True]
    assert [(task.completed, task.priority) for task in tasks(alice)] == [(True, 3)]

    say(alice, "yes", conversation_id=answer.json["conversation_id"])

    assert tasks(alice) == []


def test_what_changed_while_it_waited_is_left_alone_and_the_rest_is_done(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    made = [make_task(alice, f"Task {letter}") for letter in "abcdef"]
    model_server.script(calls(*(("complete_task", {"task": str(task.id)}) for task in made)), says("Done."))
    number = say(alice, "I finished everything").json["conversation_id"]
    services.edit_task(alice.id, made[2].id, {"title": "Not that"})

    answer = say(alice, "yes", conversation_id=number)

    assert [task.completed for task in tasks(alice)] == [True, True, False, True, True, True]
    assert error(answer, 2) == "precondition_failed"
    assert "\u201cTask c\u201d was left as it is" in answer.json["response"]


def test_what_a_yes_ran_is_told_as_the_calls_it_was(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    task = make_task(alice, "Pay rent")
    model_server.script(calls(("add_task", {"title": "Tea"}), ("complete_task", {"task": "rent"})), says("Sure?"))

    asked = say(alice, "show my tasks")
    done = say(alice, "yes", conversation_id=asked.json["conversation_id"])

    added, completed = done.json["tool_calls"]
    assert (added["tool"], added["arguments"]) == ("add_task", {"title": "Tea"})
    assert (completed["tool"], completed["arguments"]["task"]) == ("complete_task", str(task.id))
