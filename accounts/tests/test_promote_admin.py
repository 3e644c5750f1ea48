from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User

pytestmark = pytest.mark.django_db


def promote(*arguments: str) -> str:
    out = StringIO()
    call_command("promote_admin", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def role(user: User) -> str:
    return User.objects.get(id=user.id).role


@pytest.mark.parametrize("field", ["id", "email"])
def test_a_local_account_is_promoted_by_id_or_email(make_user: Any, field: str) -> None:
    user = make_user("carol@example.com")

    assert promote(getattr(user, field).upper() if field == "email" else user.id) == (
        f"User {user.id} is now an admin.\n"
    )

    assert role(user) == "admin"
    assert "already" in promote(user.id)


def test_an_email_never_means_another_issuers_user(make_user: Any) -> None:
    user = make_user("carol@example.com", id="x1", issuer="https://issuer.example.com")

    with pytest.raises(CommandError, match="no user with this id, nor a local account"):
        promote("carol@example.com")

    assert role(user) == "user"


def test_an_id_that_looks_like_another_persons_email_needs_the_flag(make_user: Any) -> None:
    local = make_user("carol@example.com")
    outsider = make_user("", id="carol@example.com", issuer="https://issuer.example.com")

    with pytest.raises(CommandError, match="--id"):
        promote("carol@example.com")
    promote("--id", "carol@example.com")

    assert role(local) == "user"
    assert role(outsider) == "admin"


def test_without_an_argument_it_takes_the_setting(make_user: Any, settings: Settings) -> None:
    user = make_user("carol@example.com", id="from-the-setting")
    settings.ADMIN_USER_ID = "from-the-setting"

    promote()

    assert role(user) == "admin"


def test_the_setting_is_an_id_and_never_an_email(make_user: Any, settings: Settings) -> None:
    user = make_user("carol@example.com")
    settings.ADMIN_USER_ID = "carol@example.com"

    with pytest.raises(CommandError):
        promote()

    assert role(user) == "user"


@pytest.mark.parametrize("arguments", [[], ["nobody"], ["nobody@example.com"], ["\udcff"], ["a\x00b"]])
def test_who_cannot_be_found_is_a_clear_error(arguments: list[str], settings: Settings) -> None:
    settings.ADMIN_USER_ID = None

    with pytest.raises(CommandError) as error:
        promote(*arguments)

    assert error.value.returncode == 1
    assert "\n" not in str(error.value)


def test_a_disabled_account_is_pointed_out(make_user: Any) -> None:
    user = make_user("carol@example.com", is_active=False)

    assert "cannot log in" in promote(user.id)
