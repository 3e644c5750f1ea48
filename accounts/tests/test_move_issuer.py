from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from testing.issuers import Issuer, bearer

OLD, NEW = "https://old.example.com", "https://new.example.com"


def move(old: str, new: str) -> str:
    out = StringIO()
    call_command("move_issuer", old, new, stdout=out, stderr=out)
    return out.getvalue()


def issuers() -> dict[str, str]:
    return dict(User.objects.values_list("id", "issuer"))


@pytest.fixture
def people(make_user: Any) -> dict[str, str]:
    for user_id, issuer in [("1", OLD), ("2", OLD), ("3", OLD + "/"), ("4", NEW), ("5", "")]:
        make_user(f"u{user_id}@example.com", id=user_id, issuer=issuer)
    return issuers()


def test_all_of_one_issuer_move_in_one_statement(people: dict[str, str]) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert move(OLD, NEW) == "Users moved: 2.\n"

    assert len(queries) == 1
    assert issuers() == {**people, "1": NEW, "2": NEW}


def test_a_name_of_255_characters_is_one(people: dict[str, str]) -> None:
    longest = "x" * 255
    move(OLD, longest)
    assert issuers() == {**people, "1": longest, "2": longest}

    move(longest, NEW)

    assert issuers() == {**people, "1": NEW, "2": NEW}


def test_again_it_finds_nobody(people: dict[str, str]) -> None:
    move(OLD, NEW)
    before = issuers()

    assert "No user" in move(OLD, NEW)

    assert issuers() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [("", NEW), (" ", NEW), (OLD, ""), (OLD, "  "), (OLD, "x" * 256), (OLD, "a\nb"), (OLD, "\x00"), ("\udcff", NEW)],
)
def test_no_local_account_is_touched_and_no_odd_name_taken(people: dict[str, str], old: str, new: str) -> None:
    with pytest.raises(CommandError) as error:
        move(old, new)

    assert error.value.returncode == 1
    assert issuers() == people


def test_the_user_of_a_moved_issuer_is_the_same_one(issuer: Issuer, settings: Settings) -> None:
    caller = bearer(issuer.token(sub="7"))
    assert caller.get("/api/auth/me").status == 200
    User.objects.update(issuer=OLD)
    assert caller.get("/api/auth/me").is_problem(401)

    move(OLD, issuer.origin)

    assert caller.get("/api/auth/me").json["id"] == "7"
