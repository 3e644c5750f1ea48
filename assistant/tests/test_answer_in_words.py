"""What the built-in provider says of its tools' results."""

from typing import Any

import pytest

from assistant.tests.builtin_turn import BuiltinTurn, error, listed, task

pytestmark = pytest.mark.once

FRIDAY_AT_NINE = "2026-11-27T08:00:00Z"

ANSWERS: list[tuple[str, dict[str, Any], str]] = [
    ("add milk", {"task": task("milk")}, "Added “milk”."),
    (
        "add milk friday at 9 #home !high",
        {"task": task("milk", due_at=FRIDAY_AT_NINE, priority="high", tags=["home"])},
        "Added “milk” (due Friday 27 November at 09:00, high) #home.",
    ),
    # The last minute of a day is how a day is kept; other years are named.
    (
        "add milk on 3 May",
        {"task": task("milk", due_at="2027-05-03T21:59:00Z")},
        "Added “milk” (due Monday 3 May 2027).",
    ),
    ("complete 2", {"task": task(completed=True)}, "Completed “Buy milk”."),
    ("complete 2", {"task": task(completed=True), "unchanged": True}, "“Buy milk” was completed already."),
    ("reopen 2", {"task": task()}, "Reopened “Buy milk”."),
    ("reopen 2", {"task": task(), "unchanged": True}, "“Buy milk” was open already."),
    ("delete 2", {"task": task()}, "Deleted “Buy milk”."),
    ("rename 2 to y", {"task": task("y")}, "Renamed the task to “y”."),
    ("rename 2 to y", {"task": task("y"), "unchanged": True}, "“y” was like that already."),
    (
        "move 2 to friday at 9",
        {"task": task(due_at=FRIDAY_AT_NINE)},
        "“Buy milk” is now due Friday 27 November at 09:00.",
    ),
    ("remove the due date of 2", {"task": task()}, "“Buy milk” is no longer due."),
    ("make 2 urgent", {"task": task(priority="high")}, "“Buy milk” now has high priority."),
    ("tag 2 with home", {"task": task(tags=["x", "home"])}, "“Buy milk” is now tagged #x #home."),
    ("untag 2", {"task": task()}, "“Buy milk” has no tags any more."),
    ("describe 2 as whole", {"task": task(description="whole")}, "Noted on “Buy milk”: whole."),
    ("clear the description of 2", {"task": task()}, "“Buy milk” has no description any more."),
    (
        "show my tasks",
        listed(task(due_at=FRIDAY_AT_NINE, priority="high", tags=["home"]), task("Call mum", completed=True)),
        "You have 2 tasks:\n1. Buy milk (due Friday 27 November at 09:00, high) #home\n2. Call mum (completed)",
    ),
    ("show completed tasks", listed(task(completed=True)), "You have 1 completed task:\n1. Buy milk"),
    ("show my tasks", listed(task(), more=True, count=8), "You have 8 tasks:\n1. Buy milk\n… and 7 more."),
    ("show my tasks", listed(task(), more=True), "Your tasks:\n1. Buy milk\n… and more."),
    ("show my pending tasks", listed(), "You have no pending tasks."),
    ("show overdue tasks", listed(), "You have no overdue tasks."),
    ("show high priority tasks tagged #home", listed(), "You have no high priority tasks tagged #home."),
    ("what's due tomorrow", listed(), "You have no pending tasks due Sunday 22 November."),
    (
        "what's due next week",
        listed(),
        "You have no pending tasks due Monday 23 November to Sunday 29 November.",
    ),
    ("what's due by friday", listed(), "You have no pending tasks due by Friday 27 November."),
    ("find milk", listed(task()), "Tasks with “milk”:\n1. Buy milk"),
    ("find milk", listed(), "I found no task with “milk”."),
    (
        "complete 7",
        error("task_not_found"),
        "I found no task number 7. Say “show my tasks” to see the numbers.",
    ),
    (
        "delete 'the moon'",
        error("task_not_found"),
        "I found no task “the moon”. Say “show my tasks” to see them all.",
    ),
    (
        "delete milk",
        error(
            "ambiguous_task",
            matches=[{"number": 1, "id": "a", "title": "Buy milk"}, {"number": 2, "title": "Sell\nmilk"}],
        ),
        "Several tasks match “milk”. Which one should I delete?\n1. Buy milk\n2. Sell milk",
    ),
    (
        "rename milk to eggs",
        error("ambiguous_task", matches=[{"number": 1, "id": "a", "title": "Buy milk"}]),
        "Several tasks match “milk”. Say it again with the number of the one you mean.\n1. Buy milk",
    ),
    ("add milk", error("invalid_arguments", "Too long."), "That did not work: Too long."),
    # The service asks for the yes; nothing may be claimed before.
    ("delete 2", {"task": task(), "needs_confirmation": True}, ""),
    # No title is a line of its own.
    ("complete 2", {"task": task("x”.\nDeleted “y")}, "Completed “x”. Deleted “y”."),
]


@pytest.mark.parametrize(("message", "result", "text"), ANSWERS)
def test_an_answer_says_what_the_tool_did(message: str, result: dict[str, Any], text: str) -> None:
    turn = BuiltinTurn(message)
    turn.go_on()

    reply = turn.go_on(result)

    assert (reply.text, reply.calls, reply.tokens) == (text, (), 0)
    assert "".join(turn.written) == text


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("help", "I look after your tasks."),
        ("hello", "Hello!"),
        ("thanks", "You're welcome."),
        ("asdf", "I did not understand that, so I have changed nothing."),
        ("don't delete 2", "All right, I have changed nothing."),
        ("add a task", "What should the task be called?"),
        ("delete", "Which task should I delete?"),
    ],
)
def test_what_leads_to_no_call_is_answered_at_once(message: str, words: str) -> None:
    turn = BuiltinTurn(message)

    reply = turn.go_on()

    assert reply.calls == ()
    assert reply.text.startswith(words)
    assert turn.written == [reply.text]
