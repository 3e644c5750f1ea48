"""Rows that do not fit: each is named on a line, nobody's are half here, and the counts add up."""

import re
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from pytest_django import Settings

from accounts.models import User
from assistant.models import Conversation
from tasks.models import OldTaskId, Task
from todo_project.importing.tests.backends import Backend, a, c, d
from todo_project.importing.tests.backends.times import AT, NAIVE_AT
from todo_project.importing.tests.commands import everything, move, move_in_part
from todo_project.importing.tests.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("it looks at the rows of all whom the command moved")]

# As SQLAlchemy writes a time into SQLite.
DATED: Final = "2025-03-04 05:06:07.123456"
NEW: Final = "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"
EVE: Final = {"password_hash": None, "role": "user", "disabled": False, "created_at": DATED}
COUNTS: Final = re.compile(
    r"(\w+): (\d+) read, (\d+) (?:would be )?moved, (\d+) here already, (\d+) left out; "
    r"checksum (\w+) read, (\w+) stored"
)


def check_sums(said: str) -> None:
    counted = COUNTS.findall(said)
    assert counted
    for _, read, moved, there, left, wanted, found in counted:
        assert int(read) == int(moved) + int(there) + int(left)
        assert wanted == found


@pytest.mark.parametrize("user_id", ["admin", "v1", "..", "a/b", "", "with space", "ü", "x" * 129])
def test_an_id_that_no_path_may_hold_is_refused_by_name(make_file: Make, user_id: str) -> None:
    backend = make_file("d")
    backend.fill("")
    backend.add("user", id=user_id, email="eve@example.com", name="Eve", **EVE)
    backend.add("task", id=9, user_id=user_id, title="Secret", is_completed=False, created_at=DATED, updated_at=DATED)

    said = move_in_part(backend)

    assert "was left out: its id is" in said
    assert (f"user {user_id} was" in said) == (user_id in ("admin", "v1", ".."))
    assert list(User.objects.values_list("id", flat=True)) == [d.USER_ID]
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
    backend.fill("")
    row = {"id": 33, "user_id": 7, "title": "Planted", "description": "", "status": "pending", "priority": "low"}
    backend.add("tasks", **{**row, "created_at": DATED, "updated_at": DATED, **wrong})

    said = move_in_part(backend)

    assert "task 33 was left out: " in said
    assert Task.objects.count() == 2
    assert "tasks: 3 read, 2 moved, 0 here already, 1 left out" in said
    assert not any(text in said for text in ("Planted", "whenever", "yesterday", "ada@example.com", "xxx"))


def test_bytes_that_are_no_text_stop_nobody_else(make_file: Make) -> None:
    backend = make_file("d")
    backend.fill("")
    backend.run("""
        INSERT INTO task (id, user_id, title, is_completed, created_at, updated_at)
            SELECT 33, user_id, CAST(x'ff41' AS TEXT), 0, created_at, updated_at FROM task WHERE id = 1;
        INSERT INTO "user" (id, email, name, role, disabled, created_at)
            SELECT CAST(x'fe42' AS TEXT), 'eve@example.com', name, role, disabled, created_at FROM "user";
        INSERT INTO message (id, conversation_id, user_id, role, content, created_at)
            SELECT 34, 999, user_id, role, content, created_at FROM message WHERE id = 1;
    """)

    said = move_in_part(backend)

    assert "task 33 was left out: its title holds a character that cannot be stored" in said
    assert "users: 2 read, 1 moved, 0 here already, 1 left out" in said
    assert "1 messages were left out: they belong to no conversation" in said
    assert "messages: 3 read, 2 moved, 0 here already, 1 left out" in said
    assert Task.objects.count() == 2


def test_nobody_takes_another_accounts_id_or_email(make_file: Make, make_user: Any) -> None:
    backend = make_file("a")
    backend.fill("")
    make_user("eve@example.com", id="7")
    assert "user 7 was left out: its id is somebody else's here" in move_in_part(backend)

    User.objects.all().delete()
    make_user("ada@example.com")
    assert "user 7 was left out: its email is another account's here" in move_in_part(backend)
    assert not Task.objects.exists()


def test_more_than_the_quota_leaves_the_whole_person_out(make_file: Make, settings: Settings) -> None:
    settings.MAX_TASKS = 1
    backend = make_file("d")
    backend.fill("")

    assert "more of its rows than the quotas allow" in move_in_part(backend)
    assert everything() == [[], [], [], [], []]


def fill_other(backend: Backend, user_id: int, email: str) -> None:
    """Somebody else of backend a, with a task."""
    backend.keep(
        a.User(id=user_id, email=email, hashed_password="", created_at=NAIVE_AT),
        a.Task(id=user_id, user_id=user_id, title="Of another", created_at=NAIVE_AT, updated_at=NAIVE_AT),
    )


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_of_two_whose_emails_differ_in_case_the_first_comes(make_backend: Make, options: list[str]) -> None:
    backend = make_backend("a")
    backend.fill("")
    fill_other(backend, 8, "ADA@example.com")

    said = move_in_part(backend, *options)

    why = "its email is another account's here, that of user 7; so were its 1 rows"
    assert f"user 8 was left out: {why}." in said
    check_sums(said)
    assert list(User.objects.values_list("id", flat=True)) == ([] if options else ["7"])
    assert Task.objects.count() == (0 if options else 2)


def test_emails_that_are_none_are_left_out(make_file: Make) -> None:
    backend = make_file("a")
    emails = ["", "nobody", "a b@example.com", f"{'x' * 250}@example.com", "é@", "a\0@example.com"]
    for number, email in enumerate(emails):
        backend.add("users", id=number, email=email, hashed_password="", is_active=1, is_superuser=0, created_at=DATED)

    said = move_in_part(backend)

    assert said.count("was left out: its email ") == 6
    assert not User.objects.exists()
    check_sums(said)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": ""}, "its title would not be taken here"),
        ({"title": "x" * 10_000}, "its title would not be taken here"),
        ({"created_at": "infinity"}, "its time of creation is no time"),
        ({"created_at": "0001-01-01 00:00:00"}, "its time of creation is before 1970"),
        ({"updated_at": "20000-01-01 00:00:00"}, "its time of change is no time"),
        ({"due_date": "22000-01-01"}, "its due time is no time"),
        ({"tags": ["a\0b"]}, "its tags would not be taken here"),
        ({"tags": [["nested"]]}, "its tags are no words"),
    ],
)
def test_what_a_database_holds_and_this_service_does_not(make_backend: Make, wrong: dict[str, Any], why: str) -> None:
    backend = make_backend("a")
    backend.fill("")
    # The models would take no longer one on PostgreSQL; an older version of theirs did.
    backend.run("ALTER TABLE tasks RENAME COLUMN title TO narrow")
    backend.run("ALTER TABLE tasks ADD COLUMN title TEXT")
    backend.run("UPDATE tasks SET title = narrow")
    row = {"id": 33, "user_id": 7, "narrow": "", "title": "Planted", "status": "PENDING", "priority": "LOW"}
    backend.add("tasks", **{**row, "created_at": DATED, "updated_at": DATED, **wrong})

    said = move_in_part(backend)

    assert f"task 33 was left out: {why}" in said
    assert Task.objects.count() == 2
    check_sums(said)


def test_a_due_time_in_the_far_future_is_kept(make_backend: Make) -> None:
    backend = make_backend("a")
    backend.fill("")
    backend.run("UPDATE tasks SET due_date = '9999-12-31' WHERE id = 1")

    move(backend)

    milk = OldTaskId.objects.get(old_id="1").task_id
    assert Task.objects.get(id=milk).due_at == datetime(9999, 12, 31, tzinfo=UTC)


def test_orphans_are_each_named(make_file: Make) -> None:
    backend = make_file("a")
    backend.fill("")
    # A copy has no constraints.
    backend.run("ALTER TABLE tasks RENAME TO strict; CREATE TABLE tasks AS SELECT * FROM strict")
    for task_id, owner in ((31, 1), (32, 99), (33, None), (34, 70)):
        backend.add("tasks", id=task_id, user_id=owner, title="Lost", created_at=DATED, updated_at=DATED)

    said = move_in_part(backend)

    for task_id in (31, 32, 33, 34):
        assert f"task {task_id} was left out: its owner is not among the users." in said
    assert "tasks: 6 read, 2 moved, 0 here already, 4 left out" in said
    check_sums(said)


def test_a_conversation_after_2095_is_left_out_with_its_messages(make_backend: Make) -> None:
    """Its id would be no number that JavaScript holds."""
    backend = make_backend("c")
    backend.fill("")
    backend.run("UPDATE conversations SET created_at = '2100-01-01 00:00:00'")

    said = move_in_part(backend)

    assert f"conversation {c.TALK} was left out: its time of creation is after 2095." in said
    assert not Conversation.objects.exists()
    assert Task.objects.count() == 2
    check_sums(said)


def test_uuids_are_read_however_they_are_written(make_file: Make) -> None:
    """A CHAR(32) of SQLite holds what was put into it."""
    backend = make_file("c")
    backend.fill("")
    backend.run("UPDATE tasks SET id = upper(id) WHERE description IS NULL")
    row = {"user_id": c.USER_ID.hex, "title": "New", "completed": 0, "tags": [], "created_at": DATED}
    backend.add("tasks", id=NEW, **row, updated_at=DATED)

    move(backend)

    assert set(OldTaskId.objects.values_list("old_id", flat=True)) == {str(c.MILK), str(c.DONE), NEW}


def test_a_column_that_minds_no_case_mixes_nobody_up(make_file: Make) -> None:
    backend = make_file("d")
    backend.run("""
        DROP TABLE task; DROP TABLE "user";
        CREATE TABLE "user" (id TEXT, email TEXT, name TEXT, created_at TEXT);
        CREATE TABLE task (id TEXT, user_id TEXT COLLATE NOCASE, title TEXT, created_at TEXT);
    """)
    for user_id in ("b", "C", "a", "D"):
        backend.add("user", id=user_id, email=f"{user_id}@example.com", name=user_id, created_at=DATED)
        backend.add("task", id=user_id, user_id=user_id, title=f"Of {user_id}", created_at=DATED)

    move(backend)

    assert dict(Task.objects.values_list("user_id", "title")) == {name: f"Of {name}" for name in "abCD"}


def test_times_without_a_zone_are_utc_wherever_the_session_is(make_backend: Make) -> None:
    backend = make_backend("a")
    backend.fill("")
    if backend.dialect == "postgresql":
        set_zone = "EXECUTE format('ALTER DATABASE %I SET timezone TO ''Asia/Tokyo''', current_database())"
        backend.run(f"DO $$ BEGIN {set_zone}; END $$")

    move(backend)

    assert User.objects.get().created_at == AT
    assert everything()[1]
