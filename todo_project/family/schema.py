"""What the OpenAPI document says of the answers of this folder, under the settings as they are."""

from typing import Any, Final

from django.conf import settings

from tasks.models import Priority
from todo_project.family import fields, shapes

TEXT: Final = {"type": "string"}
PRIORITY: Final = {
    "oneOf": [{"type": "string", "enum": list(Priority.labels)}, {"type": "null"}],
    "description": "`medium` where nothing is sent at creation, or null.",
}
ADDED: Final[dict[str, dict[str, Any]]] = {
    "TokenPair": {
        "token": TEXT | {"description": "The same as `access_token`."},
        "user_id": TEXT | {"description": "Of `user`."},
        "id": TEXT | {"description": "The same."},
        "email": TEXT | {"description": "Of `user`."},
        "name": TEXT | {"description": "Of `user`."},
    },
    "Turn": {
        "tool_invocations": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/ToolCall"},
            "description": "The same as `tool_calls`, always as objects.",
        },
        "response_text": TEXT | {"description": "The same as `response`."},
    },
}
NAMES: Final = {"type": "array", "items": TEXT, "description": "Of the tools, as the setting CHAT_TOOL_CALLS says."}


def describe(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Of drf-spectacular's ``POSTPROCESSING_HOOKS``."""
    schemas = result["components"]["schemas"]
    for name, added in (ADDED | ({"Task": fields.DESCRIBED} if settings.ADDED_TASK_FIELDS else {})).items():
        schemas[name]["properties"] |= added
        schemas[name]["required"] = [*schemas[name].get("required", []), *added]
    for name in ("TaskRequest", "PatchedTaskRequest"):
        schemas[name]["properties"]["priority"] = PRIORITY
    _tool_calls(schemas)
    kept = {"type": "array", "items": {"$ref": "#/components/schemas/ChatMessage"}}
    schemas["MessageList"] = shapes.MessageList(0).get_paginated_response_schema(kept)
    for path in ("/api/auth/me", "/api/auth/get-session"):
        for method in ("get", "patch"):
            if operation := result["paths"][path].get(method):
                _whole_user(operation)
    return result


def _tool_calls(schemas: dict[str, Any]) -> None:
    for reference in schemas["ToolCall"]["anyOf"]:
        call = schemas[reference["$ref"].rpartition("/")[2]]
        call["properties"]["name"] = call["properties"]["tool"] | {"description": "The same as `tool`."}
        call["required"] = [*call["required"], "name"]
    if settings.CHAT_TOOL_CALLS == "names":
        for name in ("Turn", "ChatMessage"):
            schemas[name]["properties"]["tool_calls"] = NAMES


def _whole_user(operation: dict[str, Any]) -> None:
    content = operation["responses"]["200"]["content"]["application/json"]
    user = content["schema"]
    content["schema"] = {"allOf": [user, {"type": "object", "required": ["user"], "properties": {"user": user}}]}
