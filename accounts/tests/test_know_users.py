"""What a user's row says of them, as Django and the staff site ask it."""

import pytest

from accounts.models import User


@pytest.mark.parametrize(
    ("role", "is_active", "may"), [("admin", True, True), ("admin", False, False), ("user", True, False)]
)
def test_an_active_admin_may_do_everything_on_the_staff_site_and_nobody_else_anything(
    role: str, is_active: bool, may: bool
) -> None:
    user = User(role=role, is_active=is_active)

    assert user.is_staff is may
    assert user.has_perm("tasks.change_task") is may
    assert user.has_perms(["tasks.change_task", "tasks.delete_task"]) is may
    assert user.has_module_perms("tasks") is may


@pytest.mark.parametrize(
    ("fields", "text", "greeted"),
    [
        ({"id": "7", "email": "carol@example.com", "name": "Carol"}, "carol@example.com", "Carol"),
        ({"id": "7", "email": "carol@example.com"}, "carol@example.com", "carol@example.com"),
        ({"id": "7"}, "7", "7"),
    ],
)
def test_a_user_is_called_by_name_else_email_else_id(fields: dict[str, str], text: str, greeted: str) -> None:
    user = User(**fields)

    assert (str(user), user.get_short_name()) == (text, greeted)
