from typing import Any

import orjson
from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.pagination import KeysetPagination
from tasks.filters import read_ordering, read_selection
from tasks.lists import read_page
from tasks.parameters import list_parameters


class TaskPagination(KeysetPagination):
    """Pages of one owner's tasks in any order; bare arrays where ``LIST_ENVELOPE`` says so."""

    noun = "Tasks"

    def answer_list(self, request: Request, user_id: str) -> Response:
        """That user's tasks, as the request's parameters want them.

        Raises ``ValidationError`` naming the parameter that makes no sense.
        """
        query = request.query_params
        selection, ordering = read_selection(query), read_ordering(query)
        size, after = self.begin(request, f"tasks {user_id} {selection!r} {ordering!r}")
        page = read_page(user_id, selection, ordering, (after[0], after[1]) if after else None, size)
        self.end(page.last)
        # What the database wrote goes out as it is.
        return self.answer(orjson.Fragment(page.json), page.count)

    def answer(self, rows: Any, count: int) -> Response:
        if settings.LIST_ENVELOPE:
            return super().answer(rows, count)
        headers = {**self._headers(), "X-Count": str(count)}
        if self._next:
            headers["X-Next-Cursor"] = self._next
        return Response(rows, headers=headers)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [*super().get_schema_operation_parameters(view), *list_parameters()]
