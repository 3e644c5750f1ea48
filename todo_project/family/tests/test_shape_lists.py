"""What a list stands in, under each ``LIST_ENVELOPE``."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from pytest_django import Settings

from tasks.models import Priority, Task
from testing.callers import Answer, Caller
from todo_project import docs

MakeTask = Callable[..., Task]
SHAPES: Final = (True, False, "tasks", "data.tasks")
WITH_TOTALS: Final = ("tasks", "data.tasks")


def whole(answer: Answer, shape: object) -> Any:
    return answer.json["data"] if shape == "data.tasks" else answer.json


@pytest.fixture
def made(alice: Caller, make_task: MakeTask) -> list[Task]:
    return [
        make_task(alice, str(number), completed=number % 3 == 0, priority=Priority.HIGH if number < 4 else Priority.LOW)
        for number in range(7)
    ]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("shape", WITH_TOTALS)
@pytest.mark.parametrize(
    ("query", "titles", "total", "completed", "limit", "offset"),
    [
        ("", "6543210", 7, 3, 10_000, 0),
        ("limit=2", "65", 7, 3, 2, 0),
        ("limit=2&skip=3", "32", 7, 3, 2, 3),
        ("skip=100", "", 7, 3, 10_000, 100),
        ("priority=high", "3210", 4, 2, 10_000, 0),
        ("priority=high&limit=1", "3", 4, 2, 1, 0),
        ("status=pending&limit=1", "5", 4, 0, 1, 0),
        ("completed=true", "630", 3, 3, 10_000, 0),
        ("search=nothing", "", 0, 0, 10_000, 0),
    ],
)
def test_the_totals_count_the_matches_of_the_filter_whatever_the_page(
    alice: Caller,
    settings: Settings,
    shape: str,
    query: str,
    titles: str,
    total: int,
    completed: int,
    limit: int,
    offset: int,
) -> None:
    settings.LIST_ENVELOPE = shape

    answer = alice.get(f"{alice.tasks}?{query}")

    found = whole(answer, shape)
    assert [task["title"] for task in found.pop("tasks")] == list(titles)
    assert found == {
        "total": total,
        "count": total,
        "limit": limit,
        "offset": offset,
        "completed_count": completed,
        "pending_count": total - completed,
    }
    assert answer.headers["X-Count"] == str(len(titles))


@pytest.mark.parametrize("shape", [False, *WITH_TOTALS])
def test_pages_go_on_by_header_and_link(alice: Caller, made: list[Task], settings: Settings, shape: object) -> None:
    settings.LIST_ENVELOPE = shape
    answer = alice.get(f"{alice.tasks}?limit=4")

    rest = alice.get(f"{alice.tasks}?limit=4&cursor={answer.headers['X-Next-Cursor']}")

    page = whole(rest, shape)
    assert [task["title"] for task in (page["tasks"] if shape else page)] == ["2", "1", "0"]
    link = answer.headers["Link"].removeprefix("<http://testserver").removesuffix('>; rel="next"')
    assert alice.get(link).content == rest.content
    assert "X-Next-Cursor" not in rest.headers


@pytest.mark.parametrize("shape", WITH_TOTALS)
def test_nobody_elses_tasks_are_counted(
    alice: Caller, bob: Caller, make_task: MakeTask, settings: Settings, shape: str
) -> None:
    settings.LIST_ENVELOPE = shape
    make_task(bob)

    assert whole(alice.get(alice.tasks), shape)["total"] == 0


@pytest.mark.parametrize(
    ("shape", "tasks", "conversations", "admin_lists"),
    [
        (True, {"data", "meta"}, dict, dict),
        (False, None, list, list),
        ("tasks", {"tasks", "total", "count", "limit", "offset", "completed_count", "pending_count"}, list, dict),
        ("data.tasks", {"data"}, dict, dict),
    ],
)
def test_each_list_has_the_shape_of_its_setting(
    alice: Caller,
    admin: Caller,
    settings: Settings,
    shape: object,
    tasks: set[str] | None,
    conversations: type,
    admin_lists: type,
) -> None:
    settings.LIST_ENVELOPE = shape
    alice.post(f"/api/{alice.id}/chat", {"message": "Hello"})

    for path, caller in ((alice.tasks, alice), (f"/api/admin/users/{alice.id}/tasks", admin)):
        found = caller.get(path).json
        assert (found == []) if tasks is None else (set(found) == tasks)
    listed: Any = alice.get("/api/conversations").json
    assert len(listed["data"] if isinstance(listed, dict) else listed) == 1
    assert isinstance(listed, conversations)
    for path in ("/api/admin/users", "/api/admin/auth-events"):
        assert isinstance(admin.get(path).json, admin_lists)


def test_bare_admin_lists_go_on_by_header(admin: Caller, alice: Caller, bob: Caller, settings: Settings) -> None:
    settings.LIST_ENVELOPE = False

    first = admin.get("/api/admin/users?limit=2")
    rest = admin.get(f"/api/admin/users?limit=2&cursor={first.headers['X-Next-Cursor']}")

    assert {user["id"] for user in first.json + rest.json} == {admin.id, alice.id, bob.id}
    assert (first.headers["X-Count"], rest.headers["X-Count"]) == ("2", "1")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_document_describes_the_shape_that_is_sent(
    alice: Caller, anonymous: Caller, settings: Settings, shape: object
) -> None:
    settings.LIST_ENVELOPE = shape
    # Which a process writes once.
    docs.forget()

    document = anonymous.get("/openapi.json").json
    docs.forget()

    operation = document["paths"]["/api/{user_id}/tasks"]["get"]
    described = operation["responses"]["200"]["content"]["application/json"]["schema"]
    if reference := described.get("$ref"):
        described = document["components"]["schemas"][reference.rpartition("/")[2]]
    sent = alice.get(alice.tasks).json
    while isinstance(sent, dict):
        assert set(described["properties"]) == set(sent)
        name = "data" if "data" in sent else "tasks"
        sent, described = sent[name], described["properties"][name]
    assert described["type"] == "array"
    assert described["items"]["$ref"].endswith("/Task")
