import pytest

from assistant.tests.phrases import Calls, calls_of, search, show

pytestmark = pytest.mark.once

PHRASES: list[tuple[str, Calls]] = [
    ("Show my pending tasks", [show(status="pending")]),
    ("show my tasks", [show()]),
    ("can you show me my tasks?", [show()]),
    ("list all tasks", [show()]),
    ("list", [show()]),
    ("tasks", [show()]),
    ("what tasks do I have?", [show()]),
    ("how many tasks do I have?", [show()]),
    ("what's on my list?", [show()]),
    ("what's left?", [show(status="pending")]),
    ("show everything", [show()]),
    ("hi, show me my tasks", [show()]),
    ("I want to see my tasks", [show()]),
    ("show completed tasks", [show(status="completed")]),
    ("what have I completed?", [show(status="completed")]),
    ("show open tasks with high priority", [show(status="pending", priority="high")]),
    ("show urgent tasks", [show(priority="high")]),
    ("show low priority tasks tagged home", [show(priority="low", tags=["home"])]),
    ("show tasks tagged #home and #work", [show(tags=["home", "work"])]),
    ("show #work tasks", [show(tags=["work"])]),
    ("show my tasks sorted by due date", [show(ordering="due_at")]),
    ("list pending tasks by priority", [show(status="pending", ordering="-priority")]),
    ("show the 5 newest tasks", [show(limit=5)]),
    ("show the first 3 tasks", [show(limit=3)]),
    ("show overdue tasks", [show(status="pending", due_before="2026-11-21T10:00:00+01:00")]),
    ("what's overdue?", [show(status="pending", due_before="2026-11-21T10:00:00+01:00")]),
    (
        "what's due today",
        [show(status="pending", due_after="2026-11-21T00:00:00+01:00", due_before="2026-11-22T00:00:00+01:00")],
    ),
    (
        "what is due tomorrow?",
        [show(status="pending", due_after="2026-11-22T00:00:00+01:00", due_before="2026-11-23T00:00:00+01:00")],
    ),
    (
        "what's due this week",
        [show(status="pending", due_after="2026-11-16T00:00:00+01:00", due_before="2026-11-23T00:00:00+01:00")],
    ),
    (
        "what's due next week",
        [show(status="pending", due_after="2026-11-23T00:00:00+01:00", due_before="2026-11-30T00:00:00+01:00")],
    ),
    ("what's due by friday", [show(status="pending", due_before="2026-11-28T00:00:00+01:00")]),
    ("what is due before monday", [show(status="pending", due_before="2026-11-23T00:00:00+01:00")]),
    (
        "what do I have to do today?",
        [show(status="pending", due_after="2026-11-21T00:00:00+01:00", due_before="2026-11-22T00:00:00+01:00")],
    ),
    (
        "anything due today?",
        [show(status="pending", due_after="2026-11-21T00:00:00+01:00", due_before="2026-11-22T00:00:00+01:00")],
    ),
    (
        "tasks for today",
        [show(status="pending", due_after="2026-11-21T00:00:00+01:00", due_before="2026-11-22T00:00:00+01:00")],
    ),
    (
        "show tasks due in the next 3 days",
        [show(status="pending", due_after="2026-11-21T10:00:00+01:00", due_before="2026-11-25T00:00:00+01:00")],
    ),
    ("show tasks that are not done", [show(status="pending")]),
    (
        "show completed tasks due this week",
        [show(status="completed", due_after="2026-11-16T00:00:00+01:00", due_before="2026-11-23T00:00:00+01:00")],
    ),
    ("find milk", [search("milk")]),
    ("find my 'Call plumber' task", [search("Call plumber")]),
    ("search for plumber", [search("plumber")]),
    ("search my tasks for plumber", [search("plumber")]),
    ("look for 'Call plumber'", [search("Call plumber")]),
    ("show tasks about milk", [search("milk")]),
    ("do I have a task about milk?", [search("milk")]),
    ("is there a task called 'x'?", [search("x")]),
]


@pytest.mark.parametrize(("phrase", "calls"), PHRASES)
def test_a_list_is_narrowed_as_was_said(phrase: str, calls: Calls) -> None:
    assert calls_of(phrase) == calls
