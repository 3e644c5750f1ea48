"""Who has logged in before is not kept out by somebody who guesses (OWASP, device cookies)."""

from collections.abc import Callable

import pytest
from django.core import signing
from django.test import Client
from pytest_django import Settings

from accounts import devices, limits
from accounts.models import User
from accounts.tests.test_limit_logins import HOME, PASSWORD, log_in
from core.errors import TooManyRequests
from testing.callers import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roomy_auth_limit")]

AWAY = "192.0.2.77"


@pytest.fixture
def owner(make_user: Callable[..., User]) -> User:
    user = make_user("owner@example.com")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def browser(owner: User) -> Caller:
    """Has logged in from home, and is elsewhere by now."""
    browser = Caller()
    assert log_in(browser, owner.email, PASSWORD).status == 200
    browser.client.defaults["REMOTE_ADDR"] = AWAY
    return browser


def guess(email: str, times: int = 10) -> None:
    for number in range(times):
        limits.count_guess(email, None, f"198.51.100.{number}")


def log_in_with(caller: Caller, email: str, token: object, password: str = PASSWORD) -> int:
    caller.client.defaults["REMOTE_ADDR"] = AWAY
    body = {"email": email, "password": password, "refresh_token": token}
    return caller.post("/api/auth/login", body).status


def test_a_browser_that_has_logged_in_passes_from_anywhere(owner: User, browser: Caller, anonymous: Caller) -> None:
    guess(owner.email)

    assert log_in(anonymous, owner.email, PASSWORD, address=AWAY).is_problem(429, "account_guarded")
    assert log_in(browser, owner.email, PASSWORD, address=AWAY).status == 200


def test_signing_up_is_a_login_too(anonymous: Caller) -> None:
    body = {"email": "new@example.com", "password": PASSWORD}
    assert (
        anonymous.post(
            "/api/auth/signup",
            body,
        ).status
        == 201
    )
    guess("new@example.com")

    assert log_in(anonymous, "new@example.com", PASSWORD, address=AWAY).status == 200


def test_the_cookie_is_for_the_service_alone(owner: User, browser: Caller, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    log_in(browser, owner.email, PASSWORD)

    cookie = browser.client.cookies[devices.COOKIE]

    assert cookie["max-age"] == 400 * 24 * 3600
    assert cookie["httponly"] is True
    assert cookie["secure"] is True
    assert cookie["samesite"] == "Lax"
    assert owner.email not in cookie.value


def test_a_refresh_token_of_the_account_passes(owner: User, anonymous: Caller) -> None:
    token = log_in(anonymous, owner.email, PASSWORD).json["refresh_token"]
    guess(owner.email)
    stranger = Caller()

    assert log_in_with(stranger, owner.email, token) == 200
    # One that was replaced or has ended has been the account's all the same.
    anonymous.post("/api/auth/logout", {"refresh_token": token})
    assert log_in_with(Caller(), owner.email, token) == 200


def test_a_device_guesses_no_faster_than_anybody(owner: User, browser: Caller) -> None:
    guess(owner.email)

    statuses = [log_in(browser, owner.email, "wrong", address=AWAY).status for _ in range(11)]

    assert statuses == [401] * 10 + [429]
    assert log_in(browser, owner.email, PASSWORD, address=AWAY).status == 429
    assert log_in(Caller(), owner.email, PASSWORD, address=HOME).status == 200


def test_what_fails_at_one_device_closes_the_account_to_nobody(owner: User, browser: Caller, anonymous: Caller) -> None:
    for _ in range(10):
        log_in(browser, owner.email, "wrong", address=AWAY)

    assert log_in(anonymous, owner.email, PASSWORD, address="192.0.2.78").status == 200


def test_a_device_of_another_account_proves_nothing(
    owner: User, browser: Caller, make_user: Callable[..., User]
) -> None:
    other = make_user("other@example.com")
    other.set_password(PASSWORD)
    other.save()
    token = log_in(Caller(), other.email, PASSWORD).json["refresh_token"]
    guess(owner.email)
    guess(other.email)

    assert log_in(browser, other.email, PASSWORD, address=AWAY).status == 429
    assert log_in_with(Caller(), owner.email, token) == 429


@pytest.mark.parametrize("value", ["", "x", signing.dumps(["me", "x"], salt="another")], ids=range(3))
def test_a_made_up_cookie_or_token_proves_nothing(owner: User, value: str) -> None:
    guess(owner.email)
    caller = Caller()
    caller.client.cookies[devices.COOKIE] = value

    assert log_in_with(caller, owner.email, value) == 429


def test_an_access_token_is_none(owner: User, anonymous: Caller) -> None:
    token = log_in(anonymous, owner.email, PASSWORD).json["access_token"]
    guess(owner.email)

    assert log_in_with(Caller(), owner.email, token) == 429


def test_a_token_of_another_type_is_422(owner: User) -> None:
    assert log_in_with(Caller(), owner.email, 5) == 422
    assert log_in_with(Caller(), owner.email, None) == 200


def test_the_staff_site_knows_its_browsers(owner: User) -> None:
    User.objects.filter(id=owner.id).update(role=User.Role.ADMIN)
    form = {"username": owner.email, "password": PASSWORD}
    browser = Client(REMOTE_ADDR=HOME)
    assert browser.post("/admin/login/", form).status_code == 302
    guess(owner.email)

    known, stranger = Client(REMOTE_ADDR=AWAY), Client(REMOTE_ADDR=AWAY)
    known.cookies[devices.COOKIE] = browser.cookies[devices.COOKIE].value

    assert stranger.post("/admin/login/", form).status_code == 429
    assert known.post("/admin/login/", form).status_code == 302


def test_a_device_is_counted_before_the_password_is_looked_at(owner: User) -> None:
    device = limits.Device(owner.id, "x")
    guess(owner.email)
    for _ in range(10):
        limits.count_guess(owner.email, owner, AWAY, device)

    with pytest.raises(TooManyRequests):
        limits.count_guess(owner.email, owner, AWAY, device)
