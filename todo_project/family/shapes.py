"""What a list stands in, as ``LIST_ENVELOPE`` says."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from django.conf import settings
from django.http import QueryDict
from rest_framework.response import Response
from rest_framework.views import APIView

from assistant.views import ConversationPages
from core.rest.pagination import KeysetPagination
from staff.views import AuthEventPages, UserPages
from tasks.lists.pages import TaskPagination
from tasks.trash.pages import TrashPagination
from todo_project.family import parameters

# Values of LIST_ENVELOPE beside True: a bare array, and what the list stands under.
BARE: Final = False
UNDER_TASKS: Final = "tasks"
UNDER_DATA_TASKS: Final = "data.tasks"
# What says of a page, in an envelope's ``meta``, what no other shape has room for.
HEADERS: Final = {"count": "X-Count", "next_cursor": "X-Next-Cursor", "version": "X-Version"}
TOTALS: Final = {
    "total": "Of all matches of the filter, whatever the page.",
    "count": "The same as `total`.",
    "limit": "Of this page.",
    "offset": "How many were passed over.",
    "completed_count": "Of `total`.",
    "pending_count": "Of `total`.",
}


class ShapedPages(KeysetPagination):
    """In the envelope, or an array by itself."""

    bare: ClassVar[tuple[bool | str, ...]] = (BARE,)
    # What else is told of these rows.
    headers_of_rows: ClassVar[tuple[str, ...]] = ()

    def shape(self, rows: Any, meta: dict[str, Any]) -> Response:
        if settings.LIST_ENVELOPE in self.bare:
            return Response(rows, headers=self.all_headers(meta))
        return super().shape(rows, meta)

    def all_headers(self, meta: dict[str, Any]) -> dict[str, str]:
        told = {header: str(meta[name]) for name, header in HEADERS.items() if meta.get(name) is not None}
        return {**self.headers(), **told}

    @property
    def answer_headers(self) -> tuple[str, ...]:
        told = () if settings.LIST_ENVELOPE is True else ("X-Count?", "X-Next-Cursor?", *self.headers_of_rows)
        return (*super().answer_headers, *told)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema if settings.LIST_ENVELOPE in self.bare else super().get_paginated_response_schema(schema)


class UserList(ShapedPages, UserPages):
    pass


class AuthEventList(ShapedPages, AuthEventPages):
    pass


class ConversationList(ShapedPages, ConversationPages):
    bare = (BARE, UNDER_TASKS)


class TaskList(ShapedPages, TaskPagination):
    headers_of_rows = ("X-Version?",)

    @staticmethod
    def usual(sent: QueryDict) -> QueryDict:
        return parameters.usual(sent)

    def skip(self, query: QueryDict) -> int:
        self._skip = int(query.get("skip", "0"))
        return self._skip

    def next_query(self) -> dict[str, Any]:
        return {name: values for name, values in super().next_query().items() if name != "skip"}

    def shape(self, rows: Any, meta: dict[str, Any]) -> Response:
        if settings.LIST_ENVELOPE not in (UNDER_TASKS, UNDER_DATA_TASKS):
            return super().shape(rows, meta)
        total, completed = self.count_all()
        counts = {"completed_count": completed, "pending_count": total - completed}
        told = {"total": total, "count": total, "limit": self.size, "offset": self._skip, **counts}
        return Response(under("tasks", rows, told), headers=self.all_headers(meta))

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return parameters.described(super().get_schema_operation_parameters(view))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        if settings.LIST_ENVELOPE not in (UNDER_TASKS, UNDER_DATA_TASKS):
            return super().get_paginated_response_schema(schema)
        return described_under("tasks", schema, TOTALS)


class TrashList(TaskList, TrashPagination):
    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return TrashPagination.get_schema_operation_parameters(self, view)


def under(name: str, rows: Any, told: dict[str, Any]) -> dict[str, Any]:
    """``LIST_ENVELOPE`` is one of the two with totals."""
    whole = {name: rows, **told}
    return {"data": whole} if settings.LIST_ENVELOPE == UNDER_DATA_TASKS else whole


def described_under(name: str, schema: dict[str, Any], told: Iterable[str]) -> dict[str, Any]:
    counts = {count: {"type": "integer", "description": TOTALS[count]} for count in told}
    whole = {"type": "object", "required": [name, *counts], "properties": {name: schema, **counts}}
    if settings.LIST_ENVELOPE == UNDER_TASKS:
        return whole
    return {"type": "object", "required": ["data"], "properties": {"data": whole}}


class MessageList(ShapedPages):
    """A conversation's, which has no pages but ``before``."""

    noun = "Messages"

    def __init__(self, total: int) -> None:
        self._total = total

    def shape(self, rows: Any, meta: dict[str, Any]) -> Response:
        if settings.LIST_ENVELOPE not in (UNDER_TASKS, UNDER_DATA_TASKS):
            return super().shape(rows, meta)
        told = {"total": self._total, "count": self._total}
        return Response(under("messages", rows, told), headers=self.all_headers(meta))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        if settings.LIST_ENVELOPE not in (UNDER_TASKS, UNDER_DATA_TASKS):
            return super().get_paginated_response_schema(schema)
        return described_under("messages", schema, ("total", "count"))
