"""Where bodies are translated: behind the parsers that a view has, once somebody looks at the body."""

from collections.abc import Mapping
from typing import IO, Any, Final

from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.views import APIView

from core.ids import parse_uuid
from tasks.models import Task
from todo_project.family import bodies

# The service's name of what other spellings say.
OWN_NAMES: Final = {"status": "completed", "is_completed": "completed", "due_date": "due_at", "dueDate": "due_at"}
WRONG_TYPE: Final[Mapping[str, Any]] = {}


class TranslatingParser(BaseParser):
    def __init__(self, parser: BaseParser) -> None:
        self._parser = parser
        self.media_type = parser.media_type

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = self._parser.parse(stream, media_type, parser_context)
        return self.translate(body, (parser_context or {})["view"])

    def translate(self, body: Any, view: Any) -> Any:
        raise NotImplementedError


class TaskParser(TranslatingParser):
    def translate(self, body: dict[str, Any], view: Any) -> dict[str, Any]:
        task_id = view.kwargs.get("task_id")
        return bodies.usual(body, task_id, view.get_object if task_id else _no_task)


class BulkParser(TranslatingParser):
    def translate(self, body: dict[str, Any], view: Any) -> dict[str, Any]:
        operations = body.get("operations")
        if isinstance(operations, list):
            body["operations"] = [_operation(operation, view.kwargs["user_id"]) for operation in operations]
        return body


def _no_task() -> None:
    """Where one is about to be created."""


def _operation(operation: Any, user_id: str) -> Any:
    if not isinstance(operation, dict) or not isinstance(operation.get("data"), dict):
        return operation
    task_id = operation.get("id") if isinstance(operation.get("id"), str) else None

    def stored() -> Task | None:
        known = parse_uuid(task_id or "")
        # A missing one the operation itself is told.
        return Task.objects.filter(user_id=user_id, id=known).first() if known else None

    data = operation["data"]
    try:
        return {**operation, "data": bodies.usual(data, task_id, stored)}
    except ValidationError as error:
        # A bad operation may leave the others alone, so it is refused where each is looked at.
        faults: Any = error.detail
        return {**operation, "data": {**data, **{OWN_NAMES[name]: WRONG_TYPE for name in faults}}}


class ReadsTasks(APIView):
    """Goes before a view whose bodies are tasks."""

    def get_parsers(self) -> list[BaseParser]:
        return [TaskParser(parser) for parser in super().get_parsers()]


class ReadsBulks(APIView):
    """Goes before the view whose bodies hold many."""

    def get_parsers(self) -> list[BaseParser]:
        return [BulkParser(parser) for parser in super().get_parsers()]
