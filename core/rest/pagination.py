"""Keyset pages, newest first.

Not DRF's ``CursorPagination``: it steps through equal keys by offset and does not end on a list that
has many of them.
"""

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import SENTENCES
from core.rest.openapi.declaring import Refusals, component, record
from core.rest.parameters import bad_parameter, single
from core.times import format_timestamp

MAX_LIMIT: Final = 1000
PAGE_META: Final = record(
    timestamp={"type": "string", "format": "date-time", "description": "Of the answer."},
    count={"type": "integer", "minimum": 0, "description": "How many there are in `data`."},
    next_cursor={"type": ["string", "null"], "description": "The `cursor` of the next page; null: there is none."},
)
META: Final = component("PageMeta", PAGE_META)


class KeysetPagination(BasePagination):
    """One page, and the cursor to the next: the signed keys of the page's last row.

    The signature covers what ``scope`` returns, so a cursor cannot be made up or carried to another list.
    """

    # All descending; the last one is unique.
    keys: ClassVar[tuple[str, ...]] = ("created_at", "id")
    noun: ClassVar[str] = "Rows"
    refuses: ClassVar[Refusals] = {422: ("invalid",)}

    def scope(self, request: Request, view: Any) -> str:
        """Tells this list, with its filters, from every other."""
        return f"{type(view).__qualname__} {sorted(view.filters().items())}"

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Raises ``ValidationError`` naming the parameter that makes no sense."""
        size, after = self.begin(request, self.scope(request, view))
        if after:
            queryset = queryset.filter(_beyond(self.keys, after))
        # One more than asked for tells whether there is a next page.
        rows = list(_newest_first(queryset, self.keys)[: size + 1])
        self.end([str(getattr(rows[size - 1], key)) for key in self.keys] if len(rows) > size else None)
        return rows[:size]

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        return self.answer(data, len(data))

    # The same for a list that reads its rows by itself: ``begin``, ``end``, ``answer``.

    def begin(self, request: Request, scope: str, query: QueryDict | None = None) -> tuple[int, list[Any] | None]:
        """How many rows the page may have, and the keys of the row it comes after.

        ``query`` are the parameters where they are not taken as they were sent. Raises ``ValidationError``
        naming the parameter that makes no sense.
        """
        self._request = request
        self._query = request.query_params if query is None else query
        self._signer = signing.Signer(salt=f"cursor {scope}")
        self.size = read_limit(self._query) or settings.PAGE_SIZE
        return self.size, self._position(self._query)

    def end(self, last: Sequence[Any] | None) -> None:
        """``last`` are the keys of the page's last row; None where no row follows it."""
        self._next = self._signer.sign_object(list(last), serializer=_Json) if last else None

    def answer(self, rows: Any, count: int, **more: Any) -> Response:
        """``more``: what else is to be said of the page."""
        meta = {"timestamp": format_timestamp(timezone.now()), "count": count, "next_cursor": self._next, **more}
        return self.shape(rows, meta)

    def shape(self, rows: Any, meta: dict[str, Any]) -> Response:
        return Response({"data": rows, "meta": meta}, headers=self.headers())

    def headers(self) -> dict[str, str]:
        return {"Link": f'<{self._next_url()}>; rel="next"'} if self._next else {}

    def _position(self, query: QueryDict) -> list[Any] | None:
        cursor = single(query, "cursor")
        if cursor is None:
            return None
        try:
            return list(self._signer.unsign_object(cursor, serializer=_Json))
        except signing.BadSignature as error:
            raise bad_parameter("cursor", SENTENCES["invalid_cursor"], "invalid_cursor") from error

    def _next_url(self) -> str:
        query = {**self.next_query(), "cursor": self._next}
        # A colon is all that a cursor has to quote; urllib would look at each of its characters.
        cursor = f"cursor={str(self._next).replace(':', '%3A')}"
        pairs = [cursor if name == "cursor" else urlencode({name: said}, doseq=True) for name, said in query.items()]
        host = f"{self._request.scheme}://{self._request.get_host()}"
        return f"{host}{iri_to_uri(self._request.path)}?{'&'.join(filter(None, pairs))}"

    def next_query(self) -> dict[str, Any]:
        """The parameters of the next page, but for its cursor."""
        return dict(self._query.lists())

    # What the schema says of it.

    @property
    def answer_headers(self) -> tuple[str, ...]:
        return ("Link?",)

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
                "description": "The `next_cursor` of the page before, with the same filters and order.",
                "schema": {"type": "string"},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return record(data=schema, meta=META)


class _Json:
    """Django's own writes \\u escapes, and the keys of a long title would not fit into a URL."""

    def dumps(self, keys: Sequence[Any]) -> bytes:
        return orjson.dumps(keys)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)


def _newest_first(rows: QuerySet[Any], keys: Sequence[str]) -> QuerySet[Any]:
    return rows.order_by(*(f"-{key}" for key in keys))


def _beyond(keys: Sequence[str], last: Sequence[str]) -> Q:
    """The rows that come after the one with these keys; the first key alone can be looked up in an index."""
    *leading, (key, value) = zip(keys, last, strict=True)
    condition = Q(**{f"{key}__lt": value})
    for key, value in reversed(leading):
        condition = Q(**{f"{key}__lte": value}) & (Q(**{f"{key}__lt": value}) | condition)
    return condition


def read_limit(query: QueryDict) -> int | None:
    """Raises ``ValidationError``."""
    value = single(query, "limit")
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", value, re.ASCII) or not 1 <= int(value) <= MAX_LIMIT:
        raise bad_parameter("limit", f"Must be a whole number from 1 to {MAX_LIMIT}.")
    return int(value)
