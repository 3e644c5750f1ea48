from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import passwords
from accounts.models import AuthEvent, RecoveryToken, User
from accounts.recovery import letters, tokens
from accounts.recovery.tokens import Purpose
from core.limits.allowances import Rate
from core.mail.delivery import deliver_due
from core.models import OutgoingMail
from testing.callers import CLIENT, Answer, Caller
from testing.issuers import Issuer, bearer
from testing.mail_server import MailServer, text_of, token_of

EMAIL, VERIFY, CONFIRM = "/api/auth/email", "/api/auth/email/verify", "/api/auth/email/confirm"
PASSWORD = "correct horse battery"
NEW = "carol@elsewhere.example"

pytestmark = pytest.mark.usefixtures("roomy_auth_limit", "mail_server")


@pytest.fixture
def carol(make_user: Callable[..., User]) -> Caller:
    user = make_user("carol@example.com")
    user.set_password(PASSWORD)
    user.save()
    return Caller(user)


def confirm(token: object) -> Answer:
    return Caller().post(CONFIRM, {"token": token})


def ask_for_new(caller: Caller, email: str = NEW, password: str = PASSWORD) -> Answer:
    return caller.post(EMAIL, {"email": email, "password": password})


def token_to(mail_server: MailServer, address: str) -> str:
    deliver_due()
    return token_of([mail for mail in mail_server.mails if mail["To"] == address][-1])


def stored(caller: Caller) -> tuple[str, bool]:
    user = User.objects.get(id=caller.id)
    return user.email, user.email_verified


def test_who_signs_up_is_mailed_a_link_that_confirms_the_address(db: None, mail_server: MailServer) -> None:
    answer = Caller().post("/api/auth/signup", {"email": "New@example.com", "password": PASSWORD})
    token = token_to(mail_server, "new@example.com")

    assert answer.json["user"]["email_verified"] is False
    assert f"https://app.example.com/confirm-email?token={token}" in text_of(mail_server.mails[0])
    assert confirm(token).status == 200
    bearer_token = f"Bearer {answer.json['access_token']}"
    assert Caller().get("/api/auth/me", Authorization=bearer_token).json["email_verified"] is True
    assert confirm(token).is_problem(422, "token_invalid")


def test_the_mail_is_sent_again_on_demand_until_the_address_is_confirmed(
    carol: Caller, mail_server: MailServer
) -> None:
    assert carol.post(VERIFY).status == 202
    token = token_to(mail_server, "carol@example.com")
    assert confirm(token).status == 200

    assert carol.post(VERIFY).status == 202
    assert not OutgoingMail.objects.exists()


def test_sending_again_is_for_who_is_signed_in(anonymous: Caller) -> None:
    assert anonymous.post(VERIFY).is_problem(401)
    assert anonymous.post(EMAIL, {}).is_problem(401)


def test_a_new_email_takes_effect_by_the_link_that_is_mailed_there(carol: Caller, mail_server: MailServer) -> None:
    assert ask_for_new(carol, "Carol@Elsewhere.example").status == 202
    assert stored(carol) == ("carol@example.com", False)

    assert confirm(token_to(mail_server, NEW)).status == 200

    assert stored(carol) == (NEW, True)
    assert AuthEvent.objects.get(kind="email_changed").subject == carol.id
    assert Caller().post("/api/auth/login", {"email": NEW, "password": PASSWORD}).status == 200
    assert Caller().post("/api/auth/login", {"email": "carol@example.com", "password": PASSWORD}).status == 401


def test_the_former_address_is_told(carol: Caller, mail_server: MailServer) -> None:
    ask_for_new(carol)
    confirm(token_to(mail_server, NEW))
    deliver_due()

    told = mail_server.mails[-1]
    assert told["To"] == "carol@example.com"
    assert NEW not in text_of(told) + text_of(told, "html")


def test_a_wrong_password_is_422_counted_as_a_failed_login_and_nothing_is_sent(carol: Caller) -> None:
    answer = ask_for_new(carol, password="wrong")

    assert answer.is_problem(422, "wrong_password")
    assert answer.json["errors"][0]["field"] == "password"
    assert AuthEvent.objects.filter(kind="login_failed", subject=carol.id).count() == 1
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "nonsense", "a@b", "x" * 260 + "@example.com", "a@example.com\nBcc: b@example.com"]
)
def test_what_is_no_address_is_422(carol: Caller, email: str) -> None:
    answer = ask_for_new(carol, email)

    assert answer.is_problem(422, "invalid_email")
    assert answer.json["errors"][0]["field"] == "email"


@pytest.mark.parametrize("body", [{}, {"email": NEW}, {"password": PASSWORD}, {"email": 5, "password": PASSWORD}])
def test_a_missing_value_or_wrong_type_is_422(carol: Caller, body: object) -> None:
    assert carol.post(EMAIL, body).is_problem(422, "invalid")


def test_somebody_elses_address_gets_the_same_answer_and_no_mail(
    carol: Caller, alice: Caller, mail_server: MailServer
) -> None:
    free, taken = ask_for_new(carol), ask_for_new(carol, alice.user.email)
    deliver_due()

    assert (taken.status, taken.json) == (free.status, free.json)
    assert [mail["To"] for mail in mail_server.mails] == [NEW]


def test_an_address_that_somebody_took_meanwhile_is_409_and_stays_theirs(
    carol: Caller, make_user: Callable[..., User], mail_server: MailServer
) -> None:
    ask_for_new(carol)
    token = token_to(mail_server, NEW)
    make_user(NEW)

    assert confirm(token).is_problem(409, "email_taken")
    assert stored(carol) == ("carol@example.com", False)


def test_an_outside_account_has_its_address_from_its_issuer(issuer: Issuer) -> None:
    caller = bearer(issuer.token(email="dave@example.com"))

    assert ask_for_new(caller).is_problem(409, "outside_account")
    assert caller.post(VERIFY).status == 202
    assert not OutgoingMail.objects.exists()


def test_a_confirmed_address_proves_nothing_about_an_outside_account(
    carol: Caller, issuer: Issuer, mail_server: MailServer
) -> None:
    carol.post(VERIFY)
    confirm(token_to(mail_server, "carol@example.com"))

    outside = bearer(issuer.token(email="carol@example.com")).get("/api/auth/me").json

    assert outside["id"] != carol.id
    assert outside["email_verified"] is False


def test_a_new_password_ends_the_links_for_a_new_email_and_not_the_confirmation(
    carol: Caller, mail_server: MailServer
) -> None:
    carol.post(VERIFY)
    ask_for_new(carol)
    confirmation, change = token_to(mail_server, "carol@example.com"), token_to(mail_server, NEW)
    passwords.replace_password(User.objects.get(id=carol.id), new="another good phrase", client=CLIENT)

    assert confirm(change).is_problem(422, "token_invalid")
    assert confirm(confirmation).status == 200


def test_a_new_password_ends_the_mails_for_a_new_email_that_are_still_to_be_sent(
    carol: Caller, mail_server: MailServer
) -> None:
    """A link is made when its mail is sent: it would be one of the account with its new password."""
    ask_for_new(carol)
    passwords.replace_password(User.objects.get(id=carol.id), new="another good phrase", client=CLIENT)
    deliver_due()

    assert [mail["To"] for mail in mail_server.mails] == ["carol@example.com"]
    assert not RecoveryToken.objects.filter(user_id=carol.id).exists()


def test_neither_does_who_has_taken_the_mail_out_just_before_write_a_link(carol: Caller) -> None:
    ask_for_new(carol)
    taken_out = OutgoingMail.objects.get()
    passwords.replace_password(User.objects.get(id=carol.id), new="another good phrase", client=CLIENT)

    assert letters.email_change(taken_out) is None
    assert not RecoveryToken.objects.filter(user_id=carol.id).exists()


def test_a_link_for_an_address_that_is_the_accounts_no_more_is_no_good(carol: Caller, mail_server: MailServer) -> None:
    carol.post(VERIFY)
    token = token_to(mail_server, "carol@example.com")
    User.objects.filter(id=carol.id).update(email="else@example.com")

    assert confirm(token).is_problem(422, "token_invalid")
    assert stored(carol) == ("else@example.com", False)


def test_both_links_live_a_day(carol: Caller, mail_server: MailServer) -> None:
    carol.post(VERIFY)
    ask_for_new(carol)
    deliver_due()

    tokens = list(RecoveryToken.objects.filter(user_id=carol.id))
    assert [token.expires_at - token.created_at for token in tokens] == [timedelta(days=1)] * 2
    RecoveryToken.objects.filter(user_id=carol.id).update(expires_at=timezone.now())
    assert {confirm(token_of(mail)).status for mail in mail_server.mails} == {422}


@pytest.mark.parametrize("token", ["", "x", "a.b", 5, None])
def test_a_made_up_token_is_422(db: None, token: object) -> None:
    assert confirm(token).is_problem(422, "token_invalid" if isinstance(token, str) else "invalid")


def test_no_mailbox_is_flooded_by_asking_again_or_for_a_change(carol: Caller, mail_server: MailServer) -> None:
    assert {carol.post(VERIFY).status for _ in range(8)} == {202}
    assert {ask_for_new(carol).status for _ in range(8)} == {202}

    deliver_due()

    sent = [mail["To"] for mail in mail_server.mails]
    assert {address: sent.count(address) for address in sent} == {"carol@example.com": 5, NEW: 5}


@pytest.mark.parametrize("meanwhile", [{"email_verified": True}, {"email": NEW}, {"is_active": False}])
def test_no_link_goes_to_an_account_that_has_changed_before_the_mail_is_written(
    carol: Caller, mail_server: MailServer, meanwhile: dict[str, object]
) -> None:
    assert carol.post(VERIFY).status == 202
    User.objects.filter(id=carol.id).update(**meanwhile)

    deliver_due()

    assert mail_server.mails == []
    assert not RecoveryToken.objects.filter(user_id=carol.id).exists()


@pytest.mark.parametrize("password", ["", f" {PASSWORD}"])
def test_a_password_is_taken_as_it_is_sent(carol: Caller, password: str) -> None:
    assert ask_for_new(carol, password=password).is_problem(422, "wrong_password")


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("password/forgot", {"email": "carol@example.com"}, 202, "If the address is that of an account"),
        ("password/reset", {"token": "x", "password": "y"}, 422, "The token is not valid"),
        ("email/verify", {}, 202, "A mail is on its way."),
        ("email/confirm", {"token": "x"}, 422, "The token is not valid"),
    ],
)
def test_each_is_counted_as_a_login_and_tells(
    carol: Caller, settings: Settings, path: str, body: object, status: int, message: str
) -> None:
    settings.AUTH_RATE_LIMIT = Rate(1, 60)

    first, second = (carol.post(f"/api/auth/{path}", body) for _ in range(2))

    assert (first.status, first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == (status, "1", "0")
    assert first.json["message"].startswith(message)
    assert second.is_problem(429, "throttled")


def test_what_is_done_is_said(carol: Caller) -> None:
    reset, change = (
        tokens.make(carol.user, purpose, email=email)
        for purpose, email in ((Purpose.PASSWORD_RESET, carol.user.email), (Purpose.EMAIL_CHANGE, NEW))
    )
    said = [
        ask_for_new(carol),
        confirm(change),
        Caller().post("/api/auth/password/reset", {"token": reset, "password": "another good phrase"}),
    ]

    assert [(answer.status, answer.json.get("message")) for answer in said[:2]] == [
        (202, "A mail is on its way to the new address."),
        (200, "The address is confirmed."),
    ]
    # The other one was for the account with its former address.
    assert said[2].is_problem(422, "token_invalid")
