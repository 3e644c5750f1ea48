"""The database's road to a task's bytes, and Python's: one result, whatever the values."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from django.core import serializers
from django.db import connection

from accounts.user_ids import USER_ID
from tasks import services
from tasks.edits import FLIPPED
from tasks.lists import reading
from tasks.models import Priority, Task
from tasks.representation import FIELDS, represent
from tasks.rows import WrittenTask
from tasks.serializers import TaskSerializer
from testing.callers import Caller

CONTROLS = "".join(map(chr, range(1, 0x20)))
TEXTS = [
    "x",
    f"|{CONTROLS}|\x7f\x80\x9f",
    "\" \\ / ' \\u0041 \\n",
    "\u2028\u2029\u00a0\ufeff\ufffe\uffff",
    "Zażółć 日本語 עברית \U0001f600\U0010ffff",
    "<script>&amp;</script>",
    "%s %% {0} {{}} $1 || ''",
    "e\u0301 \u1e9e \u0130",
]
INSTANTS = [
    datetime(2026, 1, 14, 10, tzinfo=UTC),
    datetime(2026, 1, 14, 10, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 1, 14, 10, 0, 0, 120000, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1900, 2, 28, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
]


def check(caller: Caller, task: Task) -> None:
    """Both roads, and the list, write the same; so does every reader of the JSON."""
    task.refresh_from_db(from_queryset=Task.objects.visible_to(caller.user))
    expected = orjson.dumps(represent(task))
    written = reading.read_task(caller.id, task.id)
    assert orjson.dumps(orjson.Fragment(written.json)) == expected
    assert written.version == task.version
    assert caller.get(f"{caller.tasks}/{task.id}").content == expected
    assert expected in caller.get(caller.tasks).content
    seen = orjson.loads(expected)
    assert (seen["title"], seen["description"], seen["tags"]) == (task.title, task.description, task.tags)


def check_written(caller: Caller, *, answer: WrittenTask) -> None:
    """What a change gives is the task as it is from then on, and a change of its own."""
    task = Task.objects.visible_to(caller.user).get(id=answer.id)
    assert answer.json == orjson.dumps(represent(task))
    assert answer.version == task.version
    assert answer.number == caller.get(caller.tasks).json["meta"]["version"]


@pytest.mark.once
def test_a_users_id_has_nothing_that_json_escapes() -> None:
    known = [character for character in map(chr, range(0x3000)) if USER_ID.match(f"a{character}a")]

    assert len(known) > 60
    assert orjson.dumps("".join(known)) == f'"{"".join(known)}"'.encode()


@pytest.mark.parametrize("text", TEXTS)
def test_texts(alice: Caller, text: str) -> None:
    check(alice, services.create_task(alice.id, title=text, description=text * 3))
    check(alice, services.create_task(alice.id, title=text, tags=[*"".join(text.split())]))


@pytest.mark.parametrize("text", TEXTS)
def test_texts_of_new_and_changed_tasks(alice: Caller, text: str) -> None:
    new = services.create_written(alice.id, title=text, description=text * 3, tags=[*"".join(text.split())])
    check_written(alice, answer=new)
    # Plain ones become others, and others plain.
    check_written(alice, answer=services.edit_written(alice.id, new.id, {"title": "plain", "description": None}))
    check_written(alice, answer=services.edit_written(alice.id, new.id, {"title": text}))
    check_written(alice, answer=services.edit_written(alice.id, new.id, {"description": text, "tags": []}))


def test_states_and_priorities_of_new_and_changed_tasks(alice: Caller) -> None:
    new = services.create_written(alice.id, title="x", completed=True)
    check_written(alice, answer=new)
    for change in (
        {"completed": FLIPPED},
        {"completed": True},
        {"priority": Priority.LOW},
        {"priority": Priority.HIGH},
    ):
        check_written(alice, answer=services.edit_written(alice.id, new.id, change))


def test_what_a_change_leaves_as_it_is_says_so(alice: Caller) -> None:
    new = services.create_written(alice.id, title="x")

    same = services.edit_written(alice.id, new.id, {"title": "x"})

    assert (same.id, same.json, same.version, same.number) == (new.id, new.json, new.version, None)


@pytest.mark.parametrize("instant", INSTANTS)
def test_times_of_new_and_changed_tasks(alice: Caller, instant: datetime) -> None:
    new = services.create_written(alice.id, title="x", due_at=instant)
    check_written(alice, answer=new)
    check_written(alice, answer=services.edit_written(alice.id, new.id, {"due_at": None}))
    check_written(alice, answer=services.edit_written(alice.id, new.id, {"due_at": instant, "completed": True}))


@pytest.mark.parametrize("instant", INSTANTS)
def test_times(alice: Caller, instant: datetime) -> None:
    task = Task.objects.create(
        id=uuid.uuid4(), user_id=alice.id, title="x",
        due_at=instant, completed_at=instant, created_at=instant, updated_at=instant,
    )  # fmt: skip

    check(alice, task)


@pytest.mark.parametrize("priority", Priority)
def test_states_and_priorities(alice: Caller, priority: Priority) -> None:
    check(alice, services.create_task(alice.id, title="x", priority=priority))
    check(alice, services.create_task(alice.id, title="x", priority=priority, completed=True))


@pytest.mark.postgresql
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_the_connections_own_settings_do_not_matter(alice: Caller, zone: str) -> None:
    """A pooler may hand out a connection that somebody else has set up."""
    task = services.create_task(alice.id, title="x", due_at=INSTANTS[2])
    expected = alice.get(f"{alice.tasks}/{task.id}").content

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true), set_config('DateStyle', 'German', true)", [zone])

    assert alice.get(f"{alice.tasks}/{task.id}").content == expected


def test_the_fields_are_those_the_serializer_documents() -> None:
    assert list(TaskSerializer().fields) == [name for name, _, _ in FIELDS]


@pytest.mark.names_no_owner("loaddata writes rows by their ids alone")
@pytest.mark.not_on_citus("loaddata writes an owner's id over itself, which Citus takes for another")
def test_a_task_survives_dumpdata_and_loaddata(alice: Caller) -> None:
    made = [
        services.create_task(alice.id, title="Straße", description='"', tags=["Work", 'é"'], due_at=INSTANTS[2]),
        services.create_task(alice.id, title="x"),
    ]
    # Django's dumps cut times to the millisecond.
    Task.objects.filter(user_id=alice.id).update(created_at=INSTANTS[2], updated_at=INSTANTS[2])
    before = alice.get(alice.tasks).json["data"]
    dump = serializers.serialize("json", Task.objects.visible_to(alice.user))

    for task in made:
        services.delete_task(alice.id, task.id)
    for loaded in serializers.deserialize("json", dump):
        loaded.save()

    assert alice.get(alice.tasks).json["data"] == before
    assert alice.get(f"{alice.tasks}?tag=work&search=STRASSE").json["meta"]["count"] == 1
