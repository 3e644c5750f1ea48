"""The tools as a model is told of them: function definitions of OpenAI's chat completions."""

from collections.abc import Mapping
from typing import Any, Final

from tasks.lists.filters import ORDERINGS, PRIORITIES
from tasks.models import MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH
from tasks.tags import MAX_TAG_LENGTH, MAX_TAGS

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 50

Schema = Mapping[str, Any]

TASK: Final[Schema] = {
    "type": "string",
    "description": "Which task: its id, '#3' for number 3 of the last list shown, or words of its title.",
}
TITLE: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": MAX_TITLE_LENGTH}
PRIORITY: Final[Schema] = {"type": "string", "enum": list(PRIORITIES)}
INSTANT: Final[Schema] = {
    "type": "string",
    "description": "RFC 3339: 2026-01-14T10:00:00+01:00, without an offset in the person's zone.",
}
TAGS: Final[Schema] = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": MAX_TAG_LENGTH},
    "maxItems": MAX_TAGS,
    "description": "Single words without #.",
}
STATUS: Final[Schema] = {"type": "string", "enum": ["all", "pending", "completed"]}
# What can be without a value. An argument that is null clears nothing: strict models send it for "unset".
CLEARABLE: Final = ("due_at", "description", "tags")
CLEAR: Final[Schema] = {
    "type": "array",
    "items": {"type": "string", "enum": list(CLEARABLE)},
    "description": "What to remove from the task.",
}
LIMIT: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "description": f"{DEFAULT_LIMIT}."}


def tool(name: str, description: str, required: tuple[str, ...], /, **properties: Schema) -> Schema:
    parameters = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS: Final = (
    tool(
        "add_task", "Adds a task.", ("title",),
        title=TITLE, description={"type": "string", "maxLength": MAX_DESCRIPTION_LENGTH}, priority=PRIORITY,
        due_at=INSTANT, tags=TAGS,
    ),
    tool(
        "list_tasks", "Shows tasks, newest first unless ordered otherwise. All filters hold at once.", (),
        status=STATUS, priority=PRIORITY, tags=TAGS, due_after=INSTANT, due_before=INSTANT,
        ordering={"type": "string", "enum": list(ORDERINGS)}, limit=LIMIT,
    ),
    tool(
        "search_tasks", "Shows the tasks whose title or description holds every word of the query.", ("query",),
        query={"type": "string"}, status=STATUS, limit=LIMIT,
    ),
    tool("complete_task", "Marks a task as done.", ("task",), task=TASK),
    tool("reopen_task", "Marks a task as not done.", ("task",), task=TASK),
    tool(
        "update_task", "Changes what is given of a task, and nothing else.", ("task",),
        task=TASK, title=TITLE, description={"type": "string", "maxLength": MAX_DESCRIPTION_LENGTH},
        priority=PRIORITY, due_at=INSTANT, tags=TAGS, add_tags=TAGS, remove_tags=TAGS, clear=CLEAR,
    ),
    tool("delete_task", "Deletes a task. The person is asked first unless they named it.", ("task",), task=TASK),
)  # fmt: skip
