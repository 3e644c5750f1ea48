"""A later version of a task is never earlier than the one before it, whichever clock its time is taken from."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from django.utils import timezone

from assistant.models import Conversation
from tasks.models import Task
from testing.callers import Answer, Caller, in_parallel

MakeTask = Callable[..., Task]
# Suffix of the task's path, body: what each changes on an open task.
CHANGES: Final[list[tuple[str, Any]]] = [
    ("", {"title": "New"}),
    ("", {"completed": True}),
    ("/toggle", None),
    ("/complete", None),
    ("/complete", {"completed": True}),
]


@pytest.fixture
def path(alice: Caller, make_task: MakeTask) -> str:
    """Of a task last changed by a process whose clock is an hour ahead."""
    task = make_task(alice)
    Task.objects.filter(user_id=alice.id).update(updated_at=timezone.now() + timedelta(hours=1))
    return f"{alice.tasks}/{task.id}"


@pytest.mark.parametrize(("suffix", "body"), CHANGES)
def test_a_change_is_no_earlier_than_the_one_before(alice: Caller, path: str, suffix: str, body: Any) -> None:
    before = alice.get(path).json

    after = alice.patch(path + suffix, body).json

    assert after["updated_at"] == before["updated_at"]
    assert after["completed_at"] in (None, after["updated_at"])
    assert alice.get(path).json == after


def test_nor_is_one_of_a_bulk(alice: Caller, path: str) -> None:
    before = alice.get(path).json
    operations = [{"op": "complete", "id": before["id"]}, {"op": "create", "data": {"title": "x"}}]

    done = alice.post(f"{alice.tasks}/bulk", {"operations": operations}).json["results"][0]["task"]

    assert done["completed_at"] == done["updated_at"] == before["updated_at"]


def test_nor_is_one_of_a_chat_nor_the_conversation_itself(alice: Caller, path: str) -> None:
    before = alice.get(path).json
    conversation_id = alice.post(f"/api/{alice.id}/chat", {"message": "Show my tasks"}).json["conversation_id"]
    ahead = timezone.now() + timedelta(hours=1)
    Conversation.objects.filter(user_id=alice.id).update(updated_at=ahead)

    alice.post(f"/api/{alice.id}/chat", {"message": "Complete Buy groceries", "conversation_id": conversation_id})

    done = alice.get(path).json
    assert done["completed_at"] == done["updated_at"] == before["updated_at"]
    assert Conversation.objects.get(user_id=alice.id).updated_at == ahead


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_144_changes_at_once_none_is_earlier_than_the_version_before(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    def change(writer: int) -> list[Answer]:
        bodies = [("", {"title": f"{writer} {turn}"}) for turn in range(4)]
        return [alice.patch(path + suffix, body) for suffix, body in [*bodies, *[("/toggle", None)] * 8]]

    answers = [
        answer
        for some in in_parallel([lambda writer=writer: change(writer) for writer in range(12)])  # type: ignore[misc] # the default binds the loop's value
        for answer in some
    ]

    ordered = sorted(answers, key=lambda answer: int(answer.headers["ETag"].strip('"')))
    times = [answer.json["updated_at"] for answer in ordered]
    assert len(times) == 144
    assert times == sorted(times)
    assert all(answer.json["completed_at"] in (None, *times[: place + 1]) for place, answer in enumerate(ordered))
