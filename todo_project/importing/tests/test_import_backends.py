"""``manage.py import_backend`` on databases as the five backends make them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final

import bcrypt
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from assistant.models import Conversation, Message
from core.ids import uuid7
from tasks.models import OldTaskId, Task
from testing.callers import Caller
from testing.databases import empty_database
from todo_project.importing.tests.backends import (
    AT,
    BETTER_AUTH_ID,
    LATER,
    TALK_UUIDS,
    TASK_UUIDS,
    UUIDS,
    Backend,
    fill,
)

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("it looks at the rows of all whom the command moved")]

PASSWORD: Final = "correct horse battery"
HASHED: Final = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
BEGUN: Final = datetime(2025, 3, 4, 5, 6, 7, 123456, UTC)
Make = Callable[[str], Backend]


@pytest.fixture(params=["sqlite", "postgresql"])
def make_backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """On SQLite, and where the suite runs on PostgreSQL there too."""
    if request.param == "sqlite":
        yield lambda letter: Backend(letter, f"sqlite:///{tmp_path / f'{letter}.sqlite3'}")
        return
    if connection.vendor != "postgresql":
        pytest.skip("the suite runs on SQLite")
    with empty_database(tmp_path) as url:
        yield lambda letter: Backend(letter, url)


@pytest.fixture
def make_file(tmp_path: Path) -> Make:
    return lambda letter: Backend(letter, f"sqlite:///{tmp_path / f'{letter}.sqlite3'}")


def move(backend: Backend, *options: str) -> str:
    out = StringIO()
    call_command("import_backend", backend.letter, "--database-url", backend.url, *options, stdout=out, stderr=out)
    return out.getvalue()


def move_in_part(backend: Backend, *options: str) -> str:
    """What it says where something does not fit."""
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("import_backend", backend.letter, "--database-url", backend.url, *options, stdout=out, stderr=out)
    assert refused.value.returncode == 1
    return out.getvalue() + str(refused.value)


def everything() -> list[Any]:
    models = (User, Task, OldTaskId, Conversation, Message)
    return [sorted(map(str, model.objects.values_list())) for model in models]


@pytest.mark.parametrize("letter", "abcde")
def test_each_backends_people_and_what_they_own_are_here(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    user_id = fill(backend, HASHED)

    said = move(backend)

    user = User.objects.get()
    assert (user.id, user.email, user.is_active, user.role) == (user_id, "ada@example.com", True, "user")
    assert (user.issuer == "better-auth", user.created_at) == (letter in "be", BEGUN)
    tasks = list(Task.objects.filter(user_id=user_id).order_by("title", "completed_at"))
    assert sorted(task.completed for task in tasks) == [False, True]
    assert all(str(task.id)[:18] == str(uuid7(task.created_at))[:18] for task in tasks)
    old = {"1", "2"} if letter in "abd" else set(TASK_UUIDS)
    assert set(OldTaskId.objects.values_list("old_id", flat=True)) == old
    assert "tasks: 2 read, 2 moved, 0 here already, 0 left out; checksum" in said
    assert Conversation.objects.count() == (letter in "bcd")
    roles = list(Message.objects.order_by("id").values_list("role", "content"))
    assert roles == ([("user", "by user"), ("assistant", "by assistant")] if letter in "bcd" else [])


@pytest.mark.parametrize("letter", "abcde")
def test_a_second_time_changes_nothing_and_brings_only_what_is_new(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    fill(backend, HASHED)
    move(backend)
    before = everything()

    said = move(backend)

    assert everything() == before
    assert "tasks: 2 read, 0 moved, 2 here already" in said


@pytest.mark.parametrize("letter", "abcde")
def test_a_dry_run_says_the_same_and_writes_nothing(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    fill(backend, HASHED)

    said = move(backend, "--dry-run")

    assert "tasks: 2 read, 2 would be moved" in said
    assert everything() == [[], [], [], [], []]


def test_what_is_said_of_a_task_is_understood(make_backend: Make) -> None:
    backend = make_backend("a")
    fill(backend, HASHED)

    move(backend)

    milk, call = Task.objects.order_by("id")
    assert (milk.title, milk.get_priority_display(), milk.tags) == ("Buy milk", "high", ["Home", "two-words"])
    assert milk.due_at == datetime(2025, 4, 1, tzinfo=UTC)
    assert (call.title, call.get_priority_display()) == ("Call", "low")
    assert call.completed_at == datetime(2025, 3, 5, 5, 6, 7, tzinfo=UTC)


def test_they_log_in_with_their_password_and_see_their_tasks(make_file: Make, anonymous: Caller) -> None:
    backend = make_file("a")
    fill(backend, HASHED)
    move(backend)

    answer = anonymous.post("/api/auth/login", {"email": "ada@example.com", "password": PASSWORD})

    assert answer.status == 200, answer
    bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
    listed = anonymous.get("/api/7/tasks", **bearer).json["data"]
    assert [task["title"] for task in listed] == ["Call", "Buy milk"]
    history = anonymous.get(f"/api/7/tasks/{listed[0]['id']}/history", **bearer).json["data"]
    assert [entry["via"] for entry in history] == ["command"]


def test_an_old_conversation_keeps_its_id(make_file: Make) -> None:
    numbered, named = make_file("d"), make_file("c")
    fill(numbered, HASHED)
    move(numbered)
    assert list(Conversation.objects.values_list("id", "name", "message_count", "title")) == [(5, None, 2, "by user")]

    User.objects.all().delete()
    fill(named, HASHED)
    move(named)
    assert list(Conversation.objects.values_list("name", "message_count")) == [(TALK_UUIDS[0], 2)]


def test_a_task_deleted_here_does_not_come_back(make_file: Make) -> None:
    backend = make_file("a")
    user_id = fill(backend, HASHED)
    move(backend)
    Task.objects.filter(user_id=user_id, title="Call").delete()
    backend.add(
        "tasks", id=3, user_id=7, title="New", status="pending", priority="low", created_at=LATER, updated_at=LATER
    )

    move(backend)

    assert set(Task.objects.values_list("title", flat=True)) == {"Buy milk", "New"}


def test_an_account_deleted_here_does_not_come_back(make_file: Make, anonymous: Caller) -> None:
    backend = make_file("a")
    fill(backend, HASHED)
    move(backend)
    answer = anonymous.post("/api/auth/login", {"email": "ada@example.com", "password": PASSWORD})
    bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
    assert anonymous.send("DELETE", "/api/auth/me", {"password": PASSWORD}, **bearer).status == 204

    assert "user 7 was left out: its account was deleted here" in move_in_part(backend)
    assert everything() == [[], [], [], [], []]


@pytest.mark.parametrize("user_id", ["admin", "tasks", "v1", "..", "a/b", "x" * 129])
def test_an_id_that_no_path_may_hold_is_refused_by_name(make_file: Make, user_id: str) -> None:
    backend = make_file("d")
    fill(backend, HASHED)
    backend.add("user", id=user_id, email="eve@example.com", name="Eve", password_hash=HASHED, created_at=AT)
    backend.add("task", id=9, user_id=user_id, title="Secret", is_completed=False, created_at=AT, updated_at=AT)

    said = move_in_part(backend)

    assert "was left out: its id is" in said
    assert (f"user {user_id} was" in said) == (user_id not in ("a/b", "x" * 129))
    assert list(User.objects.values_list("id", flat=True)) == [UUIDS[1]]
    assert "users: 2 read, 1 moved, 0 here already, 1 left out" in said
    assert "tasks: 3 read, 2 moved, 0 here already, 1 left out" in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"description": "x" * 1001},
        {"title": "a\0b"},
        {"priority": "whenever"},
        {"created_at": "yesterday"},
        {"created_at": "1960-01-01 00:00:00"},
        {"tags": '["' + "x" * 51 + '"]'},
        {"tags": "[1]"},
        {"tags": "[1"},
        {"user_id": 99},
    ],
)
def test_a_row_that_does_not_fit_is_named_by_its_id_alone(make_file: Make, wrong: dict[str, Any]) -> None:
    backend = make_file("a")
    fill(backend, HASHED)
    row = {"id": 33, "user_id": 7, "title": "Planted", "description": "", "status": "pending", "priority": "low"}
    backend.add("tasks", **{**row, "created_at": AT, "updated_at": AT, **wrong})

    said = move_in_part(backend)

    assert "task 33 was left out: " in said
    assert Task.objects.count() == 2
    assert "tasks: 3 read, 2 moved, 0 here already, 1 left out" in said
    assert not any(text in said for text in ("Planted", "whenever", "yesterday", "ada@example.com", "xxx"))


def test_bytes_that_are_no_text_stop_nobody_else(make_file: Make) -> None:
    backend = make_file("d")
    fill(backend, HASHED)
    backend.run("""
        INSERT INTO task SELECT 33, user_id, CAST(x'ff41' AS TEXT), NULL, 0, NULL, created_at, updated_at
            FROM task WHERE id = 1;
        INSERT INTO "user" SELECT CAST(x'fe42' AS TEXT), 'eve@example.com', name, '', created_at FROM "user";
        INSERT INTO message SELECT 34, 999, user_id, role, content, created_at FROM message WHERE id = 1;
        INSERT INTO message SELECT 35, conversation_id, user_id, 'tool', content, created_at FROM message WHERE id = 1;
    """)

    said = move_in_part(backend)

    assert "task 33 was left out: its title holds a character that cannot be stored" in said
    assert "users: 2 read, 1 moved, 0 here already, 1 left out" in said
    assert "1 messages were left out: they belong to no conversation" in said
    assert "message 35 was left out: it is neither the person's nor the assistant's" in said
    assert "messages: 4 read, 2 moved, 0 here already, 2 left out" in said
    assert Task.objects.count() == 2


def test_what_came_since_is_added_to_a_conversation(make_file: Make) -> None:
    backend = make_file("d")
    fill(backend, HASHED)
    move(backend)
    backend.run("INSERT INTO message SELECT 36, 5, user_id, 'user', 'more', updated_at FROM conversation")

    assert "messages: 3 read, 1 moved, 2 here already" in move(backend)
    assert Conversation.objects.values_list("message_count", flat=True).get() == 3
    assert list(Message.objects.order_by("id").values_list("content", flat=True))[-1] == "more"


def test_nobody_takes_another_accounts_id_or_email(make_file: Make, make_user: Any) -> None:
    backend = make_file("a")
    fill(backend, HASHED)
    make_user("eve@example.com", id="7")
    assert "user 7 was left out: its id is somebody else's here" in move_in_part(backend)

    User.objects.all().delete()
    make_user("ada@example.com")
    assert "user 7 was left out: its email is another account's here" in move_in_part(backend)
    assert not Task.objects.exists()


def test_people_of_better_auth_are_those_of_the_issuer_that_is_named(make_file: Make, make_user: Any) -> None:
    backend = make_file("e")
    fill(backend, HASHED)
    make_user("", id=BETTER_AUTH_ID, issuer="https://app.example.com")

    assert "its id is somebody else's here" in move_in_part(backend)
    assert "users: 1 read, 0 moved, 1 here already" in move(backend, "--issuer", "https://app.example.com")
    assert Task.objects.filter(user_id=BETTER_AUTH_ID).count() == 2


def test_a_hash_of_no_known_kind_is_told_and_opens_nothing(make_file: Make) -> None:
    backend = make_file("a")
    fill(backend, "plain text")

    said = move_in_part(backend)

    assert "user 7: its password's hash is of no kind known here" in said
    assert not User.objects.get().has_usable_password()
    assert Task.objects.count() == 2
    assert "plain text" not in said


def test_more_than_the_quota_leaves_the_whole_person_out(make_file: Make, settings: Settings) -> None:
    settings.MAX_TASKS = 1
    backend = make_file("d")
    fill(backend, HASHED)

    assert "more of its rows than the quotas allow" in move_in_part(backend)
    assert everything() == [[], [], [], [], []]


@pytest.mark.parametrize(
    ("letter", "sql", "why"),
    [
        ("a", "DROP TABLE tasks", "There is no table tasks or task"),
        ("b", "ALTER TABLE task DROP COLUMN user_id", "The table task has no column owner"),
    ],
)
def test_another_database_is_refused_in_one_line(make_file: Make, letter: str, sql: str, why: str) -> None:
    backend = make_file(letter)
    backend.run(sql)

    with pytest.raises(CommandError, match=why):
        move(backend)


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_backend", "a", "--database-url", f"sqlite:///{tmp_path}/none.sqlite3")
    assert list(tmp_path.iterdir()) == []


def test_it_is_only_read(make_file: Make, tmp_path: Path) -> None:
    backend = make_file("d")
    fill(backend, HASHED)
    before = (tmp_path / "d.sqlite3").read_bytes()

    move(backend)

    assert (tmp_path / "d.sqlite3").read_bytes() == before


def test_staff_find_a_task_by_its_old_id(make_file: Make, admin: Caller) -> None:
    backend = make_file("e")
    fill(backend, HASHED)
    move(backend)
    admin.client.force_login(admin.user)

    page = admin.client.get("/admin/tasks/task/", {"q": TASK_UUIDS[0]}).content.decode()

    [moved] = OldTaskId.objects.filter(old_id=TASK_UUIDS[0])
    [other] = OldTaskId.objects.filter(old_id=TASK_UUIDS[1])
    assert str(moved.task_id) in page
    assert str(other.task_id) not in page
