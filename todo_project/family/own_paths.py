"""Paths without a user id: the same below the caller's own."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import PresentedCaller
from accounts.user_ids import USER

ROOMS = ("tasks", "chat", "conversations")


class AtCallersOwn(APIView):
    """Goes before a view of ``/api/{user_id}/…``, whose user then is whoever calls."""

    # The OpenAPI document describes each endpoint once.
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
