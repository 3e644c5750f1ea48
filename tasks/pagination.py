"""Keyset pages over ids, newest first.

Not DRF's ``CursorPagination``: it steps through equal keys by offset and does not end on a list that
has many of them.
"""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import QueryDict
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.fields import TimestampField
from tasks.models import Task
from tasks.querysets import TaskQuerySet

MAX_LIMIT: Final = 1000


class TaskPagination(BasePagination):
    """One page, and the cursor to the next: the signed id of the page's last task.

    The signature covers the owner, so a cursor cannot be made up or carried to another list.
    """

    def paginate_queryset(  # type: ignore[override] # tasks only: the base class takes any model's rows
        self, queryset: TaskQuerySet, request: Request, view: APIView | None = None
    ) -> list[Task]:
        """Raises ``ValidationError`` naming the parameter that makes no sense."""
        self._request = request
        self._signer = signing.Signer(salt=f"tasks.cursor.{request.user.pk}")
        size = _limit(request.query_params) or settings.PAGE_SIZE
        if last := self._position(request.query_params):
            queryset = queryset.filter(id__lt=last)
        # One more than asked for tells whether there is a next page.
        rows = list(queryset.order_by("-id")[: size + 1])
        self._next = self._signer.sign(rows[size - 1].pk.hex) if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        headers = {"Link": f'<{self._next_url()}>; rel="next"'} if self._next else {}
        if not settings.LIST_ENVELOPE:
            headers["X-Count"] = str(len(data))
            if self._next:
                headers["X-Next-Cursor"] = self._next
            return Response(data, headers=headers)
        meta = {
            "timestamp": TimestampField().to_representation(timezone.now()),
            "count": len(data),
            "next_cursor": self._next,
        }
        return Response({"data": data, "meta": meta}, headers=headers)

    def _position(self, query: QueryDict) -> str | None:
        cursor = query.get("cursor")
        if cursor is None:
            return None
        try:
            return self._signer.unsign(cursor)
        except signing.BadSignature as error:
            raise _refusal("cursor", "The cursor is not one of this list.", "invalid_cursor") from error

    def _next_url(self) -> str:
        query = self._request.query_params.copy()
        query["cursor"] = self._next or ""
        return self._request.build_absolute_uri(f"{self._request.path}?{urlencode(list(query.items()))}")

    # What the schema says of it.

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": f"Tasks on a page; without it up to {settings.PAGE_SIZE} come at once.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
            },
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "The `next_cursor` of the page before.",
                "schema": {"type": "string"},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["data", "meta"],
            "properties": {
                "data": schema,
                "meta": {
                    "type": "object",
                    "required": ["timestamp", "count", "next_cursor"],
                    "properties": {
                        "timestamp": {"type": "string", "format": "date-time"},
                        "count": {"type": "integer", "description": "Of the tasks in `data`."},
                        "next_cursor": {"type": ["string", "null"]},
                    },
                },
            },
        }


def _limit(query: QueryDict) -> int | None:
    value = query.get("limit")
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", value, re.ASCII) or not 1 <= int(value) <= MAX_LIMIT:
        raise _refusal("limit", f"Must be a whole number from 1 to {MAX_LIMIT}.", "invalid")
    return int(value)


def _refusal(parameter: str, detail: str, code: str) -> ValidationError:
    return ValidationError({parameter: [detail]}, code=code)
