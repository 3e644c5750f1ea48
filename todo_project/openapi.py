"""The last of drf-spectacular's ``POSTPROCESSING_HOOKS``: what only whoever has seen all of the document can say."""

from typing import Any, Final

from accounts.models import AuthEvent, Scope, User
from assistant.models import Role
from core.rest.openapi import document
from tasks.lists.filters import ORDERINGS
from tasks.models import Priority
from todo_project.family.own_paths import describe_own
from todo_project.schema_links import add_links
from todo_project.schema_text import ANY_USER, PATH_PARAMETERS

ADMIN: Final = "/api/admin/"
# Enumerations that have a name, which stays when another one comes to have the same field.
ENUMS: Final[dict[str, list[str]]] = {
    "Priority": list(Priority.labels),
    "TaskOrdering": list(ORDERINGS),
    "Role": list(User.Role.values),
    "TokenScope": list(Scope.values),
    "MessageRole": list(Role.values),
    "AuthEventKind": list(AuthEvent.Kind.values),
}


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    for path, operations in result["paths"].items():
        for operation in operations.values():
            # An empty list says that no token is asked for.
            operation.setdefault("security", [])
            for parameter in operation.get("parameters", []):
                _describe(parameter, path)
    result["paths"] |= describe_own(result["paths"])
    add_links(result["paths"])
    return document.tidy(document.with_named_enums(result, ENUMS))


def _describe(parameter: dict[str, Any], path: str) -> None:
    """The routes' own converters are none of the caller's business."""
    if parameter["in"] == "path":
        description, schema = PATH_PARAMETERS[parameter["name"]]
        is_any = path.startswith(ADMIN) and parameter["name"] == "user_id"
        parameter |= {"description": ANY_USER if is_any else description, "schema": dict(schema)}
