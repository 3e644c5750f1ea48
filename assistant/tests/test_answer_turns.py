"""How the built-in provider gets from a message to its answer, call by call."""

import pytest

from assistant.providers.base import ChatProvider
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.tests.builtin_turn import BuiltinTurn, calls_in, error, listed, task

pytestmark = pytest.mark.once


def test_it_is_a_provider_of_our_own() -> None:
    provider: ChatProvider = BuiltinProvider()

    assert (provider.name, provider.is_remote) == ("builtin", False)


def test_several_intents_are_called_at_once_and_told_in_order() -> None:
    turn = BuiltinTurn("add milk, then complete 2 and show my tasks")

    first = turn.go_on()
    assert [call.id for call in first.calls] == ["call_1", "call_2", "call_3"]
    assert calls_in(first) == [("add_task", {"title": "milk"}), ("complete_task", {"task": "2"}), ("list_tasks", {})]
    assert turn.written == []

    last = turn.go_on({"task": task("milk")}, error("task_not_found"), listed(task("milk")))
    assert last.text == (
        "Added “milk”.\nI found no task number 2. Say “show my tasks” to see the numbers.\nYou have 1 task:\n1. milk"
    )


def test_all_tasks_are_listed_and_then_changed_one_by_one() -> None:
    turn = BuiltinTurn("delete all completed tasks")
    assert calls_in(turn.go_on()) == [("list_tasks", {"status": "completed", "limit": 19})]

    changes = turn.go_on(listed(task("a"), task("b"), more=True))
    assert [call.id for call in changes.calls] == ["call_1_1", "call_1_2"]
    assert calls_in(changes) == [("delete_task", {"task": "id of a"}), ("delete_task", {"task": "id of b"})]

    last = turn.go_on({"task": task("a")}, {"task": task("b")})
    assert last.text == "Deleted 2 tasks: “a” and “b”.\nThere are more: ask again for the rest."


def test_a_turn_of_all_tasks_stays_within_twenty_calls() -> None:
    turn = BuiltinTurn("complete all tasks")
    [(_, arguments)] = calls_in(turn.go_on())

    changes = turn.go_on(listed(*[task(str(n)) for n in range(arguments["limit"])], more=True))

    assert len(changes.calls) + 1 == 20


def test_a_list_after_a_change_of_all_shows_what_is_left() -> None:
    turn = BuiltinTurn("complete all tasks and show my pending tasks")
    assert calls_in(turn.go_on()) == [("list_tasks", {"status": "pending", "limit": 18})]

    second = turn.go_on(listed(task("a")))
    assert calls_in(second) == [("complete_task", {"task": "id of a"}), ("list_tasks", {"status": "pending"})]

    last = turn.go_on({"task": task("a", completed=True)}, listed())
    assert last.text == "Completed “a”.\nYou have no pending tasks."


def test_where_there_are_none_all_is_said_at_once() -> None:
    turn = BuiltinTurn("delete all completed tasks")
    turn.go_on()

    assert turn.go_on(listed()).text == "You have no completed tasks."


def test_what_waits_for_a_yes_is_not_claimed() -> None:
    turn = BuiltinTurn("delete all completed tasks")
    turn.go_on()
    turn.go_on(listed(task("a"), task("b")))

    waiting = {"needs_confirmation": True}
    assert turn.go_on({"task": task("a"), **waiting}, {"task": task("b"), **waiting}).text == ""


def test_a_change_of_all_is_told_with_what_failed() -> None:
    turn = BuiltinTurn("move all overdue tasks to friday at 9")
    turn.go_on()
    turn.go_on(listed(task("a"), task("b")))

    last = turn.go_on({"task": task("a", due_at="2026-11-27T08:00:00Z")}, error("too_many_calls", "That is enough."))
    assert last.text == "“a” is now due Friday 27 November at 09:00.\nThat did not work: That is enough."


def test_without_tools_it_answers_in_words() -> None:
    turn = BuiltinTurn("delete all completed tasks")
    turn.go_on()

    last = turn.go_on(listed(task("a")), tools=())

    assert last.calls == ()
    assert "ask for the rest again" in last.text


def test_a_question_is_answered_in_the_next_message() -> None:
    earlier = [
        {"role": "user", "content": "delete milk"},
        {
            "role": "assistant",
            "content": "Several tasks match “milk”. Which one should I delete?\n1. Buy milk\n2. Sell milk",
        },
    ]

    assert calls_in(BuiltinTurn("2", earlier).go_on()) == [("delete_task", {"task": "2"})]


def test_an_older_turns_results_are_not_taken_for_this_ones() -> None:
    turn = BuiltinTurn("add milk")
    turn.go_on()
    turn.go_on({"task": task("milk")})

    again = BuiltinTurn("add milk", turn.messages[1:])

    assert calls_in(again.go_on()) == [("add_task", {"title": "milk"})]


def test_a_list_that_fails_is_told() -> None:
    turn = BuiltinTurn("complete everything")
    turn.go_on()

    assert turn.go_on(error("invalid_arguments", "No such order.")).text == "That did not work: No such order."
