"""Who came in once and stays is asked about again (``accounts.tokens.lasting``)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.request import Request

from accounts import personal_tokens
from accounts.authentication import BearerAuthentication, PresentedCaller, presented
from accounts.cutoffs import refuse_token, refuse_until_now
from accounts.models import AuthEvent, PersonalToken, Scope, Session, TokenCutoff, User
from accounts.permissions import TASKS
from accounts.sessions import callers as sessions
from accounts.sessions import ending
from accounts.tokens import opaque, own, provisioning
from accounts.tokens.identity import OutsideIdentity
from accounts.tokens.lasting import Credentials, Lasting, find_ended, lasting
from core.errors import InsufficientScope, Unauthenticated, Unavailable
from core.sql import row_owner
from testing.callers import CLIENT, Caller, make_token, open_session
from testing.issuers import Issuer

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


def proof_of(credentials: Credentials, user_id: str) -> PresentedCaller:
    return PresentedCaller(Request(RequestFactory().get("/")), "text", credentials, user_id)


def test_each_way_in_is_proved_by_its_own_statement(alice: Caller, erin: User) -> None:
    """PostgreSQL runs it as a part of the first one on the caller's rows."""
    expected = [
        (came_in(open_session(alice.user).access), sessions.PROOF_SQL, True),
        (came_in(make_token(alice.user)), personal_tokens.PROOF_SQL, True),
        (outside(erin), provisioning.PROOF_SQL, False),
    ]

    for caller, sql, is_beside_rows in expected:
        proof = proof_of(caller.credentials, caller.user_id)
        assert (proof.sql, proof.is_beside_rows) == (sql, is_beside_rows)
        assert len(proof.values) == sql.count("%s")
        assert caller.user_id in proof.values


def test_what_is_noted_of_a_way_in_is_noted_of_it_alone(alice: Caller, erin: User) -> None:
    session, key = came_in(open_session(alice.user).access), came_in(make_token(alice.user))
    long_ago = timezone.now() - timedelta(hours=1)
    Session.objects.filter(user_id=alice.id).update(last_seen_at=long_ago)
    seen = Session.objects.filter(user_id=alice.id, last_seen_at__gt=long_ago)
    used = PersonalToken.objects.filter(user_id=alice.id, last_used_at__isnull=False)
    assert used.update(last_used_at=None) == 1

    found = []
    for caller in (outside(erin), key, session):
        proof_of(caller.credentials, caller.user_id).note()
        found.append((seen.count(), used.count()))

    assert found == [(0, 0), (0, 1), (1, 1)]


def test_what_a_token_may_is_asked_once_it_is_known_to_hold(alice: Caller) -> None:
    key = personal_tokens.read(make_token(alice.user, "tasks:read"))
    session = came_in(open_session(alice.user).access).credentials

    proof_of(session, alice.id).require(Scope)
    proof_of(key, alice.id).require([Scope.TASKS_READ])
    with pytest.raises(InsufficientScope):
        proof_of(key, alice.id).require([Scope.TASKS_READ, Scope.CHAT])
    personal_tokens.revoke_all(alice.id)
    with pytest.raises(Unauthenticated):
        proof_of(key, alice.id).require([Scope.CHAT])


def test_one_that_opens_nothing_here_or_has_been_revoked_is_refused(alice: Caller, anonymous: Caller) -> None:
    program = Caller(token=make_token(alice.user))
    for send in (program.get, program.patch, program.delete):
        assert send("/api/auth/me").is_problem(403, "insufficient_scope")
    assert anonymous.get(alice.tasks).is_problem(401, "not_authenticated")
    assert not AuthEvent.objects.filter(kind="token_refused").exists()

    personal_tokens.revoke_all(alice.id)

    assert program.get(alice.tasks).is_problem(401, "token_invalid")
    refused = AuthEvent.objects.filter(kind="token_refused")
    assert [(event.reason, event.subject, event.success) for event in refused] == [("token_invalid", "", False)]


def test_who_is_let_in_sees_their_rows_and_no_others(alice: Caller) -> None:
    with row_owner.rows_of(None):
        came_in(open_session(alice.user).access)
        assert row_owner.current() == alice.id


@pytest.mark.parametrize("scopes", [["tasks:read"], ["tasks:write", "chat"]])
def test_a_personal_token_that_does_not_open_this_is_told_so_once_it_is_known_to_hold(
    alice: Caller, scopes: list[str]
) -> None:
    program = Caller(token=make_token(alice.user, *scopes))
    needed = "tasks:write" if scopes == ["tasks:read"] else "tasks:read"
    send = program.post if needed == "tasks:write" else program.get
    assert send(alice.tasks).is_problem(403, "insufficient_scope")

    User.objects.filter(id=alice.id).update(is_active=False)

    assert send(alice.tasks).is_problem(401, "token_invalid")


def test_a_session_token_is_verified_again_only_where_it_was_forgotten(
    alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = open_session(alice.user).access
    session_id = Session.objects.filter(user_id=alice.id).latest("id").id
    assert own.remembered(token) is None

    first = lasting(alice.id, session_id, token)
    monkeypatch.setattr(own, "read_access", None)

    assert lasting(alice.id, session_id, token) == first
    assert (first.user_id, first.credentials, first.opaque) == (alice.id, session_id, "")


def test_an_outside_token_lasts_until_its_end_and_says_so_itself(issuer: Issuer) -> None:
    end = int(time.time()) + 600

    caller = came_in(issuer.token(sub="1", exp=end))

    assert (caller.user_id, caller.expires_at, caller.opaque) == ("1", end, "")
    assert find_ended([caller]) == set()


@pytest.mark.parametrize(("late", "is_over"), [(0, True), (1, False)])
def test_a_token_of_the_very_instant_is_cut_off(erin: User, late: int, is_over: bool) -> None:
    TokenCutoff.objects.create(subject=erin.id, issued_until=NOW, expires_at=NOW + timedelta(days=1))
    caller = outside(erin, issued_at=NOW + timedelta(microseconds=late))

    assert find_ended([caller]) == ({caller} if is_over else set())


def test_who_came_by_a_session_elsewhere_stays_while_it_lives(erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    living, ended, signed = (replace(outside(erin), opaque=text) for text in ("living", "ended", ""))
    asked: list[set[str]] = []

    def look(texts: Sequence[str]) -> set[str]:
        asked.append(set(texts))
        return {"living"}

    monkeypatch.setattr(opaque, "living", look)

    assert find_ended([living, ended, signed]) == {ended}
    assert asked == [{"living", "ended"}]


def test_while_it_cannot_be_asked_elsewhere_nobody_is_sent_away(erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def be_away(texts: Sequence[str]) -> set[str]:
        raise Unavailable("issuer_unavailable")

    monkeypatch.setattr(opaque, "living", be_away)

    assert find_ended([replace(outside(erin), opaque="x")]) == set()


def test_those_alone_are_asked_about(alice: Caller, erin: User) -> None:
    session, key = came_in(open_session(alice.user).access), came_in(make_token(alice.user))
    token = key.credentials.token_id  # type: ignore[union-attr] # a key's

    callers = [session, key, outside(erin, token_hash="a hash")]
    asked: list[str] = []

    def note(execute: Callable[..., object], sql: str, values: object, *rest: object) -> object:
        asked.append(str(values).replace("-", ""))
        return execute(sql, values, *rest)

    # Which proves who came in just now.
    assert find_ended(callers) == set()
    with connection.execute_wrapper(note):
        assert find_ended(callers) == set()

    # By table: of sessions, personal tokens, users, cut-offs and refused tokens.
    named = [
        {alice.id, session.credentials.hex},  # type: ignore[union-attr] # a session's
        {alice.id, token.hex},
        {erin.id},
        {erin.id},
        {erin.id, "a hash"},
    ]
    assert len(asked) == len(named)
    assert all(word.replace("-", "") in values for values, words in zip(asked, named, strict=True) for word in words)
