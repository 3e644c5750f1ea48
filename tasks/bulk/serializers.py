from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from core.errors import NotFound
from core.rest.fields import BooleanField, ChoiceField, TextField
from tasks.bulk.operations import CREATE, DELETE, MAX_OPERATIONS, Operation
from tasks.serializers import read_changes, read_draft, read_task_id

# Each operation and what it makes of its ``data``.
READERS: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    CREATE: read_draft,
    "update": read_changes,
    "complete": lambda data: {"completed": True},
    "reopen": lambda data: {"completed": False},
    DELETE: lambda data: {},
}


class OperationSerializer(serializers.Serializer[Any]):
    op = ChoiceField(list(READERS))
    id = TextField(required=False, allow_null=True, help_text="Of the task, for all but create; each at most once.")
    data = serializers.DictField(  # type: ignore[assignment] # a field, which the metaclass takes out of the class
        required=False, allow_null=True, help_text="The fields of the task, for create and update."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["op"] != CREATE and attrs.get("id") is None:
            raise serializers.ValidationError({"id": ["Say which task."]}, code="required")
        return attrs


class EnvelopeSerializer(serializers.Serializer[Any]):
    """The operations are looked at one by one, by ``read_operation``: a bad one may leave the rest alone."""

    operations = serializers.ListField(max_length=MAX_OPERATIONS)
    atomic = BooleanField(default=True)

    def validate_operations(self, operations: list[Any]) -> list[Any]:
        seen: set[str] = set()
        for position, operation in enumerate(operations):
            named = _named_task(operation)
            if named in seen:
                detail = ErrorDetail("An operation before this one names the same task.", code="duplicate_id")
                raise serializers.ValidationError({f"{position}.id": [detail]})
            seen |= {named} if named else set()
        return operations


def read_operation(sent: Any) -> Operation:
    """What is wrong with it becomes its ``fault``."""
    try:
        known = _operation_serializer().run_validation(sent)
    except serializers.ValidationError as fault:
        return Operation(op="", fault=fault)
    op = known["op"]
    try:
        task_id = None if op == CREATE else read_task_id(known["id"])
    except NotFound as fault:
        return Operation(op, fault=fault)
    try:
        return Operation(op, task_id, READERS[op](known.get("data") or {}))
    except serializers.ValidationError as fault:
        return Operation(op, task_id, fault=serializers.ValidationError({"data": fault.detail}))


def _named_task(operation: Any) -> str | None:
    """The id of an operation that has a use for it; UUIDs are the same in either case."""
    if not isinstance(operation, dict) or operation.get("op") == CREATE:
        return None
    named = operation.get("id")
    return named.lower() if isinstance(named, str) else None


@cache
def _operation_serializer() -> OperationSerializer:
    return OperationSerializer()
