"""A task has the same bytes wherever it is answered, and the same on every database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.models import Task
from tasks.representation import represent
from tasks.serializers import TaskSerializer
from tasks.tests.bulks import bulk, op
from testing.callers import Answer, Caller

SENT: Any = {
    "title": ' é "\u2028" \\ / \x7f\x01 ',
    "description": "日本\n\U0001f600",
    "priority": "high",
    "due_at": "2026-01-14T11:30:00.12+01:30",
    "tags": ['é"', "Two", "\\", "two"],
}
OPEN: Any = {"title": "x", "tags": ["gone"], "due_at": "2025-01-01T00:00:00Z"}
DONE: Any = {**SENT, "completed": True}


def bytes_of(task: Task) -> str:
    """Of one that was made of ``DONE``."""

    def written(instant: datetime | None) -> str:
        assert instant
        return instant.astimezone(UTC).strftime('"%Y-%m-%dT%H:%M:%S.%fZ"')

    return (
        f'{{"id":"{task.id}","user_id":"{task.user_id}",'
        '"title":"é \\"\u2028\\" \\\\ / \x7f\\u0001","description":"日本\\n\U0001f600",'
        f'"completed":true,"is_completed":true,"completed_at":{written(task.completed_at)},'
        '"priority":"high","due_at":"2026-01-14T10:00:00.120000Z","tags":["é\\"","Two","\\\\"],'
        f'"created_at":{written(task.created_at)},"updated_at":{written(task.updated_at)}}}'
    )


def make(caller: Caller, fields: Any) -> str:
    task = caller.post(caller.tasks, fields)
    assert task.status == 201, task
    return str(task.json["id"])


def only(answer: Answer, status: int) -> bytes:
    """The task of a bulk of one."""
    head = f'{{"results":[{{"status":{status},"task":'.encode()
    assert answer.content.startswith(head)
    return answer.content.removeprefix(head).removesuffix(b"}]}")


def replay(caller: Caller) -> bytes:
    first, again = (caller.post(caller.tasks, DONE, Idempotency_Key="k") for _ in range(2))
    assert "Idempotency-Replayed" in again.headers
    assert first.content == again.content
    return again.content


ROADS: dict[str, Callable[[Caller], bytes]] = {
    "create": lambda caller: caller.post(caller.tasks, DONE).content,
    "replay": replay,
    "put": lambda caller: caller.put(f"{caller.tasks}/{make(caller, OPEN)}", DONE).content,
    "patch": lambda caller: caller.patch(f"{caller.tasks}/{make(caller, OPEN)}", DONE).content,
    "no change": lambda caller: caller.patch(f"{caller.tasks}/{make(caller, DONE)}", DONE).content,
    "complete": lambda caller: (
        caller.patch(f"{caller.tasks}/{make(caller, SENT)}/complete", {"completed": True}).content
    ),
    "toggle": lambda caller: caller.patch(f"{caller.tasks}/{make(caller, SENT)}/toggle").content,
    "bulk create": lambda caller: only(bulk(caller, op("create", **DONE)), 201),
    "bulk update": lambda caller: only(bulk(caller, op("update", make(caller, OPEN), **DONE)), 200),
    "bulk complete": lambda caller: only(bulk(caller, op("complete", make(caller, SENT))), 200),
}


@pytest.mark.parametrize("road", ROADS)
def test_every_road_gives_these_bytes(alice: Caller, admin: Caller, road: str) -> None:
    content = ROADS[road](alice)

    task = Task.objects.visible_to(alice.user).get()
    assert content.decode() == bytes_of(task)
    assert alice.get(f"{alice.tasks}/{task.id}").content == content
    for listed in (alice.get(alice.tasks), admin.get(f"/api/admin/users/{alice.id}/tasks")):
        assert listed.content.startswith(b'{"data":[' + content + b'],"meta":{')
    assert TaskSerializer(task).data == represent(task)


@pytest.mark.parametrize("field", DONE)
def test_each_field_is_changed_alone_and_once_on_both_roads(alice: Caller, field: str) -> None:
    single, many, other = (make(alice, OPEN) for _ in range(3))
    change = {field: DONE[field]}

    for _ in range(2):
        alice.patch(f"{alice.tasks}/{single}", change)
        # Beside another task that gets other fields.
        bulk(alice, op("update", many, **change), op("update", other, description="y", completed=False))

    tasks = {str(task.id): task for task in Task.objects.visible_to(alice.user)}
    assert tasks[single].version == tasks[many].version == tasks[other].version == 2
    seen = [alice.get(f"{alice.tasks}/{task_id}").json for task_id in (single, many)]
    for task in seen:
        assert (task["title"], task["tags"], task["priority"], task["completed"]) == (
            DONE["title"].strip() if field == "title" else "x",
            ['é"', "Two", "\\"] if field == "tags" else ["gone"],
            "high" if field == "priority" else "medium",
            field == "completed",
        )
        assert task["description"] == (DONE["description"] if field == "description" else None)
        assert task["due_at"] == ("2026-01-14" if field == "due_at" else "2025-01-01") + task["due_at"][10:]
    assert alice.get(f"{alice.tasks}/{other}").json["tags"] == ["gone"]


def test_what_a_bulk_changed_is_found_under_its_new_words_alone(alice: Caller) -> None:
    first, second = make(alice, {**OPEN, "title": "Old"}), make(alice, {**OPEN, "title": "Älter"})

    bulk(alice, op("update", first, title="ÉCOLE", tags=["New"]), op("update", second, description="Straße", tags=[]))

    def found(query: str) -> list[str]:
        return [task["id"] for task in alice.get(f"{alice.tasks}?ordering=created_at&{query}").json["data"]]

    assert found("search=école") == found("tag=new") == [first]
    assert found("search=STRASSE") == found("search=älter") == [second]
    assert found("search=old") == found("tag=gone") == []
    assert [task["id"] for task in alice.get(f"{alice.tasks}?ordering=title").json["data"]] == [second, first]


@pytest.mark.parametrize("field", SENT)
def test_a_stale_condition_keeps_every_field_as_it_is(alice: Caller, field: str) -> None:
    task = make(alice, OPEN)
    alice.patch(f"{alice.tasks}/{task}", {"description": "newer"})
    before = alice.get(f"{alice.tasks}/{task}").content

    assert alice.patch(f"{alice.tasks}/{task}", {field: SENT[field]}, If_Match='"1"').is_problem(412)

    assert alice.get(f"{alice.tasks}/{task}").content == before
    assert alice.get(f"{alice.tasks}?tag=gone").json["meta"]["count"] == 1
