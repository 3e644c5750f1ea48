"""What the OpenAPI document says of the task endpoints."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from core.rest.openapi.declaring import IDEMPOTENT, Headers, Refusals, component, constant, either, merged, record
from core.rest.openapi.refusals import PROBLEM

ETAGS: Final = {"type": "string"}
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    ETAGS,
    "header",
    description="The `ETag`s that the change may be made to; else `412`, and nothing changes.",
)
READ_IF_MATCH: Final = OpenApiParameter(
    "If-Match", ETAGS, "header", description="The `ETag`s that the caller wants to see; else `412`."
)
IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match", ETAGS, "header", description="The `ETag`s that the caller has; `304` if it still is one of them."
)
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "header",
    description=(
        "For 24 hours the same key, path and body give the same successful answer again and change nothing. "
        "With another body `422`; while the first still runs, longer than this waits for it, `409`."
    ),
)
UNLESS_MATCH: Final = OpenApiParameter(
    "If-None-Match",
    ETAGS,
    "header",
    description="The `ETag`s that the change must not be made to; `*`: any. Then `412`, and nothing changes.",
)
PERMANENT: Final = OpenApiParameter(
    "permanent",
    {"type": "boolean", "default": False},
    "query",
    description="For good, and out of the trash too.",
)
DELETE: Final = [IF_MATCH, UNLESS_MATCH, PERMANENT]
READ: Final = [READ_IF_MATCH, IF_NONE_MATCH]
CHANGE: Final = [IF_MATCH, UNLESS_MATCH]
CREATE: Final = [IDEMPOTENCY_KEY]
UNCHANGED: Final = OpenApiResponse(description="The caller has the present version already.")

MISSING: Final[Refusals] = {404: ("task_not_found",)}
CHANGED: Final[Refusals] = {**MISSING, 412: ("precondition_failed",)}
FULL: Final[Refusals] = {409: ("quota_exceeded",)}
CREATED: Final[Refusals] = merged([FULL, IDEMPOTENT])
OF_BULK: Final[Headers] = {200: ("X-Undo?", "Idempotency-Replayed?")}
WITH_ETAG: Final[Headers] = {200: ("ETag",), 304: ("ETag",)}
OF_CHANGE: Final[Headers] = {200: ("ETag", "X-Undo?")}
OF_CREATION: Final[Headers] = {201: ("ETag", "Location", "X-Undo", "Idempotency-Replayed?")}
OF_DELETION: Final[Headers] = {204: ("X-Undo?",)}

DRAFT: Final = {
    "title": "Buy groceries",
    "description": "Milk, bread, apples",
    "priority": "high",
    "due_at": "2030-01-14T10:00:00Z",
    "tags": ["home", "shopping"],
}

# --- Bulks ----------------------------------------------------------------------------------------

TASK: Final = {"$ref": "#/components/schemas/Task"}
TASK_ID: Final[dict[str, Any]] = {"type": "string", "format": "uuid", "description": "Of the task; each at most once."}


def _operation(op: str, **more: Any) -> dict[str, Any]:
    return component(f"{op.capitalize()}OperationRequest", record(op=constant(op), **more))


OPERATIONS: Final = {
    "create": _operation("create", data={"$ref": "#/components/schemas/TaskRequest"}),
    "update": _operation("update", id=TASK_ID, data={"$ref": "#/components/schemas/PatchedTaskRequest"}),
    "complete": _operation("complete", id=TASK_ID),
    "reopen": _operation("reopen", id=TASK_ID),
    "delete": _operation("delete", id=TASK_ID),
}
OPERATION: Final = component(
    "OperationRequest",
    {
        **either(*OPERATIONS.values()),
        "discriminator": {
            "propertyName": "op",
            "mapping": {op: reference["$ref"] for op, reference in OPERATIONS.items()},
        },
    },
)
RESULT: Final = component(
    "Result",
    {
        "description": "As the operation's own endpoint would have answered; its `status` tells them apart.",
        **either(
            component("CreatedResult", record(status=constant(201), task=TASK)),
            component("ChangedResult", record(status=constant(200), task=TASK)),
            component("DeletedResult", record(status=constant(204))),
            component("RefusedResult", record(status={"type": "integer", "enum": [404, 409, 422]}, problem=PROBLEM)),
        ),
    },
)
BULK: Final = {
    "Two new tasks": {
        "operations": [
            {"op": "create", "data": {"title": "Buy milk", "tags": ["shopping"]}},
            {"op": "create", "data": {"title": "Call Grace", "priority": "high"}},
        ]
    },
    "What can be done": {
        "operations": [
            {"op": "create", "data": {"title": "Water the plants"}},
            {"op": "complete", "id": "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"},
        ],
        "atomic": False,
    },
}
