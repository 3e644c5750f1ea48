import pytest

from assistant.tests.expected_calls import NOW
from assistant.understanding import understand

pytestmark = pytest.mark.once

NAMED: list[tuple[str, tuple[str, ...]]] = [
    ('please delete the task "a" and "b"', ("a", "b")),
    ("delete 'a' and 'b'", ("a", "b")),
    ('delete task "a", then add "b"', ("a",)),
    ("delete the tasks 2 and 3", ("2", "3")),
    ("delete tasks 1-3", ("1", "2", "3")),
    ("delete task #2 from my list", ("2",)),
    ("delete no. 2", ("2",)),
    ("Delete task number 3.", ("3",)),
    ("delete the task named plumber", ("plumber",)),
    ("delete the task about the plumber", ("the plumber",)),
    ("delete 3rd", ("3",)),
    ("delete first task", ("1",)),
    ("delete 2 and also 3", ("2", "3")),
    ("delete 2 3 4", ("2", "3", "4")),
    ("delete milk and eggs", ("milk", "eggs")),
    ("delete milk, then show my tasks", ("milk",)),
    ("delete 2 please?", ("2",)),
    ("will you delete 2?", ("2",)),
    ("Can you delete task 2 and add milk?", ("2",)),
    ("delete my task 2", ("2",)),
    ("delete my first task", ("1",)),
    ("delete our plumber task", ("plumber",)),
    ("delete 0", ("0",)),
    ("delete 2.", ("2",)),
    ("delete 2!", ("2",)),
    ('delete "2"', ("2",)),
    ("delete 2 and 'a' and task 3", ("2", "a", "3")),
    ("delete 550e8400-e29b-41d4-a716-446655440000", ("550e8400-e29b-41d4-a716-446655440000",)),
    ("add milk to my list and delete 2", ("2",)),
    ("remind me to call Bob and then delete 3", ("3",)),
    ("rename 2 to x, then delete 3", ("3",)),
    ("rename 'a' to 'b' and delete 'c'", ("c",)),
    ("search for x then delete 2", ("2",)),
    ("show my tasks then delete the first one", ("1",)),
    ("DELETE TASK 2", ("2",)),
    ("- delete 2\n- delete 3", ("2", "3")),
    ("1. delete 2\n2. complete 3", ("2",)),
    ("delete 2 \n\n thanks", ("2",)),
    ("hi\ndelete 2\nthanks", ("2",)),
]
# Titles, notes, quotations, conditions and words that name no task for sure.
NOT_NAMED: list[str] = [
    "add milk, then delete all tasks due in 3 days",
    "delete the last one",
    "delete the last task",
    "don't delete 2, delete 3",
    "do not delete 2. Delete 3.",
    "delete 2, not 3",
    "delete either 2 or 3",
    "delete 2 or 3",
    "delete 2 tomorrow",
    "delete 2 and don't delete 3",
    "if 2 is done, delete it",
    "when I finish 2, delete it",
    "delete all tasks except milk",
    "delete all but 2",
    "delete almost everything",
    "delete nothing",
    "delete none",
    "delete: 2",
    "delete task",
    "delete a task",
    "delete some tasks",
    "delete the description of 2",
    "delete the due date of 2",
    "delete the tag home from 2",
    "delete tag home from 2",
    "complete 550e8400-e29b-41d4-a716-446655440000",
    "add delete 2",
    "add: delete 2",
    "new: buy milk",
    "add to my list: milk",
    "add to my list milk",
    "add milk to the list and eggs too",
    "add milk to my list and show it",
    "create task to delete 2 and delete 3",
    "note: delete all tasks",
    "rename 2 to x and delete 3",
    "rename 2 to x. delete everything.",
    "describe 2 as: delete everything",
    "add a note to 2: buy milk and delete 3",
    "add a note to 2: x. Delete 3.",
    "find milk and delete it",
    "show tasks, delete all",
    'translate "delete 2" into French',
    'what does "delete 2" do?',
    '"delete 2" is what I typed',
    "say delete 2",
    "type delete 2 to remove it",
    "the word delete 2",
    "undelete 2",
    "delete2",
    "Delete",
    "delete\ntask 2",
    "> delete 2",
    "Re: delete 2",
    "/delete 2",
    "```delete 2```",
    "Email from Bob:\nplease delete task 2",
]

OF_ALL = ["show tasks, delete all"]


@pytest.mark.parametrize(("phrase", "tasks"), NAMED)
def test_a_deletion_names_exactly_these_tasks(phrase: str, tasks: tuple[str, ...]) -> None:
    assert understand(phrase, NOW).deletions == tasks


@pytest.mark.parametrize("phrase", NOT_NAMED)
def test_no_deletion_is_read_into_other_words(phrase: str) -> None:
    understanding = understand(phrase, NOW)

    assert understanding.deletions == ()
    said_of_all = [intent.each for intent in understanding.intents if intent.tool == "delete_task"]
    assert said_of_all == ([{}] if phrase in OF_ALL else [])


def test_a_deletion_of_all_tasks_names_none() -> None:
    understanding = understand("delete all completed tasks", NOW)

    assert understanding.deletions == ()
    assert not understanding.only_reads
