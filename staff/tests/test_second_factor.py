"""The staff site's second factor: set up, asked for, counted, spent, lost."""

import re
import time
from base64 import b32decode
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp.oath import hotp
from pytest_django import Settings

from accounts.models import AuthEvent, Session, User
from core.limits.allowances import Rate
from staff.models import RecoveryCode, SecondFactor
from staff.second_factor import factors
from testing.callers import CLIENT, Caller, in_parallel

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.names_no_owner("staff look at everybody's"),
    pytest.mark.usefixtures("roomy_auth_limit"),
]

NOW = time.time()
PASSWORD = "correct horse battery"
PAGE, LOGIN, SET_UP = "/admin/accounts/user/", "/admin/login/", "/admin/second_factor/"


@pytest.fixture(autouse=True)
def _one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code that the app shows does not change between a look at it and its check."""
    monkeypatch.setattr(factors, "time", SimpleNamespace(time=lambda: NOW))


@pytest.fixture
def staff(make_user: Callable[..., User]) -> User:
    user = make_user("staff@example.com", role="admin")
    user.set_password(PASSWORD)
    user.save()
    return user


def give_password(client: Client, page: str = PAGE, **fields: str) -> Any:
    return client.post(f"{LOGIN}?next={page}", {"username": "staff@example.com", "password": PASSWORD, **fields})


def logged_in() -> Client:
    client = Client()
    assert give_password(client).status_code == 302
    return client


def code(ahead: int = 0) -> str:
    """That the app shows now, or so many steps from now."""
    key = b32decode(SecondFactor.objects.get().key)
    return f"{hotp(key, int(NOW) // 30 + ahead):06}"


def set_up(client: Client) -> list[str]:
    """The recovery codes."""
    client.post(SET_UP, {"act": "begin"})
    page = client.post(SET_UP, {"act": "confirm", "code": code(-1)}).content.decode()
    return re.findall(r"<code>([a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4})</code>", page)


def give_code(client: Client, typed: str) -> Any:
    return client.post(f"{LOGIN}?next={PAGE}", {"code": typed})


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def logins() -> list[tuple[str, str]]:
    kinds = ("login", "login_failed", "second_factor_reset")
    return list(AuthEvent.objects.filter(kind__in=kinds).order_by("created_at", "id").values_list("kind", "reason"))


@pytest.fixture
def codes(staff: User) -> list[str]:
    """Recovery codes of the staff, whose second factor is set up."""
    made = set_up(logged_in())
    AuthEvent.objects.all().delete()
    return made


def test_setting_up_shows_key_picture_and_codes_once(staff: User) -> None:
    client = logged_in()

    begun = client.post(SET_UP, {"act": "begin"}).content.decode()
    key = SecondFactor.objects.get().key
    assert "QR code for the app" in begun
    assert re.sub(r"\s", "", begun).count(key) == 1
    assert "style=" not in begun.partition("QR code for the app")[2].partition("</svg>")[0]
    done = client.post(SET_UP, {"act": "confirm", "code": code()}).content.decode()
    made = re.findall(r"<code>([a-z2-7-]{19})</code>", done)

    assert len(set(made)) == 10
    again = client.get(SET_UP).content.decode()
    assert "Recovery codes left: 10" in again
    assert "QR code for the app" not in done + again
    assert key not in re.sub(r"\s", "", done + again)
    assert not any(text in again for text in made)
    stored = set(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert len(stored) == 10
    assert not stored & {*made, *(text.replace("-", "") for text in made)}
    event = AuthEvent.objects.get(kind="second_factor_reset")
    assert (event.subject, event.actor, event.reason) == (staff.id, staff.id, "set_up")
    assert event.changes == {"second_factor": [False, True]}
    assert is_in(client)


def test_a_wrong_first_code_sets_nothing_up_and_shows_no_picture_again(staff: User) -> None:
    client = logged_in()
    client.post(SET_UP, {"act": "begin"})
    key = SecondFactor.objects.get().key

    page = client.post(SET_UP, {"act": "confirm", "code": "000000"}).content.decode()

    assert "QR code for the app" not in page
    assert key not in re.sub(r"\s", "", page)
    assert not RecoveryCode.objects.exists()
    assert give_password(Client()).status_code == 302
    assert is_in(logged_in())
    client.post(SET_UP, {"act": "begin"})
    assert SecondFactor.objects.get().key != key


def test_the_password_alone_opens_nothing(staff: User, codes: list[str], alice: Caller) -> None:
    client = logged_in()

    for page in (PAGE, "/admin/", SET_UP, "/admin/password_change/", f"{PAGE}{alice.id}/change/"):
        assert client.get(page).status_code == 302
    assert client.post(f"{PAGE}{alice.id}/act/disable/", {"sure": "yes"}).status_code == 302
    assert client.post(SET_UP, {"act": "begin"}).status_code == 302
    assert User.objects.get(id=alice.id).is_active
    assert 'autocomplete="one-time-code"' in client.get(LOGIN).content.decode()
    assert logins() == []
    assert client.session.get_expiry_age() <= 600


@pytest.mark.parametrize("ahead", [0, 1])
def test_the_apps_code_opens_the_page_that_was_asked_for(staff: User, codes: list[str], ahead: int) -> None:
    client = logged_in()
    before = client.session.session_key

    answer = give_code(client, f" {code(ahead)[:3]} {code(ahead)[3:]} ")

    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert is_in(client)
    assert client.session.session_key != before
    assert logins() == [("login", "second_factor")]
    assert "todo_device" in answer.cookies
    assert client.session.get_expiry_age() == 8 * 60 * 60


@pytest.mark.parametrize("elsewhere", ["https://evil.example.com/", "//evil.example.com", "javascript:alert(1)", ""])
def test_a_code_leads_nowhere_else(staff: User, codes: list[str], elsewhere: str) -> None:
    client = logged_in()

    answer = client.post(LOGIN, {"code": code(), "next": elsewhere})

    assert answer["Location"] == "/admin/"


def test_a_code_is_not_taken_twice_nor_an_earlier_one_after_it(staff: User, codes: list[str]) -> None:
    assert give_code(logged_in(), code(1)).status_code == 302
    second = logged_in()

    for ahead in (1, 0, -1):
        assert give_code(second, code(ahead)).status_code == 200

    assert not is_in(second)


@pytest.mark.parametrize("typed", ["", "000000", "abc", "12345", "1" * 5000, "\x00", "٣٤٥٦٧٨"])
def test_a_wrong_code_is_an_event_and_opens_nothing(staff: User, codes: list[str], typed: str) -> None:
    client = logged_in()

    page = give_code(client, typed)

    assert (page.status_code, "The code is wrong." in page.content.decode()) == (200, True)
    assert not is_in(client)
    assert logins() == [("login_failed", "wrong_code")]


def test_codes_are_counted_with_logins(staff: User, codes: list[str], settings: Settings) -> None:
    client = logged_in()
    settings.AUTH_RATE_LIMIT = Rate(3, 60)

    # The login of before is one of them.
    statuses = [give_code(client, "000000").status_code for _ in range(3)]

    assert statuses[-1] == 429
    assert 200 in statuses


def test_ten_wrong_codes_close_the_second_step_to_right_ones(staff: User, codes: list[str]) -> None:
    client = logged_in()
    for _ in range(10):
        assert give_code(client, "000000").status_code == 200

    answer = give_code(client, code())

    assert answer.status_code == 429
    assert "Too many failed logins" in answer.content.decode()
    assert not is_in(client)
    assert give_code(client, codes[0]).status_code == 429


def test_a_recovery_code_passes_once_however_it_is_typed(staff: User, codes: list[str]) -> None:
    first, second = logged_in(), logged_in()

    assert give_code(first, codes[3].upper().replace("-", " ")).status_code == 302
    assert give_code(second, codes[3]).status_code == 200

    assert is_in(first)
    assert not is_in(second)
    assert logins() == [("login", "recovery_code"), ("login_failed", "wrong_code")]
    assert "Recovery codes left: 9" in first.get(SET_UP).content.decode()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("which", ["app", "recovery"])
def test_of_many_who_send_a_code_at_once_one_passes(staff: User, codes: list[str], which: str) -> None:
    clients = [logged_in() for _ in range(6)]
    typed = code(1) if which == "app" else codes[0]

    def give(client: Client) -> int:
        return int(give_code(client, typed).status_code)

    statuses = in_parallel([partial(give, client) for client in clients])

    assert sorted(statuses) == [200] * 5 + [302]
    assert sum(is_in(client) for client in clients) == 1


def test_a_session_of_before_the_set_up_is_asked_for_a_code(staff: User) -> None:
    other = logged_in()
    assert is_in(other)

    set_up(logged_in())

    assert not is_in(other)


def test_new_recovery_codes_and_another_app_want_a_code(staff: User, codes: list[str]) -> None:
    client = logged_in()
    give_code(client, codes[0])

    assert "The code is wrong." in client.post(SET_UP, {"act": "renew", "code": "000000"}).content.decode()
    assert client.post(SET_UP, {"act": "remove", "code": ""}).status_code == 200
    assert RecoveryCode.objects.count() == 9
    page = client.post(SET_UP, {"act": "renew", "code": code()}).content.decode()
    renewed = re.findall(r"<code>([a-z2-7-]{19})</code>", page)
    assert len(renewed) == 10
    assert not set(renewed) & set(codes)

    client.post(SET_UP, {"act": "remove", "code": renewed[0]})

    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert is_in(logged_in())


def test_where_it_is_required_who_has_none_can_only_set_it_up(staff: User, settings: Settings, alice: Caller) -> None:
    settings.ADMIN_REQUIRE_TOTP = True
    client = logged_in()

    for page in (PAGE, "/admin/", f"{PAGE}{alice.id}/change/", "/admin/password_change/"):
        assert client.get(page, follow=True).redirect_chain[-1] == (SET_UP, 302)
    assert client.post(f"{PAGE}{alice.id}/act/disable/", {"sure": "yes"}).status_code == 302
    assert User.objects.get(id=alice.id).is_active
    page = client.get(SET_UP).content.decode()
    assert "ADMIN_REQUIRE_TOTP" in page
    assert "alice@example.com" not in page

    assert len(set_up(client)) == 10
    assert is_in(client)


@pytest.mark.parametrize("fields", [{"role": "user"}, {"role": "admin", "is_active": False}])
def test_who_is_no_admin_sets_nothing_up(make_user: Callable[..., User], fields: dict[str, Any]) -> None:
    client = Client()
    client.force_login(make_user("other@example.com"))
    User.objects.filter(email="other@example.com").update(**fields)

    for answer in (client.get(SET_UP), client.post(SET_UP, {"act": "begin"})):
        assert answer["Location"].startswith(LOGIN)
    assert not SecondFactor.objects.exists()


def test_an_admin_resets_anothers_but_not_their_own(staff: User, codes: list[str], admin: Caller) -> None:
    theirs = logged_in()
    give_code(theirs, code())
    site = Client()
    site.force_login(admin.user)
    AuthEvent.objects.all().delete()

    assert "reset-second-factor" in site.get(f"{PAGE}{staff.id}/change/").content.decode()
    assert "reset-second-factor" not in theirs.get(f"{PAGE}{staff.id}/change/").content.decode()
    site.post(f"{PAGE}{staff.id}/act/reset-second-factor/", {"sure": "yes"})

    event = AuthEvent.objects.get(kind="second_factor_reset")
    assert (event.subject, event.actor, event.changes) == (staff.id, admin.id, {"second_factor": [True, False]})
    assert not is_in(theirs)
    assert is_in(logged_in())


@pytest.mark.parametrize("field", ["id", "email"])
def test_a_lost_one_is_reset_by_command(staff: User, codes: list[str], field: str) -> None:
    said = StringIO()

    call_command("reset_second_factor", getattr(staff, field), stdout=said)
    call_command("reset_second_factor", getattr(staff, field), stdout=said)

    assert said.getvalue().splitlines() == [
        f"User {staff.id} has no second factor any more.",
        f"User {staff.id} has no second factor.",
    ]
    event = AuthEvent.objects.get(kind="second_factor_reset")
    assert (event.subject, event.actor, event.user_agent) == (staff.id, None, "manage.py reset_second_factor")
    assert is_in(logged_in())


def test_who_passed_the_one_before_has_not_passed_the_new_one(staff: User, codes: list[str]) -> None:
    client = logged_in()
    give_code(client, codes[0])
    factors.reset(staff, client=CLIENT, ends_sessions=False)
    other = logged_in()
    set_up(other)

    assert is_in(other)
    assert not is_in(client)


def test_somebody_else_may_log_in_instead(staff: User, codes: list[str]) -> None:
    client = logged_in()

    answer = client.post(LOGIN, {"leave": "yes"}, follow=True)

    assert 'type="email"' in answer.content.decode()


def test_a_refusal_is_in_the_apis_words_whatever_is_wrong(make_user: Callable[..., User], staff: User) -> None:
    user = make_user("user@example.com")
    user.set_password(PASSWORD)
    user.save()

    def told(email: str, password: str) -> str:
        page = Client().post(LOGIN, {"username": email, "password": password}).content.decode()
        return "The email or the password is wrong." if "The email or the password is wrong." in page else page

    cases = [("staff@example.com", "wrong"), ("nobody@example.com", "wrong"), ("user@example.com", PASSWORD)]
    assert {told(*case) for case in cases} == {"The email or the password is wrong."}
    assert Caller().post("/api/auth/login", {"email": "x@example.com", "password": "wrong"}).json["detail"] == (
        "The email or the password is wrong."
    )
    assert ("login_failed", "not_admin") in logins()
    assert ("login", "") not in logins()


def test_idle_hours_end_a_session_and_each_page_prolongs_it(staff: User) -> None:
    client = logged_in()
    stored = "UPDATE django_session SET expire_date = %s"
    with connection.cursor() as cursor:
        cursor.execute(stored, [timezone.now() + timedelta(minutes=1)])
    assert is_in(client)
    left = client.session.get_expiry_date() - timezone.now()
    assert left > timedelta(hours=7.9)

    with connection.cursor() as cursor:
        cursor.execute(stored, [timezone.now() - timedelta(seconds=1)])
    assert not is_in(client)


def test_the_api_knows_none_of_it(staff: User, codes: list[str]) -> None:
    answer = Caller().post("/api/auth/login", {"email": "staff@example.com", "password": PASSWORD})

    assert answer.status == 200
    assert Session.objects.filter(user_id=staff.id).count() == 1
