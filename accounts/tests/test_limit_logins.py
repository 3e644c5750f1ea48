"""Who may try how often: signup, login, refresh, the staff site, and guesses at one account."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import limits, passwords, services
from accounts.models import KnownAddress, User
from core.errors import Invalid, TooManyRequests
from core.limits.allowances import SECOND, Allowance, Rate
from core.models import RateWindow
from core.rest.client import Client as ClientInfo
from testing import redis_server
from testing.callers import Answer, Caller, in_parallel, open_session

PASSWORD = "correct horse 7 battery"
WRONG = "not the password"
HOME = "203.0.113.5"
STORES = ["database", "redis"]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Every limit here holds with Redis and without."""
    if request.param == "redis":
        request.getfixturevalue("redis_url")
    return str(request.param)


@pytest.fixture
def no_bcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what must not get as far as to a password."""

    def fail(self: object, *args: object) -> None:
        raise AssertionError("bcrypt was called")

    monkeypatch.setattr(BCryptSHA256PasswordHasher, "encode", fail)


def log_in(anonymous: Caller, email: str, password: str = WRONG, address: str = HOME) -> Answer:
    anonymous.client.defaults["REMOTE_ADDR"] = address
    return anonymous.post("/api/auth/login", {"email": email, "password": password})


def spoil(anonymous: Caller, address: str = HOME) -> Answer:
    """A counted attempt without bcrypt: the body is not valid."""
    anonymous.client.defaults["REMOTE_ADDR"] = address
    return anonymous.post("/api/auth/login", {})


@pytest.mark.usefixtures("store", "no_bcrypt")
def test_the_sixth_attempt_in_a_minute_is_refused_without_bcrypt(anonymous: Caller) -> None:
    answers = [spoil(anonymous) for _ in range(5)]
    assert [answer.status for answer in answers] == [422] * 5
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0"]

    refused = log_in(anonymous, "alice@example.com", PASSWORD)

    assert refused.is_problem(429, "throttled")
    assert refused.headers["RateLimit-Limit"] == "5"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert 50 < int(refused.headers["Retry-After"]) <= 60
    assert spoil(anonymous, "203.0.113.6").status == 422


@pytest.mark.usefixtures("store")
def test_signup_login_and_the_staff_site_count_together(anonymous: Caller) -> None:
    for _ in range(2):
        assert spoil(anonymous).status == 422
        assert anonymous.post("/api/auth/signup", {}).status == 422
    assert _staff_login(anonymous, "staff@example.com", PASSWORD).status == 200

    assert spoil(anonymous).status == 429
    assert anonymous.post("/api/auth/signup", {}).status == 429
    refused = _staff_login(anonymous, "staff@example.com", PASSWORD)
    assert refused.status == 429
    assert refused.headers["Content-Type"].startswith("text/html")
    assert "Too many attempts" in refused.content.decode()
    assert int(refused.headers["Retry-After"]) > 50


@pytest.mark.usefixtures("no_bcrypt")
def test_looking_at_the_staff_sites_login_page_is_not_counted(anonymous: Caller) -> None:
    answers = [anonymous.get("/admin/login/") for _ in range(7)]
    assert {answer.status for answer in answers} == {200}
    assert spoil(anonymous, "127.0.0.1").headers["RateLimit-Remaining"] == "4"


@pytest.mark.usefixtures("no_bcrypt")
def test_a_forwarded_address_counts_only_behind_a_proxy(anonymous: Caller, settings: Settings) -> None:
    settings.AUTH_RATE_LIMIT = Rate(1, 60)

    def statuses(*forwarded: str) -> list[int]:
        return [anonymous.post("/api/auth/login", {}, X_Forwarded_For=entry).status for entry in forwarded]

    assert statuses("192.0.2.1", "192.0.2.2", "192.0.2.3") == [422, 429, 429]
    settings.TRUSTED_PROXIES = 1
    assert statuses("192.0.2.1", "192.0.2.2", "6.6.6.6, 192.0.2.2") == [422, 422, 429]
    # No header of a client's gives a bucket of its own.
    assert statuses("nonsense", "192.0.2.1, ", "é" * 300) == [429, 429, 429]


@pytest.mark.usefixtures("no_bcrypt")
def test_an_ipv6_site_is_one_client(anonymous: Caller, settings: Settings) -> None:
    settings.AUTH_RATE_LIMIT = Rate(1, 60)
    addresses = ["2001:db8::1", "2001:db8::2:1", "2001:db8:0:1::1", "192.0.2.1", "::ffff:192.0.2.1"]
    assert [spoil(anonymous, address).status for address in addresses] == [422, 429, 422, 422, 429]


@pytest.mark.usefixtures("store")
def test_sixty_refreshes_a_minute(alice: Caller, anonymous: Caller) -> None:
    body = {"refresh_token": open_session(alice.user).refresh}
    assert {anonymous.post("/api/auth/refresh", body).status for _ in range(60)} == {200}
    assert anonymous.post("/api/auth/refresh", body).is_problem(429, "throttled")
    assert spoil(anonymous, "127.0.0.1").status == 422


# --- Guesses at one account -----------------------------------------------------------------------


@pytest.fixture
def owner(db: None) -> User:
    """Has signed up from HOME."""
    return services.sign_up(email="owner@example.com", password=PASSWORD, client=ClientInfo(HOME, "", ""))


def guess(email: str, times: int) -> None:
    """Failed tries from as many addresses."""
    for number in range(times):
        limits.count_guess(email, None, f"198.51.100.{number}")


@pytest.mark.usefixtures("store")
def test_after_ten_failures_an_account_is_closed_to_strangers_only(
    owner: User, anonymous: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess(owner.email, 9)
    assert log_in(anonymous, "Owner@Example.com ", address="192.0.2.1").is_problem(401, "invalid_credentials")

    refused = log_in(anonymous, owner.email, PASSWORD, address="192.0.2.2")
    assert refused.is_problem(429, "account_guarded")
    assert 590 < int(refused.headers["Retry-After"]) <= 600
    assert refused.headers["RateLimit-Limit"] == "10"
    # An address from which they have logged in before.
    assert log_in(anonymous, owner.email, "wrong", address=HOME).status == 401
    assert log_in(anonymous, owner.email, PASSWORD, address=HOME).status == 200
    # The owner being there opens it to nobody else.
    assert log_in(Caller(), owner.email, PASSWORD, address="192.0.2.3").status == 429


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("store")
def test_of_fifty_guesses_at_once_ten_get_as_far_as_the_password() -> None:
    def is_looked_at(number: int) -> bool:
        try:
            limits.count_guess("owner@example.com", None, f"198.51.100.{number}")
        except TooManyRequests:
            return False
        return True

    assert sum(in_parallel([partial(is_looked_at, number) for number in range(50)])) == 10


@pytest.mark.usefixtures("store", "no_bcrypt")
def test_an_account_that_does_not_exist_closes_in_the_same_way(anonymous: Caller) -> None:
    guess("nobody@example.com", 10)
    assert log_in(anonymous, "nobody@example.com").is_problem(429, "account_guarded")


def confirm(user: User, password: str, address: str) -> None:
    passwords.confirm_password(user, password=password, client=ClientInfo(address, "", ""), field="password")


@pytest.mark.usefixtures("store")
def test_logins_that_succeed_are_no_failures(owner: User, anonymous: Caller) -> None:
    guess(owner.email, 9)
    for address in ("192.0.2.1", "192.0.2.2"):
        assert log_in(anonymous, owner.email, PASSWORD, address=address).status == 200
    # Now known addresses, whatever happens.
    guess(owner.email, 1)
    assert log_in(anonymous, owner.email, PASSWORD, address="192.0.2.2").status == 200


@pytest.mark.usefixtures("store")
def test_ten_wrong_codes_close_the_second_step_and_right_ones_do_not(alice: Caller) -> None:
    for _ in range(11):
        limits.settle_code(limits.count_code(alice.id))
    for _ in range(10):
        limits.count_code(alice.id)

    with pytest.raises(TooManyRequests) as refusal:
        limits.count_code(alice.id)

    assert refusal.value.code == "account_guarded"


@pytest.mark.usefixtures("store")
def test_a_wrong_current_password_counts_as_a_failed_login(owner: User) -> None:
    guess(owner.email, 8)
    confirm(owner, PASSWORD, "192.0.2.1")
    for address in ("192.0.2.2", "192.0.2.3"):
        with pytest.raises(Invalid):
            confirm(owner, "wrong", address)
    with pytest.raises(TooManyRequests) as refusal:
        confirm(owner, PASSWORD, "192.0.2.4")
    assert refusal.value.code == "account_guarded"


def test_the_staff_site_guards_the_account_as_well(owner: User, anonymous: Caller) -> None:
    User.objects.filter(id=owner.id).update(role=User.Role.ADMIN)
    guess(owner.email, 10)

    anonymous.client.defaults["REMOTE_ADDR"] = "192.0.2.1"
    refused = _staff_login(anonymous, owner.email, PASSWORD)
    assert refused.status == 429
    assert "Too many failed logins" in refused.content.decode()

    anonymous.client.defaults["REMOTE_ADDR"] = HOME
    assert _staff_login(anonymous, owner.email, PASSWORD).status == 302


def test_a_wrong_current_password_on_the_staff_site_counts_in_the_same_way(owner: User, settings: Settings) -> None:
    User.objects.filter(id=owner.id).update(role=User.Role.ADMIN)
    settings.AUTH_RATE_LIMIT = Rate(2, 60)
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.force_login(owner)

    def change(old: str) -> int:
        new = "another horse 8 battery"
        form = {"old_password": old, "new_password1": new, "new_password2": new}
        return client.post("/admin/password_change/", form).status_code

    assert client.get("/admin/password_change/").status_code == 200
    assert [change(WRONG), change(PASSWORD), change("another horse 8 battery")] == [200, 302, 429]


# --- The store is away ----------------------------------------------------------------------------


@pytest.mark.usefixtures("needs_redis", "no_bcrypt")
def test_without_the_store_logins_are_refused_and_reads_go_on(
    alice: Caller, anonymous: Caller, settings: Settings, make_task: Callable[..., object]
) -> None:
    make_task(alice)
    with redis_server.running() as url:
        settings.REDIS_URL = url
        assert spoil(anonymous).status == 422
        assert alice.get(alice.tasks).status == 200

    refused = log_in(anonymous, "alice@example.com", PASSWORD)
    assert refused.is_problem(503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert _staff_login(anonymous, "alice@example.com", PASSWORD).status == 503
    assert [alice.get(alice.tasks).json["meta"]["count"] for _ in range(3)] == [1, 1, 1]
    assert anonymous.post("/api/auth/refresh", {"refresh_token": open_session(alice.user).refresh}).status == 200


def _staff_login(anonymous: Caller, email: str, password: str) -> Answer:
    form = f"username={email}&password={password}".encode()
    return anonymous.send("POST", "/admin/login/", form, content_type="application/x-www-form-urlencoded")


def pass_by(seconds: int) -> None:
    """So much time, for all that was counted."""
    past = seconds * SECOND
    for window in RateWindow.objects.all():
        RateWindow.objects.filter(key=window.key).update(
            instants=[instant - past for instant in window.instants],
            full_until=max(0, window.full_until - past),
            expires_at=window.expires_at - past,
        )


@pytest.mark.parametrize("is_known", [False, True])
def test_who_failed_too_often_waits_from_the_last_failure_on(alice: Caller, is_known: bool) -> None:
    device = limits.Device(alice.id, "browser") if is_known else None

    def count() -> UUID:
        return limits.count_guess("alice@example.com", alice.user, HOME, device).account

    counted_in = {count() for _ in range(9)}
    pass_by(300)
    assert counted_in == {count()}
    window = RateWindow.objects.get()
    assert window.full_until - window.instants[-1] == 600 * SECOND

    # The first failure was over ten minutes ago by now, and the last was not.
    pass_by(301)

    if is_known:
        # As a stranger's, from here on.
        assert count() not in counted_in
    else:
        with pytest.raises(TooManyRequests):
            count()


def test_an_address_that_logs_in_again_is_remembered_from_then_on(alice: Caller) -> None:
    limits.remember_address(alice.user, HOME)
    since = timezone.now()
    for ago, is_written in ((timedelta(hours=23), False), (timedelta(days=1), True)):
        KnownAddress.objects.filter(user_id=alice.id).update(seen_at=since - ago)

        limits.remember_address(alice.user, HOME)

        assert (KnownAddress.objects.get(user_id=alice.id).seen_at >= since) is is_written


def test_five_mails_go_to_one_address_in_an_hour(db: None) -> None:
    assert [limits.admit_mail("a@example.com") for _ in range(6)] == [True] * 5 + [False]
    assert limits.admit_mail("b@example.com")

    window = RateWindow.objects.get(key=limits.keyed_hash("mail", "a@example.com"))
    assert window.full_until - window.instants[0] == 3600 * SECOND
    with pytest.raises(TooManyRequests) as refusal:
        limits.require_mail("a@example.com")
    assert refusal.value.code == "throttled"
    limits.require_mail("c@example.com")


def test_an_address_is_remembered_of_one_person_and_alone(alice: Caller, bob: Caller) -> None:
    for user, address in ((alice.user, HOME), (bob.user, "203.0.113.6")):
        limits.remember_address(user, address)
    guess("alice@example.com", 10)

    def is_let_through(address: str) -> bool:
        try:
            return not limits.count_guess("alice@example.com", alice.user, address).is_counted
        except TooManyRequests:
            return False

    assert [is_let_through(address) for address in (HOME, "203.0.113.6")] == [True, False]
    assert KnownAddress.objects.filter(user_id=alice.id).count() == 1


@pytest.mark.parametrize("owner", ["alice", "bob", None])
def test_a_device_has_tries_of_its_own_on_the_account_it_is_of(alice: Caller, bob: Caller, owner: str | None) -> None:
    device = {"alice": limits.Device(alice.id, "x"), "bob": limits.Device(bob.id, "x"), None: None}[owner]
    guess("alice@example.com", 10)

    def count(user: User | None) -> bool:
        try:
            return limits.count_guess("alice@example.com", user, HOME, device).is_counted
        except TooManyRequests:
            return False

    assert count(None) is False
    assert [count(alice.user) for _ in range(11)] == [owner == "alice"] * 10 + [False]


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("count", "code"),
    [(limits.count_call, "too_many_requests"), (limits.admit_chat, "throttled")],
    ids=["calls", "chat"],
)
def test_each_person_has_as_many_as_the_setting_says(
    settings: Settings, count: Callable[[str], Allowance], code: str
) -> None:
    settings.API_RATE_LIMIT = settings.CHAT_RATE_LIMIT = Rate(2, 3600)
    limits.forget_calls()

    assert [(told.limit, told.remaining) for told in (count("1"), count("1"), count("2"))] == [(2, 1), (2, 0), (2, 1)]
    with pytest.raises(TooManyRequests) as refusal:
        count("1")
    assert refusal.value.code == code
    limits.forget_calls()


def test_a_call_may_cost_more_than_one(settings: Settings) -> None:
    settings.API_RATE_LIMIT = Rate(5, 3600)
    limits.forget_calls()

    assert [limits.count_call("1", cost).remaining for cost in (3, 2)] == [2, 0]


def test_a_second_step_is_closed_from_the_last_wrong_code_on(alice: Caller) -> None:
    for _ in range(10):
        limits.count_code(alice.id)

    window = RateWindow.objects.get()
    assert window.full_until - window.instants[-1] == 600 * SECOND
