"""What a user's row says of them, as Django and the staff site ask it."""

import pytest

from accounts import users
from accounts.models import User
from core.errors import NotFound


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


@pytest.mark.django_db
def test_an_email_is_in_lower_case_whichever_door_it_came_through() -> None:
    made = User.objects.create(email="Carol@EXAMPLE.com")

    assert User.objects.get(email="CAROL@example.com") == made
    assert User.objects.values_list("email", flat=True).get() == "carol@example.com"


@pytest.mark.django_db
def test_a_superuser_of_the_command_is_a_local_admin() -> None:
    made = User.objects.create_superuser(" Root@Example.com ", "correct horse battery")

    stored = User.objects.get(id=made.id)
    assert (stored.email, stored.role, stored.is_staff, stored.issuer) == ("root@example.com", "admin", True, "")
    assert stored.check_password("correct horse battery")


@pytest.mark.django_db
def test_people_are_found_by_a_part_of_email_or_name_or_a_whole_id() -> None:
    for user_id, email, name in [("x1", "ada@example.com", "Ada"), ("x12", "bob@example.org", "Bob"), ("3", "", "Eve")]:
        User.objects.create(id=user_id, email=email, name=name, issuer="https://i.example", is_active=name != "Bob")

    def found(**wanted: object) -> set[str]:
        return {user.name for user in users.find_users(**wanted)}  # type: ignore[arg-type] # by name

    assert found() == {"Ada", "Bob", "Eve"}
    assert found(search="EXAMPLE.") == {"Ada", "Bob"}
    assert found(search="ev") == {"Eve"}
    assert found(search="x1") == {"Ada"}
    assert found(search="example", is_active=True) == {"Ada"}


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["nobody", "", "a\0", "a b"])
def test_who_is_not_there_is_not_found(wanted: str) -> None:
    made = User.objects.create(id="x1")
    assert users.get_user("x1") == made

    with pytest.raises(NotFound) as refusal:
        users.get_user(wanted)

    assert refusal.value.code == "user_not_found"


def test_who_has_no_password_is_let_in_by_none() -> None:
    user = User()
    user.set_password(None)

    assert not user.has_usable_password()
    assert not any(user.check_password(text) for text in (None, "", "!"))
