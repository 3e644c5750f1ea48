"""Paths without a user id: the same below the caller's own."""

from copy import deepcopy
from typing import Any, Final

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import PresentedCaller
from accounts.user_ids import USER

ROOMS: Final = ("tasks", "chat", "conversations")
OF_USER: Final = "/api/{user_id}/"
TAG: Final = "without a user id"
SCOPES_ALONE: Final = "#/components/responses/InsufficientScope403"


class AtCallersOwn(APIView):
    """Goes before a view of ``/api/{user_id}/…``, whose user then is whoever calls."""

    # ``describe_own`` does it, from what the document says of the path with an id.
    schema = None

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        if isinstance(request.auth, PresentedCaller):
            user_id = request.auth.user_id
            self.kwargs["user_id"] = user_id
            # Under an Idempotency-Key both spellings are one endpoint.
            request.path_info = request.path_info.replace("/api/", f"/api/{user_id}/", 1)


def without_user(patterns: list[URLPattern]) -> list[URLPattern]:
    """Those of the patterns that have a spelling without a user id, in it."""
    return [
        path(route.removeprefix(f"{USER}/"), _at_callers_own(pattern.callback))
        for pattern in patterns
        if (route := str(pattern.pattern)).startswith(tuple(f"{USER}/{room}" for room in ROOMS))
    ]


def _at_callers_own(view: Any) -> Any:
    own: Any = type(f"Own{view.cls.__name__}", (AtCallersOwn, view.cls), {"__module__": view.cls.__module__})
    actions = [view.actions] if hasattr(view, "actions") else []
    return own.as_view(*actions, **view.initkwargs)


def describe_own(paths: dict[str, Any]) -> dict[str, Any]:
    """For the OpenAPI document: those of the paths that have a spelling without a user id, in it."""
    return {
        path.replace(OF_USER, "/api/"): {method: _own(operation) for method, operation in operations.items()}
        for path, operations in paths.items()
        if path.startswith(tuple(f"{OF_USER}{room}" for room in ROOMS))
    }


def _own(operation: dict[str, Any]) -> dict[str, Any]:
    told = deepcopy(operation)
    told["operationId"] += "_own"
    told["tags"] = [TAG]
    told["parameters"] = [parameter for parameter in told["parameters"] if parameter["name"] != "user_id"]
    # Nobody else is named who might be refused.
    told["responses"]["403"] = {"$ref": SCOPES_ALONE}
    return told
