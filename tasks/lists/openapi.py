"""What the OpenAPI document says of a list's parameters."""

from typing import Any

from tasks.lists.filters import MAX_WORDS, ORDERINGS, PRIORITIES, STATUS


def list_parameters() -> list[dict[str, Any]]:
    return [
        _parameter("completed", "Only completed tasks, or only open ones.", type="boolean"),
        _parameter(
            "status",
            "`active` and `pending` are both open. Together with `completed` both must hold.",
            type="string",
            enum=list(STATUS),
        ),
        _parameter("priority", "Only tasks of this priority.", type="string", enum=list(PRIORITIES)),
        _parameter(
            "tag",
            "Repeated: only tasks that have all of them. Without case.",
            type="array",
            items={"type": "string"},
        )
        | {"style": "form", "explode": True},
        _parameter("due_after", "Only tasks due then or later.", type="string", format="date-time"),
        _parameter("due_before", "Only tasks due earlier.", type="string", format="date-time"),
        _parameter("updated_since", "Only tasks changed then or later.", type="string", format="date-time"),
        _parameter(
            "search",
            f"Up to {MAX_WORDS} words: only tasks with each of them in title or description. Without case.",
            type="string",
        ),
        _parameter(
            "ordering",
            "`-` for descending. Priority sorts low, medium, high; title without case, by code point; "
            "tasks without `due_at` come last in both directions; equal ones are in the order of their ids.",
            type="string",
            enum=list(ORDERINGS),
            default="-created_at",
        ),
    ]


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
