"""To whom each letter is written when its turn has come, and what its link is good for; no mail is sent here."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import pytest
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuthEvent, KnownAddress, PersonalToken, RecoveryToken, User
from accounts.recovery import letters, services, tokens
from accounts.recovery.tokens import Purpose
from accounts.sessions import ending
from core.errors import Conflict, Invalid
from core.mail import outbox
from core.mail.delivery import Letter
from core.models import OutgoingMail
from testing.callers import CLIENT, make_token, open_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roomy_auth_limit")]

OLD, NEW = "correct horse battery", "another good phrase"
ELSEWHERE = "carol@elsewhere.example"
Write = Callable[[OutgoingMail], Letter | None]
ASKED: Mapping[str, tuple[Write, str]] = {
    "password_reset": (letters.password_reset, "carol@example.com"),
    "email_confirmation": (letters.email_confirmation, "carol@example.com"),
    "email_change": (letters.email_change, ELSEWHERE),
}


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://app.example.com"


@pytest.fixture
def carol(make_user: Callable[..., User]) -> User:
    # Others before her and after her: none of them is meant.
    make_user("aaron@example.com")
    user = make_user("carol@example.com")
    user.set_password(OLD)
    user.save()
    make_user("zoe@example.com")
    return user


def mail(user: User, purpose: str, recipient: str) -> OutgoingMail:
    outbox.enqueue(purpose, recipient=recipient, user_id="" if purpose == "password_reset" else user.id)
    return OutgoingMail.objects.get(purpose=purpose)


def written(user: User, purpose: str) -> Letter | None:
    write, recipient = ASKED[purpose]
    return write(mail(user, purpose, recipient))


def token_of(letter: Letter | None) -> str:
    assert letter
    return unquote(letter.text.partition("?token=")[2].split()[0])


@pytest.mark.parametrize(
    ("purpose", "subject", "page", "hours"),
    [
        ("password_reset", "Set a new password", "reset-password", 1),
        ("email_confirmation", "Confirm your email address", "confirm-email", 24),
        ("email_change", "Confirm your new email address", "confirm-email", 24),
    ],
)
def test_a_letter_has_a_link_with_a_token_of_its_owner(
    carol: User, purpose: str, subject: str, page: str, hours: int
) -> None:
    letter = written(carol, purpose)

    row = RecoveryToken.objects.get(user_id=carol.id)
    assert letter
    assert letter.subject == f"{subject} (app.example.com)"
    assert all(
        f"https://app.example.com/{page}?token={token_of(letter)}" in text for text in (letter.text, letter.html)
    )
    assert (row.purpose, row.email) == (purpose, ASKED[purpose][1])
    assert row.expires_at - row.created_at == timedelta(hours=hours)
    assert tokens.find(token_of(letter), Purpose(purpose)) == row


@pytest.mark.parametrize(
    ("write", "subject"),
    [
        (letters.email_changed, "Your email address was changed"),
        (letters.password_changed, "Your password was changed"),
    ],
)
def test_a_letter_that_only_tells_has_no_link(carol: User, write: Write, subject: str) -> None:
    letter = write(mail(carol, "told", "carol@example.com"))

    assert letter
    assert letter.subject == f"{subject} (app.example.com)"
    assert "?token=" not in letter.text + letter.html
    assert not RecoveryToken.objects.filter(user_id=carol.id).exists()


def taken(user: User) -> None:
    User.objects.create(email=ELSEWHERE)


# By name: what is done in between, and whose letters are written all the same.
BETWEEN: Mapping[str, tuple[Callable[[User], object], set[str]]] = {
    "disabled": (lambda user: User.objects.filter(id=user.id).update(is_active=False), set()),
    "deleted": (lambda user: user.delete(), set()),
    "of an issuer": (lambda user: User.objects.filter(id=user.id).update(issuer="https://i.example"), set()),
    "of another address": (
        lambda user: User.objects.filter(id=user.id).update(email="else@example.com"),
        {"email_change"},
    ),
    "confirmed": (
        lambda user: User.objects.filter(id=user.id).update(email_verified=True),
        {"password_reset", "email_change"},
    ),
    "taken": (taken, {"password_reset", "email_confirmation"}),
    "called off": (lambda user: OutgoingMail.objects.all().delete(), {"password_reset", "email_confirmation"}),
}


@pytest.mark.parametrize("purpose", ASKED)
@pytest.mark.parametrize("between", BETWEEN)
def test_a_letter_is_written_to_who_is_still_meant(carol: User, purpose: str, between: str) -> None:
    act, written_all_the_same = BETWEEN[between]
    write, recipient = ASKED[purpose]
    waiting, owner = mail(carol, purpose, recipient), carol.id
    act(carol)

    letter = write(waiting)

    assert (letter is not None) == (purpose in written_all_the_same)
    assert RecoveryToken.objects.filter(user_id=owner).exists() == (letter is not None)


@pytest.fixture
def waits(settings: Settings) -> Callable[[], list[tuple[str, str, str]]]:
    settings.MAIL_IS_ON = True

    def what() -> list[tuple[str, str, str]]:
        found = list(OutgoingMail.objects.order_by("id").values_list("purpose", "recipient", "user_id"))
        OutgoingMail.objects.all().delete()
        return found

    return what


Waits = Callable[[], list[tuple[str, str, str]]]


def test_a_reset_does_all_that_it_does_and_nothing_to_others(carol: User, waits: Waits) -> None:
    token = token_of(written(carol, "password_reset"))
    other = token_of(written(carol, "email_confirmation"))
    waits()
    open_session(carol)
    make_token(carol)
    AuthEvent.objects.all().delete()
    others = list(User.objects.exclude(id=carol.id).order_by("id").values())

    services.reset_password(token=token, password=NEW, client=CLIENT)

    after = User.objects.get(id=carol.id)
    assert (after.check_password(NEW), after.email_verified, after.session_epoch) == (True, True, 1)
    assert after.updated_at > carol.updated_at
    assert not ending.live_sessions(carol.id).exists()
    assert not PersonalToken.objects.filter(user_id=carol.id).exists()
    assert not RecoveryToken.objects.filter(user_id=carol.id).exists()
    assert KnownAddress.objects.filter(user_id=carol.id).count() == 1
    assert list(AuthEvent.objects.values_list("kind", "subject", "actor")) == [("password_reset", carol.id, carol.id)]
    assert waits() == [("password_changed", "carol@example.com", carol.id)]
    assert list(User.objects.exclude(id=carol.id).order_by("id").values()) == others
    for spent in (token, other):
        with pytest.raises(Invalid) as refusal:
            services.reset_password(token=spent, password=NEW, client=CLIENT)
        assert (refusal.value.code, refusal.value.field) == ("token_invalid", "token")


@pytest.mark.parametrize("password", ["short", "", "x" * 129])
def test_a_weak_password_spends_no_token(carol: User, password: str) -> None:
    token = token_of(written(carol, "password_reset"))

    with pytest.raises(Invalid) as refusal:
        services.reset_password(token=token, password=password, client=CLIENT)

    assert (refusal.value.code, refusal.value.field) == ("weak_password", "password")
    assert User.objects.get(id=carol.id).check_password(OLD)
    assert tokens.find(token, Purpose.PASSWORD_RESET)


def test_a_new_address_does_all_that_it_does(carol: User, waits: Waits) -> None:
    token = token_of(written(carol, "email_change"))
    waits()

    services.confirm_email(token=token, client=CLIENT)

    after = User.objects.get(id=carol.id)
    assert (after.email, after.email_verified) == (ELSEWHERE, True)
    assert after.updated_at > carol.updated_at
    assert list(AuthEvent.objects.values_list("kind", "subject", "actor")) == [("email_changed", carol.id, carol.id)]
    assert waits() == [("email_changed", "carol@example.com", carol.id)]
    with pytest.raises(Invalid):
        services.confirm_email(token=token, client=CLIENT)


def test_a_confirmation_changes_nothing_but_that(carol: User, waits: Waits) -> None:
    token = token_of(written(carol, "email_confirmation"))
    waits()

    services.confirm_email(token=token, client=CLIENT)

    after = User.objects.get(id=carol.id)
    assert (after.email, after.email_verified) == ("carol@example.com", True)
    assert not AuthEvent.objects.exists()
    assert waits() == []
    with pytest.raises(Invalid):
        services.confirm_email(token=token, client=CLIENT)


def test_an_address_that_somebody_has_by_now_is_theirs(carol: User) -> None:
    token = token_of(written(carol, "email_change"))
    taken(carol)

    with pytest.raises(Conflict) as refusal:
        services.confirm_email(token=token, client=CLIENT)

    assert refusal.value.code == "email_taken"
    assert User.objects.get(id=carol.id).email == "carol@example.com"


def test_a_token_is_good_for_its_purpose_its_owner_and_until_its_end(
    carol: User, make_user: Callable[..., User], settings: Settings
) -> None:
    texts = [token_of(written(carol, purpose)) for purpose in ASKED]
    other = tokens.make(make_user("dave@example.com"), Purpose.PASSWORD_RESET, email="dave@example.com")

    def is_good(text: str, *purposes: Purpose) -> bool:
        try:
            return bool(tokens.find(text, *purposes))
        except Invalid:
            return False

    assert [[is_good(text, Purpose(purpose)) for purpose in ASKED] for text in texts] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    # One's id with another's secret.
    mixed = f"{texts[0].partition('.')[0]}.{other.partition('.')[2]}"
    assert not any(is_good(text, *Purpose) for text in ("", ".", "x", f"{texts[0]}x", texts[0][:-1], mixed))
    # What another key signed the account's state with is good while that key is known.
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-of-at-least-32-bytes"
    assert is_good(texts[0], Purpose.PASSWORD_RESET)
    known, settings.SECRET_KEY_FALLBACKS = settings.SECRET_KEY_FALLBACKS, []
    assert not is_good(texts[0], Purpose.PASSWORD_RESET)
    settings.SECRET_KEY_FALLBACKS = known
    RecoveryToken.objects.filter(user_id=carol.id).update(expires_at=timezone.now())
    assert not any(is_good(text, *Purpose) for text in texts)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["email_confirmation"]),
        ({"email_verified": True}, []),
        ({"issuer": "https://issuer.example"}, []),
    ],
)
def test_a_confirmation_is_sent_again_to_who_needs_one(
    make_user: Callable[..., User], waits: Waits, fields: Mapping[str, Any], expected: list[str]
) -> None:
    user = make_user("carol@example.com", **fields)

    for _ in range(6):
        services.send_confirmation(user)

    assert waits() == [(purpose, "carol@example.com", user.id) for purpose in expected] * 5


@pytest.mark.parametrize(
    ("email", "is_one"), [(" Carol@EXAMPLE.com ", True), ("nobody@example.com", True), ("x", False)]
)
def test_a_reset_is_asked_for_any_address_five_times_an_hour(
    carol: User, waits: Waits, email: str, is_one: bool
) -> None:
    for _ in range(6):
        services.ask_for_reset(email)

    assert waits() == [("password_reset", email.strip().lower(), "")] * (5 if is_one else 0)


def test_a_new_address_is_asked_for_five_times_an_hour(carol: User, waits: Waits) -> None:
    for _ in range(6):
        services.ask_for_new_email(carol, email=" Carol@Elsewhere.example", password=OLD, client=CLIENT)

    assert waits() == [("email_change", ELSEWHERE, carol.id)] * 5


@pytest.mark.parametrize(
    ("fields", "sent", "code"),
    [
        ({"issuer": "https://issuer.example"}, {}, "outside_account"),
        ({}, {"email": "x"}, "invalid_email"),
        ({}, {"password": "wrong"}, "wrong_password"),
    ],
)
def test_a_new_address_is_asked_for_with_the_password_of_a_local_account(
    carol: User, waits: Waits, fields: Mapping[str, Any], sent: Mapping[str, str], code: str
) -> None:
    User.objects.filter(id=carol.id).update(**fields)
    words = {"email": ELSEWHERE, "password": OLD, **sent}

    with pytest.raises((Conflict, Invalid)) as refusal:
        services.ask_for_new_email(User.objects.get(id=carol.id), **words, client=CLIENT)

    assert refusal.value.code == code
    assert waits() == []


# What ends the links of an account, and which.
ENDS: Mapping[str, tuple[Mapping[str, object], set[str]]] = {
    "disabled": ({"is_active": False}, set(ASKED)),
    "of an issuer": ({"issuer": "https://issuer.example"}, set(ASKED)),
    "of another password": ({"password": "another"}, {"password_reset", "email_change"}),
    "of another address": ({"email": "else@example.com"}, set(ASKED)),
    "of another name": ({"name": "Caroline", "role": "admin", "session_epoch": 5}, set()),
}


@pytest.mark.parametrize("purpose", ASKED)
@pytest.mark.parametrize("end", ENDS)
def test_a_link_is_good_while_the_account_is_as_it_was(carol: User, end: str, purpose: str) -> None:
    fields, ended = ENDS[end]
    token = tokens.find(token_of(written(carol, purpose)), Purpose(purpose))
    User.objects.filter(id=carol.id).update(**fields)

    assert tokens.is_for(token, User.objects.get(id=carol.id)) is (purpose not in ended)


def test_a_link_is_spent_once_and_takes_the_others_along(carol: User) -> None:
    first, second, third = (tokens.find(token_of(written(carol, each)), Purpose(each)) for each in ASKED)
    RecoveryToken.objects.filter(user_id=carol.id, token_hash=first.token_hash).delete()

    with pytest.raises(Invalid):
        tokens.spend(first)
    assert RecoveryToken.objects.filter(user_id=carol.id).count() == 2
    tokens.spend(second)

    assert not RecoveryToken.objects.filter(user_id=carol.id).exists()
    with pytest.raises(Invalid):
        tokens.spend(third)


@pytest.mark.parametrize("act", ["disabled", "deleted", "of another password"])
def test_what_happens_to_an_account_while_its_password_is_hashed_counts(carol: User, act: str) -> None:
    token = token_of(written(carol, "password_reset"))
    users = User.objects.filter(id=carol.id)

    def meanwhile(user: User, password: str) -> None:
        if act == "deleted":
            users.delete()
        else:
            users.update(**ENDS[act][0])

    with patch.object(User, "set_password", meanwhile), pytest.raises(Invalid) as refusal:
        services.reset_password(token=token, password=NEW, client=CLIENT)

    assert (refusal.value.code, refusal.value.field) == ("token_invalid", "token")
    assert not AuthEvent.objects.exists()


def test_what_else_the_database_refuses_is_no_taken_address(carol: User) -> None:
    token = token_of(written(carol, "email_change"))

    with patch.object(outbox, "enqueue", side_effect=IntegrityError), pytest.raises(IntegrityError):
        services.confirm_email(token=token, client=CLIENT)

    assert User.objects.get(id=carol.id).email == "carol@example.com"
