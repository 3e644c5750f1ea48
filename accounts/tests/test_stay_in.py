"""Who came in once and stays is asked about again (``accounts.tokens.lasting``)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.request import Request

from accounts import personal_tokens
from accounts.authentication import BearerAuthentication, presented
from accounts.cutoffs import refuse_token, refuse_until_now
from accounts.models import PersonalToken, Session, User
from accounts.permissions import TASKS
from accounts.sessions import ending
from accounts.tokens.identity import OutsideIdentity
from accounts.tokens.lasting import Lasting, find_ended
from testing.callers import CLIENT, Caller, make_token, open_session

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def came_in(token: str) -> Lasting:
    sent = RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})
    view = SimpleNamespace(get=None, token_scopes=TASKS)
    request = Request(sent, authenticators=[BearerAuthentication()], parser_context={"view": view})
    return presented(request).lasting


def outside(user: User, **said: object) -> Lasting:
    known = {"email": None, "name": None, "issued_at": NOW, "expires_at": NOW + timedelta(hours=1), "token_hash": "x"}
    identity = OutsideIdentity(subject=user.id, issuer=user.issuer, **(known | said))  # type: ignore[arg-type] # by name
    return Lasting(user.id, identity, identity.expires_at.timestamp())


@pytest.fixture
def erin(db: None) -> User:
    return User.objects.create(id="erin", issuer="https://issuer.example", email="erin@example.com")


ENDS: dict[str, Callable[[User], object]] = {
    "logout": lambda user: ending.end_sessions(user.id),
    "everything": ending.end_everything,
    "disabled": lambda user: User.objects.filter(id=user.id).update(is_active=False),
    "deleted": lambda user: User.objects.filter(id=user.id).delete(),
    "expired": lambda user: Session.objects.filter(user_id=user.id).update(expires_at=timezone.now()),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_session_lasts_until_it_ends(alice: Caller, bob: Caller, end: str) -> None:
    callers = [came_in(open_session(caller.user).access) for caller in (alice, alice, bob)]
    assert find_ended(callers) == set()

    ENDS[end](alice.user)

    assert find_ended(callers) == {*callers[:2]}


def test_one_session_of_several_ends_alone(alice: Caller) -> None:
    first, second = (came_in(open_session(alice.user).access) for _ in range(2))

    ending.end_session(alice.id, first.credentials)  # type: ignore[arg-type] # a session's

    assert find_ended([first, second]) == {first}


def test_a_token_lasts_until_it_expires(alice: Caller) -> None:
    caller = came_in(open_session(alice.user).access)

    assert caller.expires_at
    assert 0 < caller.expires_at - time.time() <= 1800
    assert caller.has_expired(caller.expires_at)
    assert not caller.has_expired(caller.expires_at - 1)
    assert find_ended([Lasting(caller.user_id, caller.credentials, time.time())])


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled"])
def test_a_personal_token_lasts_until_it_is_revoked_or_expires(alice: Caller, end: str) -> None:
    first, second = (came_in(make_token(alice.user)) for _ in range(2))
    assert find_ended([first, second]) == set()
    row = PersonalToken.objects.filter(user_id=alice.id, id=first.credentials.token_id)  # type: ignore[union-attr] # a key's
    if end == "revoked":
        personal_tokens.revoke(alice.id, row.get().id, client=CLIENT)
    elif end == "expired":
        row.update(expires_at=timezone.now())
    else:
        User.objects.filter(id=alice.id).update(is_active=False)

    assert find_ended([first, second]) == ({first, second} if end == "disabled" else {first})


@pytest.mark.parametrize("end", ["refused", "cut off", "disabled", "deleted", "another issuer's"])
def test_an_outside_token_lasts_until_it_is_refused(erin: User, end: str) -> None:
    caller, other = outside(erin), outside(erin, token_hash="y", issued_at=NOW + timedelta(hours=1))
    assert find_ended([caller, other]) == set()
    acts: dict[str, Callable[[], object]] = {
        "refused": lambda: refuse_token(erin.id, "x", NOW + timedelta(hours=1)),
        "cut off": lambda: refuse_until_now(erin.id),
        "disabled": lambda: User.objects.filter(id=erin.id).update(is_active=False),
        "deleted": lambda: User.objects.filter(id=erin.id).delete(),
        "another issuer's": lambda: User.objects.filter(id=erin.id).update(issuer="https://other.example"),
    }
    acts[end]()

    assert find_ended([caller, other]) == ({caller} if end in ("refused", "cut off") else {caller, other})


def test_one_without_an_instant_is_cut_off_too(erin: User) -> None:
    caller = outside(erin, issued_at=None)
    assert find_ended([caller]) == set()

    refuse_until_now(erin.id)

    assert find_ended([caller]) == {caller}


def test_ten_times_as_many_cost_as_many_statements(alice: Caller) -> None:
    def queries(count: int) -> int:
        callers = [came_in(open_session(alice.user).access) for _ in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert find_ended(callers) == set()
        return len(captured)

    assert queries(20) == queries(2)
