"""Who is an admin there becomes one here where that was asked for; who may not come in there may not here."""

from datetime import UTC, datetime
from typing import Final

import pytest

from accounts.models import AuthEvent, User
from todo_project.importing import standing
from todo_project.importing.tests.backends import Backend, c, d
from todo_project.importing.tests.backends.times import AT, NAIVE_AT
from todo_project.importing.tests.commands import everything, move
from todo_project.importing.tests.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("it looks at the rows of all whom the command moved")]

# As each backend writes it.
MAKE_ADMIN: Final = {
    "a": "UPDATE users SET is_superuser = TRUE",
    "b": """UPDATE "user" SET role = 'user,admin'""",
    "c": "UPDATE users SET role = 'ADMIN'",
    "d": """UPDATE "user" SET role = 'admin'""",
    "e": """UPDATE "user" SET role = 'admin'""",
}
BAN: Final = """UPDATE "user" SET banned = TRUE, "banExpires" = '{:%Y-%m-%dT%H:%M:%SZ}'"""


def fill_admin(backend: Backend) -> str:
    user_id = backend.fill("")
    backend.run(MAKE_ADMIN[backend.letter])
    return user_id


@pytest.mark.parametrize("letter", "abcde")
def test_nobody_becomes_an_admin_unasked(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    user_id = fill_admin(backend)

    said = move(backend)

    assert f"1 are admins there and not here: {user_id}." in said
    assert User.objects.get().role == "user"


@pytest.mark.parametrize("letter", "abcde")
def test_with_roles_an_admin_stays_one_and_the_security_log_says_so(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    user_id = fill_admin(backend)

    assert f"1 would be made admins here, as they are there: {user_id}." in move(backend, "--with-roles", "--dry-run")
    assert everything() == [[], [], [], [], []]
    assert not AuthEvent.objects.exists()

    assert f"1 were made admins here, as they are there: {user_id}." in move(backend, "--with-roles")
    assert User.objects.get().role == "admin"
    event = AuthEvent.objects.get()
    assert (event.kind, event.subject, event.reason) == ("role_changed", user_id, "to_admin")
    assert event.user_agent == "manage.py import_backend"


def test_who_is_here_already_stays_what_they_are(make_file: Make) -> None:
    backend = make_file("d")
    user_id = fill_admin(backend)
    move(backend)

    said = move(backend, "--with-roles")

    assert f"1 are admins there and not here: {user_id}." in said
    assert User.objects.get().role == "user"


@pytest.mark.parametrize(
    ("role", "is_admin"),
    [
        ("admin", True),
        ("ADMIN", True),
        ("user,admin", True),
        (" user , Admin ", True),
        ("superadmin", True),
        ('["user", "admin"]', True),
        (["user", "ADMIN"], True),
        ("user", False),
        ("", False),
        (None, False),
        ("no-admin", False),
        ("administrative", False),
        ("sub admin", False),
    ],
)
def test_a_role_is_read_as_it_is_meant(role: str | list[str] | None, is_admin: bool) -> None:
    assert standing.is_admin({"role": role}) == is_admin


@pytest.mark.parametrize(
    ("letter", "change", "is_active"),
    [
        ("a", "UPDATE users SET is_active = FALSE", False),
        ("b", """UPDATE "user" SET banned = TRUE""", False),
        ("b", BAN.format(datetime(2999, 1, 1, tzinfo=UTC)), False),
        ("b", BAN.format(AT), True),
        ("b", """UPDATE "user" SET banned = FALSE""", True),
        ("d", """UPDATE "user" SET disabled = TRUE""", False),
        ("d", """ALTER TABLE "user" RENAME COLUMN role TO status; UPDATE "user" SET status = 'Suspended'""", False),
        ("d", """ALTER TABLE "user" RENAME COLUMN role TO status; UPDATE "user" SET status = 'active'""", True),
    ],
)
def test_who_may_not_come_in_there_may_not_here(make_backend: Make, letter: str, change: str, is_active: bool) -> None:
    backend = make_backend(letter)
    backend.fill("")
    backend.run(change)

    said = move(backend)

    assert User.objects.get().is_active == is_active
    assert ("1 users that are disabled there are disabled here." in said) == (not is_active)


def test_a_disabled_admin_is_a_disabled_admin(make_file: Make) -> None:
    backend = make_file("c")
    admin = c.User(id=c.USER_ID, email="ada@example.com", password_hash="", role=c.UserRole.ADMIN, created_at=AT)
    admin.is_active = False
    backend.keep(admin)

    move(backend, "--with-roles")

    user = User.objects.get()
    assert (user.role, user.is_active, user.is_staff) == ("admin", False, False)


def test_many_are_counted_and_named(make_file: Make) -> None:
    backend = make_file("d")
    for name, role in (("ada", "admin"), ("ben", "user"), ("eve", "admin")):
        backend.keep(d.User(id=name, email=f"{name}@example.com", name=name, role=role, created_at=NAIVE_AT))

    assert "2 were made admins here, as they are there: ada, eve." in move(backend, "--with-roles")
