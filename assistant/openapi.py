"""What the OpenAPI document says of the assistant: calls of its tools, and the events of a streamed turn."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from assistant.tools.definitions import PRIORITY, TOOLS
from core.rest.openapi.declaring import Refusals, component, constant, either, record
from core.rest.openapi.refusals import PROBLEM

TEXT: Final = {"type": "string"}
TRUE: Final = {"type": "boolean", "const": True}
# They look, and take null for what is not asked.
LOOKS: Final = ("list_tasks", "search_tasks")

SHOWN_TASK: Final = component(
    "ShownTask",
    record(
        description="A task as results tell of it: without what is empty.",
        id={"type": "string", "format": "uuid"},
        title=TEXT,
        optional={
            "number": {"type": "integer", "minimum": 1, "description": "In the list that was shown: “#3”."},
            "completed": {"type": "boolean"},
            "priority": PRIORITY,
            "due_at": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "items": TEXT},
            "description": TEXT,
        },
    ),
)
CHANGED: Final = component(
    "ChangeOutcome",
    record(
        optional={
            "task": SHOWN_TASK,
            "unchanged": TRUE | {"description": "It was so already."},
            "needs_confirmation": TRUE | {"description": "Nothing has been done yet: it waits for a yes."},
        }
    )
    | {"additionalProperties": False},
)
LOOKED: Final = component(
    "LookOutcome",
    record(
        tasks={"type": "array", "items": SHOWN_TASK},
        count={"type": "integer", "minimum": 0, "description": "Of all that match."},
        more={"type": "boolean", "description": "Whether there are more than these."},
    ),
)
FAILED: Final = component(
    "FailureOutcome",
    record(
        error=record(
            code=TEXT | {"description": "Such as `task_not_found`, `ambiguous` or `invalid_arguments`."},
            detail=TEXT,
            optional={"matches": {"type": "array", "items": SHOWN_TASK}},
        )
    ),
)


def _arguments(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    properties = dict(_properties(parameters["properties"], takes_null=name in LOOKS))
    return component(f"{_called(name)}Arguments", record(**{key: properties.pop(key) for key in parameters["required"]},
                                                         optional=properties))  # fmt: skip


def _properties(properties: Mapping[str, Any], *, takes_null: bool) -> Iterator[tuple[str, Any]]:
    for name, schema in properties.items():
        if name == "task":
            # Some models write the number of a list as one.
            yield name, {**schema, "type": ["string", "integer"]}
        elif takes_null and name != "query":
            choices = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
            yield name, {**schema, "type": [schema["type"], "null"], **choices}
        else:
            yield name, schema


def _called(tool: str) -> str:
    return "".join(word.capitalize() for word in tool.split("_"))


def _call(function: Mapping[str, Any]) -> dict[str, Any]:
    name = function["name"]
    outcome = LOOKED if name in LOOKS else CHANGED
    arguments = _arguments(name, function["parameters"])
    return component(f"{_called(name)}Call", record(tool=constant(name), arguments=arguments, result=outcome))


FAILED_CALL: Final = component(
    "FailedCall",
    record(
        description="A call that came to nothing, whatever its arguments were.",
        tool=TEXT,
        arguments={"type": "object", "additionalProperties": {}},
        result=FAILED,
    ),
)
TOOL_CALL: Final = component(
    "ToolCall",
    {
        "description": "What the assistant did; `tool` tells them apart, and `result.error` one that failed.",
        # Not oneOf: by its name alone a failed call may be any.
        "anyOf": [*(_call(definition["function"]) for definition in TOOLS), FAILED_CALL],
    },
)

TURN: Final = {"$ref": "#/components/schemas/Turn"}
EVENTS: Final = {
    "message": component("MessageEvent", record(event=constant("message"), data=record(delta=TEXT))),
    "tool_call": component("ToolCallEvent", record(event=constant("tool_call"), data=TOOL_CALL)),
    "done": component("DoneEvent", record(event=constant("done"), data=TURN)),
    "error": component("ErrorEvent", record(event=constant("error"), data=PROBLEM)),
}
EVENT: Final = component(
    "ChatEvent",
    {
        "description": "One event of a streamed turn; its `data` is JSON.",
        **either(*EVENTS.values()),
        "discriminator": {
            "propertyName": "event",
            "mapping": {name: reference["$ref"] for name, reference in EVENTS.items()},
        },
    },
)
UI_CHUNK: Final = component(
    "UIMessageChunk",
    {
        **record(type=TEXT),
        "description": "A chunk of the AI SDK's UI-message stream, by `type`; `[DONE]` follows the last.",
        "additionalProperties": {},
    },
)
THREAD_EVENT: Final = component(
    "ThreadStreamEvent",
    {**record(type=TEXT), "description": "An event of ChatKit, by `type`.", "additionalProperties": {}},
)


def _stream(description: str, event: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "string",
        "description": description,
        "contentMediaType": "text/event-stream",
        "contentSchema": event,
    }


STREAM: Final = _stream(
    "Server-sent events, each a `ChatEvent`; to a body with `messages`, a `UIMessageChunk`.", either(EVENT, UI_CHUNK)
)
THREAD_STREAM: Final = _stream("Server-sent events, each a `ThreadStreamEvent`.", THREAD_EVENT)

MISSING: Final[Refusals] = {404: ("conversation_not_found",)}
TALK: Final[Refusals] = {
    **MISSING,
    409: ("quota_exceeded",),
    429: ("throttled", "tokens_spent"),
    502: ("model_failed",),
    503: ("model_unavailable", "chat_busy"),
}
CONFIRMED: Final[Refusals] = {404: ("conversation_not_found", "action_not_found"), 409: ("quota_exceeded",)}
SAYINGS: Final = {
    "Add": {"message": "Add task: buy milk tomorrow at 9", "timezone": "Europe/Rome"},
    "Ask": {"message": "What is due this week?"},
    "Ask first": {"message": "Delete all completed tasks"},
}
ACTION: Final = {"action_id": "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"}
