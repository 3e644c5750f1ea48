import re
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuthEvent, Session, User
from core.ids import uuid7
from tasks.models import Task
from testing.callers import Caller

pytestmark = pytest.mark.names_no_owner("it looks at the tasks of all whom the command made")


def demo(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_printed_login_works_and_shows_the_tasks(anonymous: Caller) -> None:
    said = demo("--users", "3", "--tasks", "12")

    login = re.search(r"Log in as (\S+) with the password (\S+) ", said)
    assert login, said
    answer = anonymous.post("/api/auth/login", {"email": login[1], "password": login[2]})
    assert answer.status == 200, answer
    listed = anonymous.get(
        f"/api/{answer.json['user']['id']}/tasks", Authorization=f"Bearer {answer.json['access_token']}"
    )
    assert listed.json["meta"]["count"] == 12


def test_the_tasks_are_varied_and_of_the_past_months(db: None) -> None:
    demo("--users", "2", "--tasks", "60")

    tasks = list(Task.objects.all())
    assert len(tasks) == 120
    assert len({task.title for task in tasks}) > 40
    assert {task.completed for task in tasks} == {True, False}
    assert {task.description is None for task in tasks} == {True, False}
    now = timezone.now()
    assert all(task.created_at <= (task.completed_at or now) <= now for task in tasks)
    assert max(task.created_at for task in tasks) - min(task.created_at for task in tasks) > timedelta(days=60)


def test_ids_are_made_of_the_time_of_creation(db: None) -> None:
    demo("--users", "1", "--tasks", "20")

    for task in Task.objects.all():
        # All but the random end.
        assert str(task.id)[:18] == str(uuid7(task.created_at))[:18]


def test_it_can_run_again_and_hashes_its_password_once_each_time(db: None) -> None:
    demo("--users", "3", "--tasks", "1")
    demo("--users", "3", "--tasks", "1")

    assert User.objects.count() == 6
    assert User.objects.values("password").distinct().count() == 2
    assert Task.objects.values("user_id").distinct().count() == 6


def test_production_is_refused(db: None, settings: Settings) -> None:
    settings.ENV = replace(settings.ENV, environment="production")

    with pytest.raises(CommandError, match="production"):
        demo("--users", "1", "--tasks", "1")

    assert not User.objects.exists()


@pytest.mark.parametrize("number", ["0", "-5", "many", "1.5"])
@pytest.mark.parametrize("option", ["--users", "--tasks"])
def test_a_number_that_is_not_above_0_is_refused(db: None, option: str, number: str) -> None:
    with pytest.raises(CommandError, match=f"{option}: must be a whole number above 0, not {number}"):
        demo(f"{option}={number}")

    assert not User.objects.exists()


def test_a_long_run_says_how_far_it_is(db: None) -> None:
    said = demo("--users", "2", "--tasks", "1500")

    assert "2000 of 3000 tasks" in said
    assert "3000 of 3000 tasks" in said
    assert " of " not in demo("--users", "1", "--tasks", "2").partition("Log in")[0]


def test_people_leave_sessions_events_and_conversations_behind(admin: Caller) -> None:
    demo("--users", "2", "--tasks", "3", "--events", "15")

    made = User.objects.filter(email__startswith="demo-")
    assert AuthEvent.objects.filter(subject__in=made.values("id")).count() == 30
    now = timezone.now()
    assert all(event.created_at <= now for event in AuthEvent.objects.all())
    sessions = Session.objects.filter(user_id__in=made.values("id"))
    assert sessions.count() == 6
    assert all(row.created_at <= row.last_seen_at <= now < row.expires_at for row in sessions)
    for user in made:
        caller = Caller(user)
        talks = caller.get(f"/api/{user.id}/conversations").json["data"]
        assert len(talks) == 2
        said = caller.get(f"/api/{user.id}/conversations/{talks[0]['id']}").json["messages"]
        assert [message["role"] for message in said] == ["user", "assistant"]
        assert caller.get("/api/auth/me").json["usage"]["conversations"]["used"] == 2
