"""The staff site's first page: figures that are right, each by a range of an index, however many rows there are."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuthEvent, User
from core.ids import uuid7
from staff.home import figures
from staff.home.page import charts
from staff.models import DailyCount
from tasks.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
MOST_STATEMENTS = 12


def event(kind: str, subject: str, at: datetime, **fields: Any) -> None:
    AuthEvent.objects.create(kind=kind, subject=subject, success=True, created_at=at, **fields)


def make_task(user: User, at: datetime, done: datetime | None = None) -> None:
    Task.objects.create(id=uuid7(at), user=user, title="x", created_at=at, updated_at=at, completed_at=done)


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """To count all days at once, as long as a busy machine may take for some."""
    monkeypatch.setattr(figures, "SECONDS", 1000.0)


@pytest.fixture
def staff(make_user: Any) -> Client:
    client = Client()
    client.force_login(make_user("staff@example.com", role="admin"))
    return client


def test_each_day_and_hour_counts_its_own(make_user: Any) -> None:
    alice = make_user("alice@example.com", created_at=NOW - DAY)
    make_user("old@example.com", created_at=NOW - 30 * DAY)
    for days, done in ((0, None), (29, NOW), (30, NOW - DAY)):
        make_task(alice, NOW - days * DAY, done)
    for kind, subject in (("login", "a"), ("refresh", "a"), ("login", "b"), ("logout", "c")):
        event(kind, subject, NOW)
    event("login_failed", "", NOW - timedelta(hours=23))
    event("login_failed", "", NOW - timedelta(hours=24))
    event("throttled", "", NOW, count=7, reason="throttled")
    event("throttled", "", NOW, count=99, reason="too_many_requests")

    shown = {chart.title: chart for chart in charts(NOW)}

    assert {title: chart.sum for title, chart in shown.items()} == {
        "Signups a day": "1 in 30 days", "Active users a day": "2 today", "Tasks created a day": "2 in 30 days",
        "Tasks completed a day": "2 in 30 days", "Failed logins an hour": "1 in 24 hours",
        "Throttled attempts an hour": "7 in 24 hours",
    }  # fmt: skip
    assert shown["Tasks created a day"].rows[0] == ("14 Jan", 1)
    assert shown["Tasks created a day"].rows[-1] == ("16 Dec", 1)
    assert shown["Failed logins an hour"].rows[-1] == ("11:00", 1)


def test_a_day_begins_and_ends_at_midnight_in_utc(make_user: Any) -> None:
    midnight = datetime(2026, 1, 14, tzinfo=UTC)
    alice = make_user("alice@example.com", created_at=NOW - 40 * DAY)
    make_task(alice, midnight)
    make_task(alice, midnight - timedelta(microseconds=1))
    make_task(alice, midnight - timedelta(microseconds=1))

    created = figures.by_day(NOW)["created"]

    assert (created[TODAY - DAY], created[TODAY]) == (2, 1)


def test_days_that_are_over_are_counted_once(make_user: Any) -> None:
    alice = make_user("alice@example.com", created_at=NOW)
    figures.by_day(NOW)
    make_task(alice, NOW - DAY)
    make_task(alice, NOW)

    created = figures.by_day(NOW)["created"]

    assert (created[TODAY - DAY], created[TODAY]) == (0, 1)
    assert DailyCount.objects.count() == (figures.DAYS - 1) * len(figures.Kind)


def test_where_counting_is_slow_a_page_counts_the_newest_days_and_the_next_goes_on(
    make_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "SECONDS", 0)
    make_user("alice@example.com", created_at=NOW - 5 * DAY)

    first, second = figures.by_day(NOW)["signups"], figures.by_day(NOW)["signups"]

    assert [first[TODAY - days * DAY] for days in (0, 1, 3, 4)] == [0, 0, 0, None]
    assert [second[TODAY - days * DAY] for days in (4, 5, 6, 7)] == [0, 1, 0, None]


def test_pruning_counts_what_is_missing_and_forgets_what_is_not_shown(make_user: Any) -> None:
    today = timezone.now().date()
    make_user("alice@example.com", created_at=timezone.now() - 2 * DAY)
    for days, counted in ((30, 5), (29, 6)):
        DailyCount.objects.create(day=today - days * DAY, kind="signups", count=counted)

    call_command("prune")

    kept = dict(DailyCount.objects.filter(kind="signups").values_list("day", "count"))
    assert len(kept) == figures.DAYS - 1
    assert min(kept) == today - 29 * DAY
    assert (kept[today - 29 * DAY], kept[today - 2 * DAY], kept[today - DAY]) == (6, 1, 0)


def test_two_who_count_at_once_keep_one_figure() -> None:
    figures.by_day(NOW)
    DailyCount.objects.filter(kind="active").delete()

    figures.keep_past_days(NOW)
    figures.keep_past_days(NOW)

    assert DailyCount.objects.filter(kind="active").count() == figures.DAYS - 1


def test_the_page_takes_as_many_statements_with_more_rows(staff: Client) -> None:
    event("login", "somebody", timezone.now())
    first = statements(staff)
    few = len(statements(staff))
    for number in range(30):
        User.objects.create(id=f"id-{number}", email=f"person{number}@example.com")
        event("login", f"id-{number}", timezone.now(), address="192.0.2.7")

    assert len(first) <= MOST_STATEMENTS
    assert len(statements(staff)) == few <= MOST_STATEMENTS


def test_the_page_reads_no_table_whole(staff: Client) -> None:
    event("login", "somebody", timezone.now())
    first, many = statements(staff), statements(staff)

    counted = [sql for sql in [*first, *many] if "UNION ALL" in sql or "SUM(" in sql or "staff_dailycount" in sql]
    assert len(counted) >= 6
    for sql in counted:
        if sql.startswith("SELECT"):
            assert scans(sql) == [], sql


def test_what_happened_last_is_linked_both_ways(staff: Client, make_user: Any) -> None:
    alice = make_user("alice@example.com")
    event("login", alice.id, timezone.now(), address="192.0.2.7")
    event("login_failed", "hash-of-an-email", timezone.now())

    page = staff.get("/admin/").content.decode()

    assert f'href="/admin/accounts/user/{alice.id}/change/">alice@example.com<' in page
    assert 'href="/admin/accounts/authevent/?q=192.0.2.7">192.0.2.7<' in page
    assert "<td>hash-of-an-email</td>" in page
    assert f"/admin/accounts/authevent/{AuthEvent.objects.get(subject=alice.id).id}/change/" in page


def test_each_chart_has_its_figures_as_text_too(staff: Client, make_user: Any) -> None:
    make_user("alice@example.com")

    page = staff.get("/admin/").content.decode()

    today = timezone.now().date().strftime("%d %b")
    assert page.count('<canvas class="chart"') == page.count("As a table") == 6
    assert f"<td>{today}</td><td>2</td>" in page
    for name in ("database", "cache", "keys of the issuer", "model"):
        assert f"<dt>{name}</dt>" in page


def test_nobody_else_sees_it(make_user: Any) -> None:
    client = Client()
    client.force_login(make_user("alice@example.com"))

    assert client.get("/admin/").status_code == 302


def statements(client: Client) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/admin/")
    assert answer.status_code == 200
    said = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE", "SET LOCAL"))]


def scans(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
            return [line for (line,) in cursor.fetchall() if "Seq Scan" in line]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [row[3] for row in cursor.fetchall() if row[3].startswith("SCAN ")]


def test_the_days_shown_end_with_today() -> None:
    days = figures.last_days(datetime(2026, 3, 1, 0, 30, tzinfo=UTC))

    assert (days[0], days[-1], len(days)) == (date(2026, 1, 31), date(2026, 3, 1), 30)
