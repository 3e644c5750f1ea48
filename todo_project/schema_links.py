"""What an answer leads on to, for the OpenAPI document: links from the operation that made something to those on it."""

from typing import Any, Final

CALLER: Final = {"user_id": "$request.path.user_id"}
MADE: Final = "$response.body#/id"
UNDO: Final = {"undo": "$response.header.X-Undo"}
# Operation and status; then the parameter that its answer, or its own path, gives to which operations.
LINKS: Final[tuple[tuple[str, str, str, str, tuple[str, ...]], ...]] = (
    (
        "tasks_create", "201", "task_id", MADE,
        ("tasks_retrieve", "tasks_update", "tasks_partial_update", "tasks_complete", "tasks_toggle", "tasks_destroy",
         "tasks_history"),
    ),
    ("tasks_destroy", "204", "task_id", "$request.path.task_id", ("tasks_restore",)),
    ("tasks_restore", "200", "task_id", MADE, ("tasks_retrieve",)),
    (
        "conversations_create", "201", "conversation_id", MADE,
        ("conversations_retrieve", "conversations_messages", "conversations_destroy"),
    ),
    ("tokens_create", "201", "token_id", MADE, ("tokens_destroy",)),
)  # fmt: skip
# What each of them changes can be taken back.
UNDOABLE: Final = {
    "tasks_create": "201", "tasks_update": "200", "tasks_partial_update": "200", "tasks_complete": "200",
    "tasks_toggle": "200", "tasks_destroy": "204", "tasks_bulk": "200", "tasks_restore": "200",
}  # fmt: skip


def add_links(paths: dict[str, Any]) -> None:
    """To the paths with a user id and, among themselves, to those without."""
    operations = {
        operation["operationId"]: (path, operation) for path, each in paths.items() for operation in each.values()
    }
    for suffix in ("", "_own"):
        for source, status, parameter, value, targets in LINKS:
            for target in targets:
                _link(operations, source + suffix, status, target + suffix, {parameter: value})
    for source, status in UNDOABLE.items():
        _link(operations, source, status, "undo", {}, UNDO)


def _link(
    operations: dict[str, tuple[str, dict[str, Any]]],
    source: str,
    status: str,
    target: str,
    values: dict[str, str],
    body: dict[str, str] | None = None,
) -> None:
    if source not in operations or target not in operations:
        return
    path, operation = operations[source]
    parameters = {**(CALLER if "{user_id}" in path else {}), **values}
    link = {"operationId": target, "parameters": parameters, **({"requestBody": body} if body else {})}
    operation["responses"][status].setdefault("links", {})[target] = link
