"""What the OpenAPI document says of the journal."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.rest.fields import TimestampField
from core.rest.openapi.declaring import IDEMPOTENT, Refusals, component, constant, merged, record
from core.rest.pagination import MAX_LIMIT
from tasks.models import Via

INTEGER: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
TASK: Final = {"$ref": "#/components/schemas/Task"}
SINCE: Final = OpenApiParameter(
    "since",
    INTEGER,
    "query",
    required=True,
    description="The `version` of a list, or the `next` of the changes before.",
)
LIMIT: Final = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": MAX_LIMIT},
    "query",
    description="Changes in one answer.",
)
CHANGE: Final = component(
    "Change",
    record(
        description="A task, and the number of its newest change.",
        version=INTEGER,
        id={"type": "string", "format": "uuid"},
        task={"oneOf": [TASK, {"type": "null"}], "description": "As it is now; null: it is gone."},
    ),
)
CHANGES: Final = component(
    "Changes",
    record(
        data={"type": "array", "items": CHANGE},
        meta=record(
            next=INTEGER | {"description": "What to ask for the changes since, next time."},
            more={"type": "boolean", "description": "Whether there are more of them by now."},
        ),
    ),
)
LAST_EVENT_ID: Final = OpenApiParameter(
    "Last-Event-ID",
    {"type": "string"},
    "header",
    description="The number of the last event, as browsers send it when they open a stream anew.",
)
EVENT: Final = component(
    "ChangeEvent",
    record(
        description="An event of `/events`; its `id` is the number too.",
        event=constant("change"),
        data=record(version=INTEGER | {"description": "Of the last change by now."}),
    ),
)
EVENTS: Final[dict[str, Any]] = {
    "type": "string",
    "description": "Server-sent events, each a `ChangeEvent`; comments keep a silent stream alive.",
    "contentMediaType": "text/event-stream",
    "contentSchema": EVENT,
}
NO_ROOM: Final[Refusals] = {429: ("too_many_streams",), 503: ("streams_full",)}
EXPIRED: Final[Refusals] = {410: ("changes_expired",), 422: ("invalid",)}
UNDONE: Final = component(
    "Undone",
    record(
        data={"type": "array", "items": TASK, "description": "The tasks that this brought back or changed."},
    ),
)
UNDO: Final[Refusals] = merged([{409: ("changed_since",), 422: ("invalid", "undo_invalid")}, IDEMPOTENT])
TAKEN_BACK: Final = {"undo": "41-43-1769335200:X3nDqPqhnZ4hA2cT8m0R1w5yKfVbJsLuEoIgN6tCaQ0"}


class HistoryEntrySerializer(serializers.Serializer[Any]):
    """``tasks.journal.history`` writes what goes out."""

    version = serializers.IntegerField(min_value=0, help_text="Its number among all changes of the owner's tasks.")
    at = TimestampField()
    by = serializers.CharField(allow_null=True, help_text="The user's id; null: whoever runs the service.")
    via = serializers.ChoiceField(Via.labels, help_text="The door that it came in by.")
    changes = serializers.DictField(
        child=serializers.ListField(min_length=2, max_length=2),
        help_text="Each field that is another, before and after; `deleted_at` for the trash.",
    )
