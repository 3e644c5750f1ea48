"""People of Better Auth may become accounts of this service, with the passwords that it keeps."""

from typing import Final

import pytest
from django.core.management import CommandError

from accounts.models import User
from testing.callers import Caller
from todo_project.importing.tests.backends import b
from todo_project.importing.tests.commands import move, move_in_part
from todo_project.importing.tests.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("it looks at the rows of all whom the command moved")]

# As Better Auth 1.7.7 makes it of this password.
PASSWORD: Final = "password"
HASHED: Final = (
    "217391b4d681f5a809f07b82a6df3ac3:02148074b15c1e57e7be71bfcbabaaa229669c327e7925a8e5a10c4fb2832ff7"
    "2f2dbcce5a897c2233b6ae4866c604203ca89a428e2401a5ba36c3e3a70434fa"
)
GOOGLE: Final = {**b.ACCOUNT, "id": "another", "providerId": "google"}


@pytest.mark.parametrize("letter", "be")
def test_they_log_in_here_with_their_password(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    backend.fill(HASHED)
    # Ways in that know no password, whatever stands in its column.
    backend.add("account", **GOOGLE, password="zzz")

    said = move(backend, "--own-accounts")

    assert "users: 1 read, 1 moved, 0 here already, 0 left out" in said
    user = User.objects.get()
    assert (user.id, user.issuer, user.email_verified) == (b.USER_ID, "", True)
    answer = Caller().post("/api/auth/login", {"email": "ada@example.com", "password": PASSWORD})
    assert answer.status == 200
    assert User.objects.get().password.startswith("bcrypt_sha256$")


def test_who_has_none_there_needs_one_here(make_backend: Make) -> None:
    backend = make_backend("b")
    backend.add("user", **b.PERSON)
    backend.add("account", **GOOGLE)

    said = move(backend, "--own-accounts")

    assert "1 users have no password there, and need one here to log in." in said
    assert not User.objects.get().has_usable_password()


def test_without_being_asked_they_stay_the_issuers_and_have_none(make_file: Make) -> None:
    backend = make_file("b")
    backend.fill(HASHED)

    move(backend)

    user = User.objects.get()
    assert (user.issuer, user.has_usable_password(), user.email_verified) == ("better-auth", False, False)


def test_they_are_nobody_elses(make_file: Make) -> None:
    with pytest.raises(CommandError, match="it goes without --issuer"):
        move(make_file("b"), "--own-accounts", "--issuer", "https://app.example.com")


def test_tables_without_passwords_are_refused(make_file: Make) -> None:
    backend = make_file("b")
    backend.fill(HASHED)
    backend.run("DROP TABLE account")

    with pytest.raises(CommandError, match="There is no table account or accounts"):
        move(backend, "--own-accounts")


def test_people_of_an_issuer_need_no_email_and_own_accounts_do(make_file: Make) -> None:
    backend = make_file("b")
    backend.add("user", **{**b.PERSON, "email": ""})

    assert "its email is no address" in move_in_part(backend, "--own-accounts")
    assert "users: 1 read, 1 moved" in move(backend)
