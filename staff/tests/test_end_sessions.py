"""What ends all sessions of a person ends them everywhere, and nothing brings them back."""

from typing import Any

import pytest
from django.test import Client

from accounts import roles
from accounts.models import User
from accounts.sessions import ending
from testing.callers import CLIENT, Caller, in_parallel, open_session

pytestmark = pytest.mark.django_db

ME, PASSWORD = "/api/auth/me", "correct horse battery"


def switch(admin: Caller, user_id: str, *, on: bool) -> None:
    assert admin.patch(f"/api/admin/users/{user_id}", {"is_active": on}).json["is_active"] is on


@pytest.fixture
def site(make_user: Any) -> tuple[Caller, Client]:
    """Somebody with the admin role, logged in to the API and to the staff site."""
    user = make_user("staff@example.com", role="admin")
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.post("/admin/login/", {"username": user.email, "password": PASSWORD})
    assert client.get("/admin/").status_code == 200
    return Caller(user), client


def test_switching_an_account_on_again_revives_no_session(admin: Caller, alice: Caller) -> None:
    other = open_session(alice.user)

    switch(admin, alice.id, on=False)
    switch(admin, alice.id, on=True)

    assert alice.get(ME).is_problem(401, "session_ended")
    assert Caller().post("/api/auth/refresh", {"refresh_token": other.refresh}).is_problem(401, "session_ended")
    assert Caller().get(ME, Authorization=f"Bearer {open_session(alice.user).access}").status == 200


def test_nor_a_cookie_of_the_staff_site(admin: Caller, site: tuple[Caller, Client]) -> None:
    switch(admin, site[0].id, on=False)
    switch(admin, site[0].id, on=True)

    assert site[1].get("/admin/").status_code == 302


@pytest.mark.names_no_owner("the first page counts everybody's")
def test_logging_out_everywhere_closes_the_staff_site_too(admin: Caller, site: tuple[Caller, Client]) -> None:
    other = Client()
    other.force_login(admin.user)

    assert site[0].post("/api/auth/logout-all").status == 200

    assert site[1].get("/admin/").status_code == 302
    assert other.get("/admin/").status_code == 200


def test_changing_the_password_closes_the_staff_site_too(site: tuple[Caller, Client]) -> None:
    body = {"current_password": PASSWORD, "new_password": "another good phrase"}

    assert site[0].post("/api/auth/password", body).status == 200

    assert site[1].get("/admin/").status_code == 302


def test_switching_off_what_is_off_ends_nothing_anew(alice: Caller) -> None:
    User.objects.filter(id=alice.id).update(is_active=False)

    assert not roles.disable_user(alice.user, CLIENT)

    assert ending.live_sessions(alice.id).exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("roomy_auth_limit")
def test_no_login_at_once_survives_a_switching_off(admin: Caller, site: tuple[Caller, Client]) -> None:
    def log_in() -> int:
        return Caller().post("/api/auth/login", {"email": "staff@example.com", "password": PASSWORD}).status

    in_parallel([lambda: switch(admin, site[0].id, on=False), *[log_in] * 7])

    assert not ending.live_sessions(site[0].id).exists()
