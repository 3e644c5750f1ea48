"""Short words for the bulk endpoint."""

from typing import Any

from tasks.models import Task
from testing.callers import Answer, Caller


def bulk(caller: Caller, *operations: Any, owner: Caller | None = None, **more: Any) -> Answer:
    return caller.post(f"{(owner or caller).tasks}/bulk", {"operations": operations, **more})


def op(kind: str, task: Task | str | None = None, **data: Any) -> dict[str, Any]:
    named = {} if task is None else {"id": str(task.id if isinstance(task, Task) else task)}
    return {"op": kind, **named, **({"data": data} if data else {})}


def fields(answer: Answer) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json["errors"]]


def rows(caller: Caller) -> list[tuple[str, bool, int]]:
    tasks = Task.objects.visible_to(caller.user).order_by("id")
    return [(task.title, task.completed, task.version) for task in tasks]
