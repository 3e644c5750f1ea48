from collections.abc import Sequence
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.pagination import KeysetPagination


class TaskPagination(KeysetPagination):
    """Pages of one owner's tasks; bare arrays where ``LIST_ENVELOPE`` says so."""

    # The order of ids is the order of creation.
    keys = ("id",)
    noun = "Tasks"

    def scope(self, request: Request, view: Any) -> str:
        return f"tasks {view.kwargs['user_id']}"

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        if settings.LIST_ENVELOPE:
            return super().get_paginated_response(data)
        headers = {**self._headers(), "X-Count": str(len(data))}
        if self._next:
            headers["X-Next-Cursor"] = self._next
        return Response(data, headers=headers)
