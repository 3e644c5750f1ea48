"""``manage.py import_backend`` on databases as the five backends make them."""

import hashlib
from pathlib import Path
from typing import Any, Final

import bcrypt
import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from assistant.models import Conversation, Message
from core.ids import uuid7
from tasks.models import OldTaskId, Task
from testing.callers import Caller
from todo_project.importing.tests.backends import b, c, d, e
from todo_project.importing.tests.backends.times import AT
from todo_project.importing.tests.commands import everything, move, move_in_part
from todo_project.importing.tests.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("it looks at the rows of all whom the command moved")]

PASSWORD: Final = "correct horse battery"
HASHED: Final = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
# As SQLAlchemy writes a time into SQLite.
DATED: Final = "2025-03-04 05:06:07.123456"
EVE: Final = {"password_hash": HASHED, "role": "user", "disabled": False, "created_at": DATED}


@pytest.mark.parametrize("letter", "abcde")
def test_each_backends_people_and_what_they_own_are_here(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    user_id = backend.fill(HASHED)

    said = move(backend)

    user = User.objects.get()
    assert (user.id, user.email, user.name, user.created_at) == (user_id, "ada@example.com", backend.module.NAME, AT)
    assert (user.is_active, user.role, user.issuer) == (True, "user", "better-auth" if letter in "be" else "")
    old = dict(OldTaskId.objects.filter(user_id=user_id, source=letter).values_list("task_id", "old_id"))
    tasks = Task.objects.filter(user_id=user_id)
    assert {old[task.id]: told(task) for task in tasks} == backend.module.TASKS
    assert all(str(task.id)[:18] == str(uuid7(task.created_at))[:18] for task in tasks)
    assert "tasks: 2 read, 2 moved, 0 here already, 0 left out; checksum" in said
    assert Conversation.objects.count() == (letter in "bcd")
    messages = list(Message.objects.order_by("id").values_list("role", "content"))
    assert messages == ([("user", "by user"), ("assistant", "by assistant")] if letter in "bcd" else [])


def told(task: Task) -> tuple[Any, ...]:
    times = (task.completed_at, task.get_priority_display(), task.due_at, task.tags, task.created_at, task.updated_at)
    return (task.title, task.description, *times)


@pytest.mark.parametrize("letter", "abcde")
def test_a_second_time_changes_nothing_and_brings_only_what_is_new(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    backend.fill(HASHED)
    move(backend)
    before = everything()

    said = move(backend)

    assert everything() == before
    assert "tasks: 2 read, 0 moved, 2 here already" in said


@pytest.mark.parametrize("letter", "abcde")
def test_a_dry_run_says_the_same_and_writes_nothing(make_backend: Make, letter: str) -> None:
    backend = make_backend(letter)
    backend.fill(HASHED)

    said = move(backend, "--dry-run")

    assert "tasks: 2 read, 2 would be moved" in said
    assert everything() == [[], [], [], [], []]


def test_they_log_in_with_their_password_and_see_their_tasks(make_file: Make, anonymous: Caller) -> None:
    backend = make_file("a")
    backend.fill(HASHED)
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
    numbered.fill(HASHED)
    move(numbered)
    assert list(Conversation.objects.values_list("id", "name", "message_count", "title")) == [(5, None, 2, "by user")]

    User.objects.all().delete()
    named.fill(HASHED)
    move(named)
    assert list(Conversation.objects.values_list("name", "message_count")) == [(str(c.TALK), 2)]


def test_a_task_deleted_here_does_not_come_back(make_file: Make) -> None:
    backend = make_file("a")
    user_id = backend.fill(HASHED)
    move(backend)
    Task.objects.filter(user_id=user_id, title="Call").delete()
    backend.add(
        "tasks", id=3, user_id=7, title="New", status="pending", priority="low", created_at=DATED, updated_at=DATED
    )

    move(backend)

    assert set(Task.objects.values_list("title", flat=True)) == {"Buy milk", "New"}


def test_an_account_deleted_here_does_not_come_back(make_file: Make, anonymous: Caller) -> None:
    backend = make_file("a")
    backend.fill(HASHED)
    move(backend)
    answer = anonymous.post("/api/auth/login", {"email": "ada@example.com", "password": PASSWORD})
    bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
    assert anonymous.send("DELETE", "/api/auth/me", {"password": PASSWORD}, **bearer).status == 204

    assert "user 7 was left out: its account was deleted here" in move_in_part(backend)
    assert everything() == [[], [], [], [], []]


def test_what_came_since_is_added_to_a_conversation(make_file: Make) -> None:
    backend = make_file("d")
    backend.fill(HASHED)
    move(backend)
    backend.add(
        "message", id=36, conversation_id=5, user_id=d.USER_ID, role="user", content="more", created_at="2025-03-06"
    )

    assert "messages: 3 read, 1 moved, 2 here already" in move(backend)
    assert Conversation.objects.values_list("message_count", flat=True).get() == 3
    assert list(Message.objects.order_by("id").values_list("content", flat=True))[-1] == "more"


def test_people_of_better_auth_are_those_of_the_issuer_that_is_named(make_file: Make, make_user: Any) -> None:
    backend = make_file("e")
    backend.fill(HASHED)
    make_user("", id=b.USER_ID, issuer="https://app.example.com")

    assert "its id is somebody else's here" in move_in_part(backend)
    assert "users: 1 read, 0 moved, 1 here already" in move(backend, "--issuer", "https://app.example.com")
    assert Task.objects.filter(user_id=b.USER_ID).count() == 2


def test_a_hash_of_no_known_kind_is_told_and_opens_nothing(make_file: Make) -> None:
    backend = make_file("a")
    backend.fill("plain text")

    said = move_in_part(backend)

    assert "user 7: its password's hash is of no kind known here" in said
    assert not User.objects.get().has_usable_password()
    assert Task.objects.count() == 2
    assert "plain text" not in said


@pytest.mark.parametrize(
    ("letter", "sql", "why"),
    [
        ("a", "DROP TABLE tasks", "There is no table tasks or task"),
        ("b", "ALTER TABLE task RENAME COLUMN user_id TO whose", "The table task has no column owner"),
    ],
)
def test_another_database_is_refused_in_one_line(make_file: Make, letter: str, sql: str, why: str) -> None:
    backend = make_file(letter)
    backend.run(sql)

    with pytest.raises(CommandError, match=why):
        move(backend)


def test_what_has_no_place_here_is_named_before(make_backend: Make) -> None:
    """Empty tables and those of a program's own housekeeping are missed by nobody."""
    backend = make_backend("d")
    backend.fill(HASHED)
    backend.run("ALTER TABLE task ADD COLUMN recurrence VARCHAR; ALTER TABLE task ADD COLUMN parent_id INTEGER;")
    for name, rows in {"tag": 1, "tasktag": 2, 'a"; b': 1, "unused": 0, "alembic_version": 1, "session": 1}.items():
        quoted = name.replace('"', '""')
        backend.run(f'CREATE TABLE "{quoted}" (id INTEGER)')
        for number in range(rows):
            backend.add(quoted, id=number)

    said = move(backend)

    hashed = hashlib.sha256(b'a"; b').hexdigest()[:16]
    assert said.startswith(
        f"Not looked at: the columns task.parent_id, task.recurrence; the tables #{hashed}, tag, tasktag.\n"
    )


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_backend", "a", "--database-url", f"sqlite:///{tmp_path}/none.sqlite3")
    assert list(tmp_path.iterdir()) == []


def test_it_is_only_read(make_file: Make, tmp_path: Path) -> None:
    backend = make_file("d")
    backend.fill(HASHED)
    before = (tmp_path / "d.sqlite3").read_bytes()

    move(backend)

    assert (tmp_path / "d.sqlite3").read_bytes() == before


def test_staff_find_a_task_by_its_old_id(make_file: Make, admin: Caller) -> None:
    backend = make_file("e")
    backend.fill(HASHED)
    move(backend)
    admin.client.force_login(admin.user)

    page = admin.client.get("/admin/tasks/task/", {"q": str(e.MILK)}).content.decode()

    [moved] = OldTaskId.objects.filter(old_id=str(e.MILK))
    [other] = OldTaskId.objects.filter(old_id=str(e.DONE))
    assert str(moved.task_id) in page
    assert str(other.task_id) not in page
