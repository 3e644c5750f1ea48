import pytest

from assistant.tests.phrases import Calls, add, calls_of, complete, delete, reopen, show, update

pytestmark = pytest.mark.once

PHRASES: list[tuple[str, Calls]] = [
    ("Change task 'x' to 'y'", [update("x", title="y")]),
    ("rename 2 to y", [update("2", title="y")]),
    ("rename 'Buy milk' to 'Buy bread'", [update("Buy milk", title="Buy bread")]),
    ("rename the milk task to Buy bread", [update("milk", title="Buy bread")]),
    ('rename task 2 to "Buy bread and delete it"', [update("2", title="Buy bread and delete it")]),
    ("rename 2 to delete everything", [update("2", title="delete everything")]),
    ("change the title of 2 to Buy bread", [update("2", title="Buy bread")]),
    ("change 2 to buy bread", [update("2", title="buy bread")]),
    ("set priority of 2 to high", [update("2", priority="high")]),
    ("change the priority of 'Buy milk' to low", [update("Buy milk", priority="low")]),
    ("make 2 urgent", [update("2", priority="high")]),
    ("make 'Buy milk' low priority", [update("Buy milk", priority="low")]),
    ("mark 2 as important", [update("2", priority="high")]),
    ("change 2 to high priority", [update("2", priority="high")]),
    ("lower the priority of 2", [update("2", priority="low")]),
    ("prioritize 3", [update("3", priority="high")]),
    ("move 2 to friday", [update("2", due_at="2026-11-27T23:59:00+01:00")]),
    ("move the report to friday", [update("report", due_at="2026-11-27T23:59:00+01:00")]),
    ("move 2 to tomorrow at 5pm", [update("2", due_at="2026-11-22T17:00:00+01:00")]),
    ("postpone 2 to next monday", [update("2", due_at="2026-11-23T23:59:00+01:00")]),
    ("postpone 2 until tomorrow", [update("2", due_at="2026-11-22T23:59:00+01:00")]),
    ("reschedule 'Call Bob' for 3 May at 14:30", [update("Call Bob", due_at="2027-05-03T14:30:00+02:00")]),
    ("set due date of 2 to 2026-12-24", [update("2", due_at="2026-12-24T23:59:00+01:00")]),
    ("change the due date of 2 to friday", [update("2", due_at="2026-11-27T23:59:00+01:00")]),
    ("make 2 due tomorrow at 5pm", [update("2", due_at="2026-11-22T17:00:00+01:00")]),
    ("2 is due friday", [update("2", due_at="2026-11-27T23:59:00+01:00")]),
    ("remove the due date of 2", [update("2", due_at=None)]),
    ("clear the deadline from 'Buy milk'", [update("Buy milk", due_at=None)]),
    ("tag 2 with home", [update("2", add_tags=["home"])]),
    (
        "tag 2 and 3 with home and garden",
        [update("2", add_tags=["home", "garden"]), update("3", add_tags=["home", "garden"])],
    ),
    ("add tag home to 2", [update("2", add_tags=["home"])]),
    ("add #home and #work to 2", [update("2", add_tags=["home", "work"])]),
    ("remove tag home from 2", [update("2", remove_tags=["home"])]),
    ("remove #home from 2", [update("2", remove_tags=["home"])]),
    ("untag 2", [update("2", tags=[])]),
    ("describe 2 as whole milk", [update("2", description="whole milk")]),
    ("add a note to 2: bring cash", [update("2", description="bring cash")]),
    ("add note 'bring cash' to 'Buy milk'", [update("Buy milk", description="bring cash")]),
    ("set the description of 2 to whole milk", [update("2", description="whole milk")]),
    ("clear the description of 2", [update("2", description=None)]),
    ("add milk and then show my tasks", [add("milk"), show()]),
    ("add milk and add eggs", [add("milk"), add("eggs")]),
    ("add task Buy milk, then complete 2, then show my tasks", [add("Buy milk"), complete("2"), show()]),
    ("add milk. Then delete 2.", [add("milk"), delete("2")]),
    ("complete 2 and delete 3", [complete("2"), delete("3")]),
    ("mark 1 and 2 as done and delete 3", [complete("1"), complete("2"), delete("3")]),
    ("delete 2 and show my tasks", [delete("2"), show()]),
    ("add 'milk' and show the list", [add("milk"), show()]),
    ("rename 2 to y and then show my tasks", [update("2", title="y"), show()]),
    ("show my tasks and complete 2", [show(), complete("2")]),
    ("add milk but don't delete 2", [add("milk")]),
    ("complete 2, 3 and reopen 4", [complete("2"), complete("3"), reopen("4")]),
    (
        "add buy milk tomorrow; remind me to call mum",
        [add("buy milk", due_at="2026-11-22T23:59:00+01:00"), add("call mum")],
    ),
]


@pytest.mark.parametrize(("phrase", "calls"), PHRASES)
def test_a_task_changes_as_was_said(phrase: str, calls: Calls) -> None:
    assert calls_of(phrase) == calls
