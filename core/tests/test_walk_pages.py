"""Pages of any rows, by their keys."""

import uuid
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import OutgoingMail
from core.rest.pagination import KeysetPagination

pytestmark = pytest.mark.django_db

# Of which three are of one instant.
DAYS = (1, 3, 2, 2, 5, 2, 4)
VIEW = SimpleNamespace(filters=dict)


@pytest.fixture(autouse=True)
def newest() -> list[int]:
    """The numbers of the rows, newest first, and of equals the one with the larger id."""
    for number, day in enumerate(DAYS):
        at = datetime(2026, 1, day, tzinfo=UTC)
        OutgoingMail.objects.create(id=uuid.UUID(int=number), purpose="x", recipient="x", due_at=at, created_at=at)
    return sorted(range(len(DAYS)), key=lambda number: (DAYS[number], number), reverse=True)


def page(**query: str) -> tuple[list[int], Response]:
    asked: HttpRequest = RequestFactory().get("/api/rows", query)
    pages = KeysetPagination()
    rows = pages.paginate_queryset(OutgoingMail.objects.all(), Request(asked), VIEW)  # type: ignore[arg-type] # as much of a view as it needs
    found = [row.id.int for row in rows]
    return found, pages.get_paginated_response(found)


@pytest.mark.parametrize("limit", [1, 2, 3, 6])
def test_a_walk_meets_each_row_once_in_order(newest: list[int], limit: int) -> None:
    walked, answer = page(limit=str(limit))
    while cursor := answer.data["meta"]["next_cursor"]:
        assert answer["Link"].startswith("<http://testserver/api/rows?limit=")
        assert answer.data["meta"]["count"] == limit
        found, answer = page(limit=str(limit), cursor=cursor)
        walked += found

    assert walked == newest
    assert "Link" not in answer


@pytest.mark.parametrize("limit", [7, 8, 1000])
def test_where_no_row_follows_there_is_no_next_page(newest: list[int], limit: int) -> None:
    found, answer = page(limit=str(limit))

    assert found == newest
    assert answer.data["meta"]["next_cursor"] is None


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"limit": "00001"}, {"cursor": "x"}]
)
def test_what_makes_no_sense_is_named(query: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        page(**query)

    assert list(refused.value.detail) == list(query)
