from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuthEvent, User
from testing.callers import Caller

pytestmark = pytest.mark.django_db


def demote(*arguments: str) -> str:
    out = StringIO()
    call_command("demote_admin", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def role(user: User) -> str:
    return User.objects.get(id=user.id).role


@pytest.mark.parametrize("field", ["id", "email"])
def test_an_admin_is_demoted_by_id_or_email(admin: Caller, make_user: Any, field: str) -> None:
    user = make_user("carol@example.com", role="admin")

    assert demote(getattr(user, field)) == f"User {user.id} is no longer an admin.\n"

    assert (role(user), role(admin.user)) == ("user", "admin")
    event = AuthEvent.objects.get()
    assert (event.kind, event.subject, event.reason, event.user_agent) == (
        "role_changed",
        user.id,
        "to_user",
        "manage.py demote_admin",
    )


def test_who_is_none_stays_none(make_user: Any) -> None:
    user = make_user("carol@example.com")

    assert demote(user.id) == f"User {user.id} is not an admin.\n"

    assert not AuthEvent.objects.exists()


@pytest.mark.parametrize("other", [{"role": "user"}, {"role": "admin", "is_active": False}])
def test_the_last_active_admin_is_refused(admin: Caller, make_user: Any, other: dict[str, Any]) -> None:
    make_user("carol@example.com", **other)

    with pytest.raises(CommandError, match="There must be an admin left") as error:
        demote(admin.id)

    assert error.value.returncode == 1
    assert role(admin.user) == "admin"
    assert not AuthEvent.objects.exists()


def test_a_disabled_admin_may_be_demoted(admin: Caller, make_user: Any) -> None:
    user = make_user("carol@example.com", role="admin", is_active=False)

    demote(user.id)

    assert role(user) == "user"


def test_an_id_that_looks_like_another_persons_email_needs_the_flag(admin: Caller, make_user: Any) -> None:
    local = make_user("carol@example.com", role="admin")
    outsider = make_user("", id="carol@example.com", issuer="https://issuer.example.com", role="admin")

    with pytest.raises(CommandError, match="--id"):
        demote("carol@example.com")
    demote("--id", "carol@example.com")

    assert (role(local), role(outsider)) == ("admin", "user")


@pytest.mark.parametrize("arguments", [[], ["nobody"], ["nobody@example.com"], ["\udcff"], ["a\x00b"]])
def test_who_cannot_be_found_is_a_clear_error(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as error:
        demote(*arguments)

    assert error.value.returncode == 1
    assert "\n" not in str(error.value)
