"""Rows that are stored by hand, and what happens to a note or a row that cannot be."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from core import quotas
from core.deleted_owners import stored_for
from core.errors import Unauthenticated
from core.models import DailyRun, RateWindow
from core.sql import statements
from testing.callers import Caller

pytestmark = pytest.mark.django_db


class Refused(Exception):
    """A driver's."""

    def __init__(self, name: str) -> None:
        self.sqlite_errorname = name


class Stale:
    """Rows that cannot be changed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def update(self, **seen: Any) -> int:
        raise OperationalError from Refused(self._name)


def test_a_row_is_stored_once() -> None:
    first, other = (RateWindow(key=uuid.UUID(int=7), instants=[1], full_until=2, expires_at=3 + n) for n in range(2))

    assert statements.insert(first)
    assert not statements.insert(other, unless_taken=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        statements.insert(other)

    assert RateWindow.objects.values_list("key", "instants", "full_until", "expires_at").get() == (first.key, [1], 2, 3)


def test_a_note_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    before, now = timezone.now(), timezone.now()
    DailyRun.objects.create(name="x", due_at=before)

    statements.note(DailyRun.objects.filter(name="x"), due_at=now)

    assert DailyRun.objects.get().due_at == now
    assert not caplog.messages


def test_that_a_note_cannot_be_taken_fails_a_transaction_and_nothing_else(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_only, away = (Stale(name) for name in ("SQLITE_READONLY", "SQLITE_IOERR"))
    statements.note(read_only, due_at=timezone.now())  # type: ignore[arg-type] # as much of a queryset as it needs
    with pytest.raises(OperationalError), transaction.atomic():
        statements.note(away, due_at=timezone.now())  # type: ignore[arg-type] # as above
    assert not caplog.messages

    monkeypatch.setattr(statements, "connection", SimpleNamespace(in_atomic_block=False))
    statements.note(away, due_at=timezone.now())  # type: ignore[arg-type] # as above

    assert caplog.messages == ["A caller was not noted as seen: Refused"]


@pytest.mark.django_db(transaction=True)
def test_whose_owner_was_deleted_meanwhile_is_refused_at_the_end(alice: Caller) -> None:
    with pytest.raises(Unauthenticated), stored_for("gone"), transaction.atomic():
        quotas.take("gone", "tasks")

    # Another fault is none of that, and within a transaction the matter is the outer one's.
    with pytest.raises(IntegrityError), stored_for(alice.id):
        raise IntegrityError
    with pytest.raises(IntegrityError), transaction.atomic(), stored_for("gone"):
        raise IntegrityError
    assert quotas.used("gone") == {}
