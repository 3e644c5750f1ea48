from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import security_log
from accounts.models import AuthEvent
from accounts.security_log import Kind
from core.ids import uuid7
from core.rest.client import Client
from testing.callers import Caller

EVENTS = "/api/admin/auth-events"
START = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = [
    "id", "kind", "subject", "actor", "address", "user_agent", "success", "reason", "request_id", "changes", "count",
    "created_at",
]  # fmt: skip

MakeEvent = Callable[..., str]


@pytest.fixture
def make_event(db: None) -> MakeEvent:
    def make(seconds: int, **fields: Any) -> str:
        instant = START + timedelta(seconds=seconds)
        given = {"kind": "login", "subject": "u1", "address": "203.0.113.5", "success": True, **fields}
        return str(AuthEvent.objects.create(id=uuid7(instant), created_at=instant, **given).id)

    return make


def ids(caller: Caller, query: str) -> list[str]:
    answer = caller.get(f"{EVENTS}?{query}")
    assert answer.status == 200, answer
    return [event["id"] for event in answer.json["data"]]


def test_an_admin_reads_what_happened_newest_first(admin: Caller, anonymous: Caller) -> None:
    signup = {"email": "carol@example.com", "password": "correct horse battery"}
    carol = anonymous.post("/api/auth/signup", signup).json["user"]["id"]
    failed = anonymous.post("/api/auth/login", {**signup, "password": "wrong"}, User_Agent="Firefox", X_Request_ID="r1")
    assert failed.status == 401

    answer = admin.get(EVENTS)

    assert answer.status == 200
    assert [event["kind"] for event in answer.json["data"]] == ["login_failed", "signup"]
    assert set(answer.json["meta"]) == {"timestamp", "count", "next_cursor"}
    newest = answer.json["data"][0]
    assert list(newest) == FIELDS
    assert newest["created_at"].endswith("Z")
    assert {name: newest[name] for name in FIELDS if name not in ("id", "created_at")} == {
        "kind": "login_failed",
        "subject": carol,
        "address": "127.0.0.1",
        "user_agent": "Firefox",
        "success": False,
        "actor": None,
        "reason": "wrong_credentials",
        "request_id": "r1",
        "changes": None,
        "count": 1,
    }


def test_another_user_is_refused(alice: Caller, make_event: MakeEvent) -> None:
    make_event(0, subject=alice.id)

    answer = alice.get(f"{EVENTS}?subject={alice.id}")

    assert answer.is_problem(403, "forbidden")
    assert b"203.0.113.5" not in answer.content


def test_anonymous_is_401(anonymous: Caller) -> None:
    assert anonymous.get(EVENTS).is_problem(401)


def test_refused_tokens_are_counted_in_one_event(admin: Caller) -> None:
    client = Client("203.0.113.5", "Firefox", "r1")
    for _ in range(3):
        security_log.count(Kind.TOKEN_REFUSED, client, reason="token_expired")

    found = admin.get(EVENTS).json["data"]

    assert sum(event["count"] for event in found) == 3
    # Two when the minute turned over meanwhile.
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [4, 3, 2, 1, 0]),
        ("kind=login", [3, 0]),
        ("subject=u2", [3, 2]),
        ("subject=u", []),
        ("subject=", [4, 1]),
        ("address=203.0.113.5", [2, 0]),
        ("address=::ffff:203.0.113.5", [2, 0]),
        ("address=2001:DB8:0:0::1", [4, 3]),
        ("address=2001:db8::2", [4]),
        ("address=2001:db8::/64", [4]),
        ("address=unknown", []),
        ("address=", [1]),
        ("success=true", [4, 3, 1, 0]),
        ("success=false", [2]),
        ("subject=u2&success=true&kind=login", [3]),
    ],
)
def test_filters(admin: Caller, make_event: MakeEvent, query: str, found: list[int]) -> None:
    made = [
        make_event(0),
        make_event(1, kind="throttled", subject="", address=""),
        make_event(2, kind="login_failed", subject="u2", success=False),
        make_event(3, subject="u2", address="2001:db8::1"),
        make_event(4, kind="throttled", subject="", address="2001:db8::/64"),
    ]

    assert ids(admin, query) == [made[number] for number in found]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *[("limit", value) for value in ("0", "1001", "x")],
        *[("cursor", value) for value in ("", "x", "a:b")],
        *[("kind", value) for value in ("", "LOGIN", "unheard_of")],
        *[("success", value) for value in ("", "1", "True", "none")],
        *[("address", value) for value in ("localhost", "1.2.3", "%00", "1.2.3.4.5")],
        *[("subject", value) for value in ("%00", "x" * 129)],
    ],
)
def test_a_value_that_makes_no_sense_is_422_and_named(admin: Caller, parameter: str, value: str) -> None:
    answer = admin.get(f"{EVENTS}?{parameter}={value}")

    assert answer.is_problem(422, "invalid")
    assert [error["field"] for error in answer.json["errors"]] == [parameter]


@pytest.mark.parametrize("limit", [1, 3, 4, 1000])
def test_a_walk_returns_each_event_once_however_many_are_of_one_instant(
    admin: Caller, make_event: MakeEvent, limit: int
) -> None:
    made = [make_event(number // 4, subject="u1") for number in range(12)]
    for number in range(12):
        make_event(number // 4, subject="u2")
    expected = [str(event.id) for event in AuthEvent.objects.filter(subject="u1").order_by("-created_at", "-id")]

    path, seen = f"{EVENTS}?subject=u1&limit={limit}", list[str]()
    while path:
        answer = admin.get(path)
        seen += [event["id"] for event in answer.json["data"]]
        link = answer.headers.get("Link", "")
        assert bool(link) == (answer.json["meta"]["next_cursor"] is not None)
        path = link.removeprefix("<http://testserver").removesuffix('>; rel="next"')

    assert seen == expected
    assert sorted(seen) == sorted(made)


def test_a_cursor_fits_no_other_filter(admin: Caller, make_event: MakeEvent) -> None:
    for seconds in range(2):
        make_event(seconds)
    cursor = admin.get(f"{EVENTS}?kind=login&limit=1").json["meta"]["next_cursor"]

    assert len(ids(admin, f"kind=login&cursor={cursor}")) == 1
    for other in ("", "kind=logout", "kind=login&success=true"):
        assert admin.get(f"{EVENTS}?{other}&cursor={cursor}").is_problem(422)
