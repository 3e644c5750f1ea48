"""Views that leave it to their first statement whether the caller may come in."""

import pytest
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound, Unauthenticated
from core.rest.views import ProvenRefusals
from core.sql import row_owner


def refused(error: Exception, monkeypatch: pytest.MonkeyPatch, proof: Exception | None) -> tuple[int, int]:
    """The status of a view that fails with this, and how often its caller was proven, with what comes of that."""
    proven: list[None] = []

    class View(ProvenRefusals):
        authentication_classes = ()
        permission_classes = ()

        def get(self, request: Request) -> Response:
            raise error

    def prove() -> None:
        proven.append(None)
        if proof:
            raise proof

    monkeypatch.setattr(row_owner, "prove", prove)
    return View.as_view()(RequestFactory().get("/")).status_code, len(proven)


@pytest.mark.parametrize(
    ("proof", "status"),
    [(None, 404), (Unauthenticated("session_ended"), 401), (OperationalError(), 503), (InterfaceError(), 503)],
)
def test_nothing_else_is_told_to_who_may_not_come_in(
    monkeypatch: pytest.MonkeyPatch, proof: Exception | None, status: int
) -> None:
    assert refused(NotFound("task_not_found"), monkeypatch, proof) == (status, 1)


@pytest.mark.parametrize("error", [OperationalError(), InterfaceError()])
def test_a_database_that_has_failed_is_not_asked_again(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    assert refused(error, monkeypatch, None) == (503, 0)
