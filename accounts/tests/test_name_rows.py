"""What a traceback or the shell calls a row: ids and kinds, never a secret or a password."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db.models import Model

from accounts.models import (
    AuthEvent,
    IssuerKeys,
    KnownAddress,
    PersonalToken,
    RecoveryToken,
    RefusedToken,
    Session,
    TokenCutoff,
)

pytestmark = pytest.mark.once

ID = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (Session(id=ID, refresh_hash="secret"), str(ID)),
        (PersonalToken(id=ID, name="Mine", token_hash="secret"), str(ID)),
        (RecoveryToken(purpose="email_change", user_id="u1", token_hash="secret"), "email_change u1"),
        (RefusedToken(subject="u1", token_hash="5f"), "u1 5f"),
        (TokenCutoff(subject="u1"), "u1"),
        (KnownAddress(address=ID), str(ID)),
        (IssuerKeys(url="https://issuer.example.com/jwks", document="{}"), "https://issuer.example.com/jwks"),
        (AuthEvent(kind="login", created_at=datetime(2026, 1, 14, 10, 5, tzinfo=UTC)), "login 2026-01-14 10:05"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_row_is_called_by_its_ids(row: Model, name: str) -> None:
    assert str(row) == name
