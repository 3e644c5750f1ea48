from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from testing.callers import Answer, Caller

USERS = "/api/admin/users"
START = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = ["id", "email", "name", "role", "is_active", "issuer", "created_at", "task_count", "completed_task_count"]

MakeUser = Callable[..., User]


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [user["id"] for user in answer.json["data"]]


def walk(caller: Caller, path: str) -> list[list[str]]:
    pages = []
    while True:
        answer = caller.get(path)
        pages.append(ids(answer))
        if answer.json["meta"]["next_cursor"] is None:
            assert "Link" not in answer.headers
            return pages
        path = answer.headers["Link"].removeprefix("<http://testserver").removesuffix('>; rel="next"')


def test_an_admin_sees_everybody_newest_first(admin: Caller, alice: Caller, bob: Caller) -> None:
    answer = admin.get(USERS)

    assert ids(answer) == [bob.id, alice.id, admin.id]
    assert list(answer.json["data"][1]) == FIELDS
    assert answer.json["data"][1]["email"] == "alice@example.com"
    assert answer.json["data"][1]["is_active"] is True
    assert answer.json["data"][1]["created_at"].endswith("Z")
    assert set(answer.json["meta"]) == {"timestamp", "count", "next_cursor"}
    assert answer.json["meta"]["count"] == 3


def test_another_user_is_refused(alice: Caller, bob: Caller) -> None:
    answer = bob.get(USERS)

    assert answer.is_problem(403, "forbidden")
    assert b"alice" not in answer.content


def test_anonymous_is_401(anonymous: Caller) -> None:
    assert anonymous.get(USERS).is_problem(401, "not_authenticated")


def test_a_demotion_bites_on_the_next_request(admin: Caller) -> None:
    assert admin.get(USERS).status == 200

    User.objects.filter(id=admin.id).update(role="user")

    assert admin.get(USERS).is_problem(403, "forbidden")


def test_who_is_disabled_is_no_admin_either(admin: Caller) -> None:
    User.objects.filter(id=admin.id).update(is_active=False)

    assert admin.get(USERS).is_problem(401)


def test_tasks_are_counted_for_each(admin: Caller, alice: Caller, bob: Caller, make_task: Callable[..., Any]) -> None:
    for completed in (True, False, False):
        make_task(alice, completed=completed)
    make_task(bob, completed=True)

    found = {user["id"]: user for user in admin.get(USERS).json["data"]}

    counts = {who: (user["task_count"], user["completed_task_count"]) for who, user in found.items()}
    assert counts == {alice.id: (3, 1), bob.id: (1, 1), admin.id: (0, 0)}


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
def test_a_walk_returns_each_user_once_however_many_were_made_at_one_instant(
    admin: Caller, make_user: MakeUser, limit: int
) -> None:
    made = [make_user(f"u{n}@example.com", created_at=START + timedelta(seconds=n // 5)) for n in range(15)]
    expected = sorted(made, key=lambda user: (user.created_at, user.id), reverse=True)

    pages = walk(admin, f"{USERS}?limit={limit}")

    assert [identifier for page in pages for identifier in page] == [admin.id, *(user.id for user in expected)]
    assert all(len(page) == limit for page in pages[:-1])


def test_who_comes_or_goes_meanwhile_moves_nobody(admin: Caller, make_user: MakeUser) -> None:
    made = [make_user(f"u{n}@example.com", created_at=START + timedelta(seconds=n)) for n in range(6)]
    first = admin.get(f"{USERS}?limit=3")

    make_user("new@example.com")
    made[3].delete()
    rest = walk(admin, f"{USERS}?limit=3&cursor={first.json['meta']['next_cursor']}")

    assert ids(first)[1:] == [made[5].id, made[4].id]
    assert rest == [[made[2].id, made[1].id, made[0].id]]


def test_without_limit_page_size_come_at_once(admin: Caller, alice: Caller, bob: Caller, settings: Settings) -> None:
    settings.PAGE_SIZE = 2

    assert walk(admin, USERS) == [[bob.id, alice.id], [admin.id]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=ALICE%40example", ["alice"]),
        ("search=lic", ["alice"]),
        ("search=auth0%7Cx%2By", ["carol"]),
        ("search=auth0", []),
        ("search=100%25", []),
        ("search=_", []),
        ("search=", ["carol", "dora", "alice", "admin"]),
        ("role=admin", ["admin"]),
        ("role=user&search=example.com", ["dora", "alice"]),
        ("is_active=false", ["dora"]),
        ("is_active=true&role=user", ["carol", "alice"]),
        ("issuer=https://issuer.example.com", ["carol"]),
        ("issuer=https://issuer.example.co", []),
        ("issuer=", ["dora", "alice", "admin"]),
        ("unknown=1", ["carol", "dora", "alice", "admin"]),
    ],
)
def test_search_and_filters(admin: Caller, alice: Caller, make_user: MakeUser, query: str, found: list[str]) -> None:
    dora = make_user("dora@example.com", is_active=False)
    carol = make_user("", id="auth0|x+y", issuer="https://issuer.example.com", name="Carol")
    names = {admin.id: "admin", alice.id: "alice", dora.id: "dora", carol.id: "carol"}

    assert [names[user] for user in ids(admin.get(f"{USERS}?{query}"))] == found


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *[("limit", value) for value in ("0", "1001", "", "x")],
        *[("cursor", value) for value in ("", "x", "a:b", "%00")],
        *[("role", value) for value in ("", "root", "ADMIN", "%00")],
        *[("is_active", value) for value in ("", "1", "True", "yes")],
        *[("search", value) for value in ("%00", "x" * 300)],
        *[("issuer", value) for value in ("%00", "x" * 300)],
    ],
)
def test_a_value_that_makes_no_sense_is_422_and_named(admin: Caller, parameter: str, value: str) -> None:
    answer = admin.get(f"{USERS}?{parameter}={value}")

    assert answer.is_problem(422, "invalid")
    assert [error["field"] for error in answer.json["errors"]] == [parameter]


@pytest.mark.parametrize(
    "other", ["role=user", "search=e&role=admin", "", "search=E", "search=e&is_active=true", "search=e&issuer="]
)
def test_a_cursor_fits_no_other_filter(admin: Caller, alice: Caller, bob: Caller, other: str) -> None:
    cursor = quote(admin.get(f"{USERS}?search=e&limit=1").json["meta"]["next_cursor"])

    assert admin.get(f"{USERS}?search=e&limit=2&cursor={cursor}").status == 200
    assert admin.get(f"{USERS}?{other}&cursor={cursor}").json["errors"][0]["code"] == "invalid_cursor"
    assert admin.get(f"/api/admin/auth-events?cursor={cursor}").is_problem(422)


def test_the_queries_do_not_grow_with_the_list(
    admin: Caller, make_user: MakeUser, make_task: Callable[..., Any]
) -> None:
    counts = []
    for more in (3, 30):
        for number in range(more):
            make_task(Caller(make_user(f"u{more}-{number}@example.com")))
        with CaptureQueriesContext(connection) as queries:
            admin.get(USERS)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_parameters_are_documented(anonymous: Caller) -> None:
    paths = anonymous.get("/openapi.json").json["paths"]

    documented = {
        path: {parameter["name"] for parameter in paths[path]["get"]["parameters"]}
        for path in (USERS, "/api/admin/auth-events", "/api/admin/users/{user_id}/tasks", "/api/admin/users/{user_id}")
    }

    assert documented[USERS] == {"limit", "cursor", "search", "role", "is_active", "issuer"}
    assert documented["/api/admin/auth-events"] == {"limit", "cursor", "kind", "subject", "actor", "address", "success"}
    assert documented["/api/admin/users/{user_id}/tasks"] >= {"limit", "cursor", "user_id"}
    assert documented["/api/admin/users/{user_id}"] == {"user_id"}
    assert all(paths[path]["get"]["tags"] == ["admin"] for path in documented)


@pytest.mark.postgresql
def test_a_page_comes_from_an_index(admin: Caller) -> None:
    made: list[Any] = [User(id=f"u{n}", issuer="x", created_at=START + timedelta(seconds=n // 3)) for n in range(9000)]
    User.objects.bulk_create(made)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user")
    with CaptureQueriesContext(connection) as queries:
        following = quote(admin.get(f"{USERS}?limit=20").json["meta"]["next_cursor"])
        admin.get(f"{USERS}?limit=20&cursor={following}")
    pages = [query["sql"] for query in queries if 'ORDER BY "accounts_user"."created_at" DESC' in query["sql"]]

    assert len(pages) == 2
    for sql in pages:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Index Scan Backward using accounts_user_created" in plan
        assert "Sort" not in plan
