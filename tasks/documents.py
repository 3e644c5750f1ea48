"""Tasks from and to JSON. One serializer serves every request: making one costs more than using it,
and neither direction leaves anything behind in it.
"""

import uuid
from functools import cache
from typing import Any

from accounts.ids import parse_uuid
from tasks.models import Task
from tasks.serializers import CompletionSerializer, TaskSerializer
from tasks.services import task_not_found


def document(task: Task) -> dict[str, Any]:
    return dict(_serializer(partial=False).to_representation(task))


def read_draft(data: Any) -> dict[str, Any]:
    """The fields of a task to create. Raises ``ValidationError``."""
    return dict(_serializer(partial=False).run_validation(data))


def read_changes(data: Any) -> dict[str, Any]:
    """The fields to change. Raises ``ValidationError``."""
    return dict(_serializer(partial=True).run_validation(data))


def read_completion(data: Any) -> bool | None:
    """Whether the task shall be completed; None: not said. Raises ``ValidationError``."""
    fields: dict[str, bool] = _completion_serializer().run_validation(data)
    return fields.get("completed")


def read_task_id(text: str) -> uuid.UUID:
    """Raises ``NotFound``: no task has an id that is no UUID."""
    task_id = parse_uuid(text)
    if task_id is None:
        raise task_not_found()
    return task_id


@cache
def _serializer(*, partial: bool) -> TaskSerializer:
    return TaskSerializer(partial=partial)


@cache
def _completion_serializer() -> CompletionSerializer:
    return CompletionSerializer()
