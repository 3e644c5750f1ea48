"""The assistant's tools as MCP tells of them, and which scopes each needs."""

from collections.abc import Mapping
from typing import Any, Final

from accounts.models import Scope
from assistant.tools.definitions import TOOLS, Schema
from core.ids import parse_uuid

CONFIRM: Final = "confirm_action"
READS: Final = ("list_tasks", "search_tasks")
# Not what was last shown: there is no conversation.
TASK: Final[Schema] = {"type": "string", "description": "Which task: its id, or words of its title."}
TITLES: Final = {
    "add_task": "Add a task",
    "list_tasks": "List tasks",
    "search_tasks": "Search tasks",
    "complete_task": "Complete a task",
    "reopen_task": "Reopen a task",
    "update_task": "Change a task",
    "delete_task": "Delete a task",
}
DELETION: Final = (
    "Asks whether to delete a task. Nothing is deleted yet: the answer holds a `pending_action`; show its summary to "
    f"the person, and call {CONFIRM} with its id only once they have agreed. It waits for 10 minutes."
)
INSTRUCTIONS: Final = (
    "The to-do list of one person. A deletion is asked for and not done: it comes back as a `pending_action`, which "
    f"`{CONFIRM}` runs once the person has agreed to its summary. Times are RFC 3339 with an offset."
)

TASK_SHOWN: Final[Schema] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": "string"},
        "completed": {"type": "boolean"},
        "priority": {"type": "string", "enum": ["low", "medium", "high"]},
        "due_at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "description": {"type": "string"},
    },
    "required": ["id", "title"],
    "description": "What it has not is left out.",
}
LISTED: Final[Schema] = {
    "type": "object",
    "properties": {
        "tasks": {"type": "array", "items": TASK_SHOWN},
        "count": {"type": "integer", "description": "Of all that match."},
        "more": {"type": "boolean"},
    },
    "required": ["tasks", "count", "more"],
}
CHANGED: Final[Schema] = {
    "type": "object",
    "properties": {"task": TASK_SHOWN, "unchanged": {"type": "boolean", "const": True}},
    "required": ["task"],
}
ASKED: Final[Schema] = {
    "type": "object",
    "properties": {
        "task": TASK_SHOWN,
        "needs_confirmation": {"type": "boolean", "const": True},
        "pending_action": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "summary": {"type": "string"},
                "expires_at": {"type": "string", "format": "date-time"},
            },
            "required": ["id", "summary", "expires_at"],
        },
    },
    "required": ["task", "needs_confirmation", "pending_action"],
}


def _hints(name: str) -> dict[str, bool]:
    """What is overwritten counts as destroyed. All of it stays in here: no tool reaches an open world."""
    if name in READS:
        return {"readOnlyHint": True, "openWorldHint": False}
    return {
        "readOnlyHint": False,
        "destructiveHint": name in ("update_task", "delete_task", CONFIRM),
        "idempotentHint": name in ("complete_task", "reopen_task"),
        "openWorldHint": False,
    }


def _definition(function: Mapping[str, Any]) -> dict[str, Any]:
    name, parameters = function["name"], function["parameters"]
    properties = parameters["properties"] | ({"task": TASK} if "task" in parameters["properties"] else {})
    return {
        "name": name,
        "title": TITLES[name],
        "description": DELETION if name == "delete_task" else function["description"],
        "inputSchema": {**parameters, "properties": properties},
        "outputSchema": LISTED if name in READS else ASKED if name == "delete_task" else CHANGED,
        "annotations": _hints(name),
    }


CONFIRMATION: Final[Schema] = {
    "name": CONFIRM,
    "title": "Confirm what waits",
    "description": "Does what a `pending_action` says, once. Only after the person has seen its summary and agreed.",
    "inputSchema": {
        "type": "object",
        "properties": {"action_id": {"type": "string", "format": "uuid", "description": "Of the pending_action."}},
        "required": ["action_id"],
        "additionalProperties": False,
    },
    "outputSchema": CHANGED,
    "annotations": _hints(CONFIRM),
}
DEFINITIONS: Final[Mapping[str, Schema]] = {
    definition["name"]: definition for definition in (*(_definition(tool["function"]) for tool in TOOLS), CONFIRMATION)
}


def scopes_for(name: str, arguments: Mapping[str, Any]) -> frozenset[Scope]:
    """Whoever may not read names a task by its id: words would tell which there are."""
    if name in READS:
        return frozenset({Scope.TASKS_READ})
    by_words = "task" in arguments and not parse_uuid(str(arguments["task"]))
    return frozenset({Scope.TASKS_WRITE, Scope.TASKS_READ} if by_words else {Scope.TASKS_WRITE})


def permitted(scopes: frozenset[Scope] | None) -> list[Schema]:
    """The tools that a token of these scopes may call in some way, always in the same order."""
    held = frozenset(Scope) if scopes is None else scopes
    return [definition for name, definition in DEFINITIONS.items() if scopes_for(name, {}) <= held]
