"""Keyset pages, newest first.

Not DRF's ``CursorPagination``: it steps through equal keys by offset and does not end on a list that
has many of them.
"""

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.fields import TimestampField

MAX_LIMIT: Final = 1000


class KeysetPagination(BasePagination):
    """One page, and the cursor to the next: the signed keys of the page's last row.

    The signature covers what ``scope`` returns, so a cursor cannot be made up or carried to another list.
    """

    # All descending; the last one is unique.
    keys: ClassVar[tuple[str, ...]] = ("created_at", "id")
    noun: ClassVar[str] = "Rows"

    def scope(self, request: Request, view: Any) -> str:
        """Tells this list, with its filters, from every other."""
        return f"{type(view).__qualname__} {sorted(view.filters().items())}"

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Raises ``ValidationError`` naming the parameter that makes no sense."""
        self._request = request
        self._signer = signing.Signer(salt=f"cursor {self.scope(request, view)}")
        size = _limit(request.query_params) or settings.PAGE_SIZE
        if last := self._position(request.query_params):
            queryset = queryset.filter(_beyond(self.keys, last))
        # One more than asked for tells whether there is a next page.
        rows = list(_newest_first(queryset, self.keys)[: size + 1])
        self._next = self._cursor(rows[size - 1]) if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        meta = {
            "timestamp": TimestampField().to_representation(timezone.now()),
            "count": len(data),
            "next_cursor": self._next,
        }
        return Response({"data": data, "meta": meta}, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Link": f'<{self._next_url()}>; rel="next"'} if self._next else {}

    def _cursor(self, row: Any) -> str:
        return self._signer.sign_object([str(getattr(row, key)) for key in self.keys])

    def _position(self, query: QueryDict) -> list[str] | None:
        cursor = query.get("cursor")
        if cursor is None:
            return None
        try:
            return list(self._signer.unsign_object(cursor))
        except signing.BadSignature as error:
            raise _refusal("cursor", "The cursor is not one of this list.", "invalid_cursor") from error

    def _next_url(self) -> str:
        query = self._request.query_params.copy()
        query["cursor"] = self._next or ""
        return self._request.build_absolute_uri(f"{self._request.path}?{query.urlencode()}")

    # What the schema says of it.

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": f"{self.noun} on a page; without it up to {settings.PAGE_SIZE} come at once.",
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
                        "count": {"type": "integer", "description": f"{self.noun} in `data`."},
                        "next_cursor": {"type": ["string", "null"]},
                    },
                },
            },
        }


def _newest_first(rows: QuerySet[Any], keys: Sequence[str]) -> QuerySet[Any]:
    return rows.order_by(*(f"-{key}" for key in keys))


def _beyond(keys: Sequence[str], last: Sequence[str]) -> Q:
    """The rows that come after the one with these keys; the first key alone can be looked up in an index."""
    *leading, (key, value) = zip(keys, last, strict=True)
    condition = Q(**{f"{key}__lt": value})
    for key, value in reversed(leading):
        condition = Q(**{f"{key}__lte": value}) & (Q(**{f"{key}__lt": value}) | condition)
    return condition


def _limit(query: QueryDict) -> int | None:
    value = query.get("limit")
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", value, re.ASCII) or not 1 <= int(value) <= MAX_LIMIT:
        raise _refusal("limit", f"Must be a whole number from 1 to {MAX_LIMIT}.", "invalid")
    return int(value)


def _refusal(parameter: str, detail: str, code: str) -> ValidationError:
    return ValidationError({parameter: [detail]}, code=code)
