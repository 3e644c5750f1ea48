"""The staff site's lists cost as much with ten times the rows, by how many statements and how each finds its rows."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuthEvent, Session, User
from core.ids import uuid7
from staff import lists
from tasks.models import Task
from testing.callers import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

BEGIN: Final = datetime(2026, 1, 14, 10, tzinfo=UTC)
MOST_STATEMENTS: Final = 10
PAGE: Final = 50
# Each list; as it is opened, by a word, by a filter.
ASKED: Final = [
    "/admin/accounts/user/",
    "/admin/accounts/user/?q=erson1",
    "/admin/accounts/user/?role=admin&state=disabled&issuer=outside&joined=30&seen=7",
    "/admin/accounts/session/",
    "/admin/accounts/session/?q=person1",
    "/admin/accounts/session/?q=192.0.2.7",
    "/admin/accounts/session/?state=ended&seen=longer",
    "/admin/accounts/authevent/",
    "/admin/accounts/authevent/?q=person1",
    "/admin/accounts/authevent/?q=192.0.2.7",
    "/admin/accounts/authevent/?kind=signup&outcome=bad&when=longer",
    "/admin/tasks/task/",
    "/admin/tasks/task/?q=number",
    "/admin/tasks/task/?q=person1@example.com",
    "/admin/tasks/task/?state=open&priority=high&due=overdue&tag=home",
    "/admin/autocomplete/?app_label=tasks&model_name=task&field_name=user&term=person",
]
LISTS: Final = [page for page in ASKED if "?" not in page]


@pytest.fixture
def staff(admin: Caller) -> Client:
    client = Client()
    client.force_login(admin.user)
    return client


def fill(begin: int, end: int) -> None:
    """A user, a session, an event and a task for each number, a second apart."""
    times = {number: BEGIN + timedelta(seconds=number) for number in range(begin, end)}
    User.objects.bulk_create(
        User(id=f"id-{number}", email=f"person{number}@example.com", name=f"Person {number}", created_at=at)
        for number, at in times.items()
    )
    for number, at in times.items():
        owner = {"user_id": f"id-{number}"}
        Session.objects.create(
            **owner, id=uuid7(at), refresh_hash=str(number), address="192.0.2.7", created_at=at, rotated_at=at,
            last_seen_at=at, expires_at=at,
        )  # fmt: skip
        title = f"Task number {number}"
        Task.objects.create(**owner, id=uuid7(at), title=title, tags=["home"], created_at=at, updated_at=at)
    AuthEvent.objects.bulk_create(
        AuthEvent(kind="login", subject=f"id-{number}", address="192.0.2.7", success=True, created_at=at)
        for number, at in times.items()
    )


def statements(staff: Client, page: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(page).status_code == 200
    said = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE"))]


@pytest.mark.parametrize("page", ASKED)
def test_a_list_takes_as_many_statements_with_ten_times_the_rows(staff: Client, page: str) -> None:
    fill(0, 12)
    few = len(statements(staff, page))

    fill(12, 120)
    many = statements(staff, page)

    assert len(many) == few <= MOST_STATEMENTS
    assert [sql for sql in many if "SELECT DISTINCT" in sql] == []
    assert [sql for sql in many if "COUNT(" in sql] == []
    # Whatever is read of a list's table has an end.
    assert [sql for sql in many if sql.startswith("SELECT") and "WHERE" not in sql and "LIMIT" not in sql] == []


@pytest.mark.parametrize("page", LISTS)
def test_pages_follow_each_other_without_a_gap(staff: Client, page: str) -> None:
    fill(0, 120)
    model = {"user": User, "session": Session, "authevent": AuthEvent, "task": Task}[page.split("/")[3]]

    shown = [row.pk for rows in pages(staff, page) for row in rows]

    assert len(shown) == len(set(shown)) == model.objects.count()  # type: ignore[attr-defined] # of any model
    assert len(shown) >= 120


def pages(staff: Client, page: str) -> Iterator[list[Any]]:
    link: str | None = page
    while link:
        found = staff.get(link).context["cl"]
        yield found.result_list
        following = found.older or found.further
        link = page.split("?")[0] + following if following else None


def test_what_no_index_finds_is_looked_for_in_the_newest_first_and_then_further_back(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "WINDOW", 10)
    fill(0, 35)

    found = [[task.title for task in rows] for rows in pages(staff, "/admin/tasks/task/?q=number+3")]

    assert found == [["Task number 34", "Task number 33", "Task number 32", "Task number 31", "Task number 30"],
                     [], [], ["Task number 3"]]  # fmt: skip


def test_what_an_index_finds_is_found_however_old(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "WINDOW", 10)
    fill(0, 35)

    def count(page: str) -> int:
        return len(staff.get(page).context["cl"].result_list)

    assert count("/admin/tasks/task/?q=person3@example.com") == 1
    assert count(f"/admin/tasks/task/?q={Task.objects.get(user_id='id-3').id}") == 1
    assert count("/admin/tasks/task/?user__id__exact=id-3") == 1
    assert count("/admin/accounts/session/?q=person3") == count("/admin/accounts/authevent/?q=person3@") + 5 == 6
    assert count("/admin/accounts/user/?q=person3@") == 1


def test_a_change_of_the_filter_begins_with_the_newest_again(staff: Client) -> None:
    fill(0, 60)
    older = staff.get("/admin/tasks/task/").context["cl"].older

    page = staff.get(f"/admin/tasks/task/{older}").content.decode()

    assert "Newest</a>" in page
    assert re.findall(r'name="before"|href="[^"]*before=[^"]*priority', page) == []


@pytest.mark.parametrize(
    "before", ["", "x", "2026-01-14T10:00:00", "~", "2026-01-14T10:00:00+00:00~x", "%00", "9" * 99]
)
@pytest.mark.parametrize("page", LISTS)
def test_a_place_that_is_none_shows_the_whole_list(staff: Client, page: str, before: str) -> None:
    assert staff.get(f"{page}?before={before}").status_code in (200, 302)


@pytest.mark.parametrize("page", LISTS)
def test_the_first_page_and_the_next_are_read_by_an_index(staff: Client, page: str) -> None:
    fill(0, 60)
    table = {"user": "accounts_user", "session": "accounts_session", "authevent": "accounts_authevent",
             "task": "tasks_task"}[page.split("/")[3]]  # fmt: skip
    first = statements(staff, page)
    following = statements(staff, page + staff.get(page).context["cl"].older)

    for sql in [*first, *following]:
        if f'FROM "{table}"' in sql and "LIMIT 51" in sql:
            assert scans(sql, table) == [], sql


def test_a_tasks_page_finds_it_by_an_index(staff: Client) -> None:
    fill(0, 60)
    task = Task.objects.get(user_id="id-7")

    asked = [sql for sql in statements(staff, f"/admin/tasks/task/{task.id}/change/") if 'FROM "tasks_task"' in sql]

    assert asked
    assert [sql for sql in asked if scans(sql, "tasks_task")] == []


def scans(sql: str, table: str) -> list[str]:
    """Lines of the plan that read the whole table, or sort it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {sql}")
            plan = [line for (line,) in cursor.fetchall()]
            return [line for line in plan if re.search(rf"Seq Scan on {table}\b|->\s+Sort\b", line)]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [
            row[3] for row in cursor.fetchall() if re.fullmatch(rf"SCAN {table}|USE TEMP B-TREE FOR ORDER BY", row[3])
        ]
