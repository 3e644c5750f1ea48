"""Another SECRET_KEY: what the earlier one signed goes on as long as SECRET_KEY_FALLBACKS names it, and no longer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import RecoveryToken, User
from accounts.recovery import tokens as recovery
from testing.callers import Caller
from testing.service import KEY, Server, serving

NEW = "the-key-that-comes-after-it-4wZ1xC6nM3kL8jH5gF0dS"
PASSWORD = "a long enough phrase 42"
RESET = RecoveryToken.Purpose.PASSWORD_RESET


def ask(server: Server, path: str, token: str = "", body: Any = None, *, method: str | None = None) -> tuple[int, Any]:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content_Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    status, _, answer = server.send(path, content, method=method, **headers)
    return status, json.loads(answer) if answer else None


def use(server: Server, given: Mapping[str, str]) -> dict[str, int]:
    """The status of each thing that was signed."""
    tasks = f"/api/{given['user']}/tasks"
    return {
        "access token": ask(server, tasks, given["access"])[0],
        "personal token": ask(server, tasks, given["personal"])[0],
        "cursor": ask(server, f"{tasks}?limit=1&cursor={given['cursor']}", given["own"])[0],
        "undo": ask(server, f"/api/{given['user']}/undo", given["own"], {"undo": given["undo"]})[0],
        "refresh token": ask(server, "/api/auth/refresh", body={"refresh_token": given["refresh"]})[0],
    }


def give(server: Server) -> dict[str, str]:
    """One of everything."""
    person = {"email": "ada@example.com", "password": PASSWORD}
    _, signed_up = ask(server, "/api/auth/signup", body=person)
    user, access = signed_up["user"]["id"], signed_up["access_token"]
    tasks = f"/api/{user}/tasks"
    for title in ("One", "Two", "Three"):
        ask(server, tasks, access, {"title": title})
    _, page = ask(server, f"{tasks}?limit=1", access)
    _, personal = ask(server, "/api/auth/tokens", access, {"name": "Script", "scopes": ["tasks:read"]})
    path = f"{tasks}/{page['data'][0]['id']}"
    _, headers, _ = server.send(path, method="DELETE", Authorization=f"Bearer {access}")
    return {
        "user": user, "access": access, "refresh": signed_up["refresh_token"], "personal": personal["token"],
        "cursor": page["meta"]["next_cursor"], "undo": headers["X-Undo"],
    }  # fmt: skip


def test_everything_signed_outlives_the_key_as_long_as_it_is_listed(own_database: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": own_database, "AUTH_RATE_LIMIT": "1000/min", "WEB_CONCURRENCY": "1"}
    with (
        serving(tmp_path / "before", settings) as before,
        serving(tmp_path / "after", settings | {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": KEY}) as after,
    ):
        given = give(before)
        replaced = given["refresh"]
        _, first = ask(before, "/api/auth/refresh", body={"refresh_token": replaced})
        given["refresh"] = first["refresh_token"]
        status, again = ask(after, "/api/auth/refresh", body={"refresh_token": replaced})
        used = use(after, given | {"own": given["access"]})

    with serving(tmp_path / "without", settings | {"SECRET_KEY": NEW}) as server:
        _, back = ask(server, "/api/auth/login", body={"email": "ada@example.com", "password": PASSWORD})
        refused = use(server, given | {"own": back["access_token"]})

    assert set(used.values()) == {200}, used
    # Two refreshes at once, with the change of the key between them: the second is given the same session's token.
    assert status == 200
    claims = [token["refresh_token"].split(".")[1] for token in (first, again)]
    assert claims[0] == claims[1]
    assert {name for name, found in refused.items() if found == 200} == set(), refused


@pytest.mark.names_no_owner("staff look at everybody's")
@pytest.mark.parametrize(("is_listed", "status"), [(True, 200), (False, 302)])
def test_a_staff_session_outlives_the_key(admin: Caller, settings: Settings, is_listed: bool, status: int) -> None:
    browser = Client()
    browser.force_login(User.objects.get(id=admin.id), "staff.login.LocalAccountBackend")
    assert browser.get("/admin/").status_code == 200

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [settings.SECRET_KEY] if is_listed else []

    assert browser.get("/admin/").status_code == status


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_mailed_link_outlives_the_key(alice: Caller, settings: Settings, is_listed: bool) -> None:
    user = User.objects.get(id=alice.id)
    user.set_password(PASSWORD)
    user.save()
    made = recovery.find(recovery.make(user, RESET, email=user.email), RESET)
    assert recovery.is_for(made, user)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [settings.SECRET_KEY] if is_listed else []

    assert recovery.is_for(made, user) is is_listed
