import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import passwords
from accounts.models import AuthEvent, KnownAddress, RecoveryToken, User
from core.limits.allowances import Rate
from core.mail.delivery import deliver_due
from core.models import OutgoingMail
from testing.callers import CLIENT, Answer, Caller, in_parallel, make_token, open_session
from testing.issuers import Issuer, bearer
from testing.mail_server import MailServer, text_of, token_of

FORGOT, RESET = "/api/auth/password/forgot", "/api/auth/password/reset"
OLD, NEW = "correct horse battery", "another good phrase"

pytestmark = pytest.mark.usefixtures("roomy_auth_limit")


@pytest.fixture
def carol(make_user: Callable[..., User]) -> User:
    user = make_user("carol@example.com", name="Carol <b>http://evil.example</b>")
    user.set_password(OLD)
    user.save()
    return user


def ask(email: str = "carol@example.com") -> int:
    return Caller().post(FORGOT, {"email": email}).status


def token_for(mail_server: MailServer, email: str = "carol@example.com") -> str:
    assert ask(email) == 202
    deliver_due()
    return token_of(mail_server.mails[-1])


def reset(token: object, password: object = NEW) -> Answer:
    return Caller().post(RESET, {"token": token, "password": password})


def log_in(password: str) -> int:
    return Caller().post("/api/auth/login", {"email": "carol@example.com", "password": password}).status


def test_a_forgotten_password_is_set_by_the_link_of_a_mail(carol: User, mail_server: MailServer) -> None:
    session = open_session(carol)
    program = bearer(make_token(carol))
    token = token_for(mail_server)

    answer = reset(token)

    assert answer.status == 200
    assert answer.json == {"message": "The password has been set; log in with it."}
    assert program.get("/api/tasks").is_problem(401, "token_invalid")
    assert (log_in(OLD), log_in(NEW)) == (401, 200)
    assert Caller().get("/api/auth/me", Authorization=f"Bearer {session.access}").is_problem(401, "session_ended")
    assert Caller().post("/api/auth/refresh", {"refresh_token": session.refresh}).status == 401
    assert AuthEvent.objects.get(kind="password_reset").subject == carol.id
    # Who could read the mail has the address.
    assert User.objects.get(id=carol.id).email_verified
    assert not RecoveryToken.objects.filter(user_id=carol.id).exists()


def test_the_mail_has_a_link_in_text_and_html_and_no_word_that_somebody_chose(
    carol: User, mail_server: MailServer
) -> None:
    token = token_for(mail_server)
    mail = mail_server.mails[0]

    assert (mail["To"], mail["From"]) == ("carol@example.com", "Todo <todo@todo.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@todo.example>")
    for kind in ("plain", "html"):
        assert f"https://app.example.com/reset-password?token={token}" in text_of(mail, kind)
        assert "evil" not in text_of(mail, kind)


def test_the_owner_is_told_of_the_new_password(carol: User, mail_server: MailServer) -> None:
    reset(token_for(mail_server))
    deliver_due()

    assert [mail["Subject"].split(" (")[0] for mail in mail_server.mails] == [
        "Set a new password",
        "Your password was changed",
    ]
    assert "?token=" not in text_of(mail_server.mails[1])


def test_no_plain_token_is_stored(carol: User, mail_server: MailServer) -> None:
    ask()
    assert not RecoveryToken.objects.filter(user_id=carol.id).exists()

    deliver_due()

    token = token_of(mail_server.mails[0])
    stored = RecoveryToken.objects.filter(user_id=carol.id).values().get()
    assert token not in str(stored)
    assert token.partition(".")[2] not in str(stored)


@pytest.mark.parametrize("email", ["nobody@example.com", "not an email", "", "x@" + "y" * 300 + ".example.com"])
def test_an_address_of_nobody_gets_the_same_answer_and_no_mail(
    carol: User, mail_server: MailServer, email: str
) -> None:
    known = Caller().post(FORGOT, {"email": "carol@example.com"})
    answer = Caller().post(FORGOT, {"email": email})
    deliver_due()

    assert (answer.status, answer.json) == (known.status, known.json)
    assert [mail["To"] for mail in mail_server.mails] == ["carol@example.com"]


def test_a_known_and_an_unknown_address_cost_the_same_statements(carol: User, mail_server: MailServer) -> None:
    told = []
    for email in ("carol@example.com", "nobody@example.com"):
        with CaptureQueriesContext(connection) as queries:
            ask(email)
        told.append([re.sub(r"[0-9]+", "", query["sql"])[:20] for query in queries.captured_queries])

    assert told[0] == told[1]


def test_case_and_blanks_do_not_matter(carol: User, mail_server: MailServer) -> None:
    assert reset(token_for(mail_server, "  Carol@EXAMPLE.com ")).status == 200


def test_who_is_disabled_or_from_another_issuer_gets_no_mail(
    carol: User, issuer: Issuer, mail_server: MailServer
) -> None:
    bearer(issuer.token(email="dave@example.com")).get("/api/auth/me")
    User.objects.filter(id=carol.id).update(is_active=False)

    assert (ask(), ask("dave@example.com")) == (202, 202)
    deliver_due()

    assert mail_server.mails == []
    assert not OutgoingMail.objects.exists()


def test_a_token_is_good_once(carol: User, mail_server: MailServer) -> None:
    token = token_for(mail_server)

    assert reset(token).status == 200
    assert reset(token, "a third good phrase").is_problem(422, "token_invalid")
    assert log_in(NEW) == 200


def test_all_links_of_an_account_go_with_the_first_that_is_used(carol: User, mail_server: MailServer) -> None:
    first, second = token_for(mail_server), token_for(mail_server)

    assert reset(first).status == 200
    assert reset(second).is_problem(422, "token_invalid")


@pytest.mark.parametrize("minutes", [59, 61])
def test_a_token_is_good_for_an_hour(carol: User, mail_server: MailServer, minutes: int) -> None:
    token = token_for(mail_server)
    expires_at = timezone.now() + timedelta(minutes=60 - minutes)
    RecoveryToken.objects.filter(user_id=carol.id).update(expires_at=expires_at)

    assert (reset(token).status == 200) == (minutes < 60)


def test_a_mail_for_a_new_email_that_is_still_to_be_sent_goes_with_the_old_password(
    carol: User, mail_server: MailServer
) -> None:
    token = token_for(mail_server)
    thief = bearer(open_session(carol).access)
    assert thief.post("/api/auth/email", {"email": "thief@example.com", "password": OLD}).status == 202

    assert reset(token).status == 200
    deliver_due()

    assert "thief@example.com" not in {mail["To"] for mail in mail_server.mails}


def test_it_lives_an_hour(carol: User, mail_server: MailServer) -> None:
    token_for(mail_server)

    stored = RecoveryToken.objects.get(user_id=carol.id)
    assert stored.expires_at - stored.created_at == timedelta(hours=1)


def test_a_token_dies_with_the_password_or_the_address_it_was_made_for(carol: User, mail_server: MailServer) -> None:
    by_password = token_for(mail_server)
    passwords.replace_password(carol, new="a third good phrase", client=CLIENT)
    assert reset(by_password).is_problem(422, "token_invalid")

    mail_server.forget()
    ask()
    deliver_due()
    by_address = token_of(mail_server.mails[-1])
    User.objects.filter(id=carol.id).update(email="carol@elsewhere.example")
    assert reset(by_address).is_problem(422, "token_invalid")


def test_a_token_of_who_was_disabled_meanwhile_is_no_good(carol: User, mail_server: MailServer) -> None:
    token = token_for(mail_server)
    User.objects.filter(id=carol.id).update(is_active=False)

    assert reset(token).is_problem(422, "token_invalid")
    assert User.objects.get(id=carol.id).check_password(OLD)


@pytest.mark.parametrize("token", ["", "x", "a.b", "." * 50, "é.x", "\U0001f600", "Li4.x", "x" * 5000])
def test_a_made_up_token_is_422(carol: User, mail_server: MailServer, token: str) -> None:
    answer = reset(token)

    assert answer.is_problem(422, "token_invalid")
    assert answer.json["errors"][0]["field"] == "token"


def test_a_token_of_another_purpose_is_422(carol: User, mail_server: MailServer) -> None:
    Caller(carol).post("/api/auth/email/verify")
    deliver_due()

    assert reset(token_of(mail_server.mails[-1])).is_problem(422, "token_invalid")


def test_another_user_cannot_use_it_for_their_own_account(carol: User, alice: Caller, mail_server: MailServer) -> None:
    secret = token_for(mail_server).partition(".")[2]
    forged = urlsafe_b64encode(alice.id.encode()).decode().rstrip("=") + "." + secret

    assert reset(forged).is_problem(422, "token_invalid")


@pytest.mark.parametrize("password", ["", "short", "password123", "x" * 129, "carol@example.com", "12345678901"])
def test_a_weak_password_is_422_and_does_not_spend_the_token(
    carol: User, mail_server: MailServer, password: str
) -> None:
    token = token_for(mail_server)

    answer = reset(token, password)

    assert answer.is_problem(422, "weak_password")
    assert answer.json["errors"][0]["field"] == "password"
    assert User.objects.get(id=carol.id).check_password(OLD)
    assert reset(token).status == 200


@pytest.mark.parametrize("body", [{}, {"token": "x"}, {"password": NEW}, {"token": 1, "password": NEW}, []])
def test_a_missing_value_or_wrong_type_is_422(carol: User, mail_server: MailServer, body: object) -> None:
    assert Caller().post(RESET, body).status == 422


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_of_two_at_once_one_sets_the_password(carol: User, mail_server: MailServer) -> None:
    token = token_for(mail_server)

    answers = in_parallel([lambda: reset(token).status] * 6)

    assert sorted(answers) == [200] + [422] * 5


def test_it_opens_an_account_that_is_guarded_against_guesses(carol: User, mail_server: MailServer) -> None:
    reset(token_for(mail_server))

    assert KnownAddress.objects.filter(user_id=carol.id).count() == 1


def test_both_count_as_logins(carol: User, mail_server: MailServer, settings: Settings) -> None:
    settings.AUTH_RATE_LIMIT = Rate(2, 60)
    assert ask() == 202
    assert reset("x").status == 422
    assert reset("x").is_problem(429, "throttled")
    assert ask() == 429
    assert log_in(OLD) == 429


def test_one_mailbox_is_not_flooded(carol: User, mail_server: MailServer) -> None:
    assert {ask() for _ in range(8)} == {202}
    deliver_due()

    assert len(mail_server.mails) == 5


def test_without_mail_there_is_nothing_here(carol: User, alice: Caller, settings: Settings) -> None:
    settings.MAIL_IS_ON = False

    paths = [FORGOT, RESET, *(f"/api/auth/email{end}" for end in ("", "/verify", "/confirm"))]
    for caller in (alice, Caller()):
        assert all(caller.post(path, {}).is_problem(404, "not_found") for path in paths)
    assert not OutgoingMail.objects.exists()


JUST_THEN: dict[str, Callable[[QuerySet[User]], object]] = {
    "disabled": lambda users: users.update(is_active=False),
    "deleted": lambda users: users.delete(),
    "done": lambda users: RecoveryToken.objects.filter(user_id=users.get().id).delete(),
}


@pytest.mark.parametrize("act", JUST_THEN)
def test_a_token_of_whom_something_happens_to_just_then_is_no_good(
    carol: User, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    token = token_for(mail_server)
    monkeypatch.setattr(
        passwords, "check_password", lambda password, user: JUST_THEN[act](User.objects.filter(id=user.id))
    )

    assert reset(token).is_problem(422, "token_invalid")
    assert all(user.check_password(OLD) for user in User.objects.filter(id=carol.id))


def test_a_password_with_blanks_around_it_is_set_as_it_is(carol: User, mail_server: MailServer) -> None:
    assert reset(token_for(mail_server), f" {NEW} ").status == 200

    assert (log_in(NEW), log_in(f" {NEW} ")) == (401, 200)


def test_a_token_of_who_has_an_issuer_by_now_is_no_good(carol: User, mail_server: MailServer) -> None:
    token = token_for(mail_server)
    User.objects.filter(id=carol.id).update(issuer="https://issuer.example.com")

    assert reset(token).is_problem(422, "token_invalid")
