"""Who may see a task is one QuerySet method: where it says less, every door shows less."""

from collections.abc import Callable, Generator

import pytest

from accounts.models import User
from tasks.models import Task, TaskQuerySet
from tasks.statements import visible_sql
from testing.callers import Caller

MakeTask = Callable[..., Task]


@pytest.fixture
def hide_completed(monkeypatch: pytest.MonkeyPatch) -> Generator[None, None, None]:
    def visible_to(tasks: TaskQuerySet, user: User) -> TaskQuerySet:
        return tasks.filter(user_id=user.pk, completed_at__isnull=True)

    monkeypatch.setattr(TaskQuerySet, "visible_to", visible_to)
    visible_sql.cache_clear()
    yield
    visible_sql.cache_clear()


@pytest.mark.usefixtures("hide_completed")
def test_a_list_holds_what_is_visible(alice: Caller, make_task: MakeTask) -> None:
    task, _ = make_task(alice), make_task(alice, completed=True)

    for query in ("", "?limit=5", "?search=e", "?ordering=due_at"):
        assert [shown["id"] for shown in alice.get(f"{alice.tasks}{query}").json["data"]] == [str(task.id)], query


@pytest.mark.usefixtures("hide_completed")
def test_what_is_not_visible_is_not_there(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice, completed=True).id}"

    assert alice.get(path).is_problem(404, "task_not_found")
    # The body is wrong, which only who sees the task is told.
    assert alice.patch(path, {"title": 1}).is_problem(404, "task_not_found")
    # No version of it matches, which only who sees the task is told.
    assert alice.patch(path, {"title": "New"}, If_Match='"9"').is_problem(404, "task_not_found")


def test_the_sql_names_the_owner_alone() -> None:
    assert visible_sql("%s") == '"tasks_task"."user_id" = %s'
