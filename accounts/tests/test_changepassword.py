"""``manage.py changepassword``: ours, which logs the person out and leaves a trace."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuthEvent, PersonalToken, Session, User
from testing.callers import Caller, make_token

pytestmark = pytest.mark.django_db

NEW = "another good phrase"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(user: str, text: str = NEW, *options: str) -> str:
        monkeypatch.setattr("sys.stdin", StringIO(f"{text}\n"))
        out = StringIO()
        call_command("changepassword", user, *options, stdout=out)
        return out.getvalue()

    return run


@pytest.mark.parametrize("field", ["id", "email"])
def test_by_id_or_email_the_sessions_end_and_an_event_tells(alice: Caller, typed: Any, field: str) -> None:
    token = make_token(alice.user)
    AuthEvent.objects.all().delete()

    assert alice.id in typed(getattr(alice.user, field))

    assert User.objects.get(id=alice.id).check_password(NEW)
    assert alice.get(alice.tasks).is_problem(401, "session_ended")
    assert Caller(token=token).get(f"/api/{alice.id}/tasks").status == 401
    assert not Session.objects.filter(user_id=alice.id, ended_at=None).exists()
    assert not PersonalToken.objects.filter(user_id=alice.id).exists()
    event = AuthEvent.objects.get(kind="password_changed")
    assert (event.kind, event.subject, event.actor, event.user_agent) == (
        "password_changed",
        alice.id,
        None,
        "manage.py changepassword",
    )


@pytest.mark.parametrize("weak", ["", "short", "12345678901", "password", "alice@example.com"])
def test_a_weak_one_is_refused(alice: Caller, typed: Any, weak: str) -> None:
    with pytest.raises(CommandError):
        typed(alice.id, weak)

    assert alice.get(alice.tasks).status == 200
    assert not AuthEvent.objects.exists()


def test_an_outside_account_has_none(make_user: Any, typed: Any) -> None:
    make_user("", id="7", issuer="https://issuer.example.com")

    with pytest.raises(CommandError, match="signs in elsewhere"):
        typed("7")


def test_two_different_ones_change_nothing(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    words = iter([NEW, "a different phrase"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("accounts.management.commands.changepassword.getpass", lambda prompt: next(words))

    with pytest.raises(CommandError, match="two different"):
        call_command("changepassword", alice.id)

    assert alice.get(alice.tasks).status == 200
