import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]


def test_the_owner_reads_a_task(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    answer = alice.get(f"{alice.tasks}/{task.id}")

    assert answer.status == 200
    assert answer.json["id"] == str(task.id)
    assert answer.headers["Content-Type"] == "application/json"


def test_another_user_is_refused_under_either_id(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert bob.get(f"{alice.tasks}/{task.id}").is_problem(403, "forbidden")
    assert bob.get(f"{bob.tasks}/{task.id}").is_problem(404, "task_not_found")


def test_anonymous_is_401(alice: Caller, anonymous: Caller, make_task: MakeTask) -> None:
    assert anonymous.get(f"{alice.tasks}/{make_task(alice).id}").is_problem(401, "not_authenticated")


def test_refusals_do_not_reveal_who_exists(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)
    real = bob.get(f"{alice.tasks}/{task.id}", X_Request_ID="same")

    for path in ("/api/nobody/tasks/x", f"/api/{alice.id.upper()}/tasks", f"/api/{alice.id}%20/tasks"):
        assert bob.get(path, X_Request_ID="same").content == real.content


@pytest.mark.parametrize("near", ["{0} ", " {0}", "{0}%00", "{0}%0a", "{0};"])
def test_the_path_must_name_the_caller_exactly(alice: Caller, near: str) -> None:
    assert alice.get(f"/api/{near.format(alice.id)}/tasks").is_problem(403)


@pytest.mark.parametrize(
    "task_id",
    [
        "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11",
        "1",
        "undefined",
        "0197a3f05f6e7c319f0e2b1c8f0a4d11",
        "{0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11}",
        "urn:uuid:0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11",
        "%00",
        "%ff",
        "a" * 2000,
        "\u0660197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11",
    ],
)
def test_what_is_no_id_of_ones_own_is_404(alice: Caller, task_id: str) -> None:
    assert alice.get(f"{alice.tasks}/{task_id}").is_problem(404, "task_not_found")


def test_an_id_is_read_without_case(alice: Caller, make_task: MakeTask) -> None:
    assert alice.get(f"{alice.tasks}/{str(make_task(alice).id).upper()}").status == 200


def test_times_are_utc_with_microseconds(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)
    midnight = task.created_at.replace(microsecond=0)
    Task.objects.filter(user_id=alice.id, id=task.id).update(created_at=midnight)

    created_at = alice.get(f"{alice.tasks}/{task.id}").json["created_at"]

    assert created_at == midnight.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def test_the_bytes_are_the_same_from_every_endpoint(alice: Caller) -> None:
    hard = 'é \U0001f600 "quoted" \\ / \u2028 \x7f <&> \t\n'
    created = alice.post(alice.tasks, {"title": f"{hard}|", "description": hard, "completed": True})
    path = f"{alice.tasks}/{created.json['id']}"

    read = alice.get(path)
    patched = alice.patch(path, {"title": f"{hard}|"})
    put = alice.put(path, {})
    completed = alice.patch(f"{path}/complete", {"completed": True})
    listed = alice.get(alice.tasks)

    assert created.content == read.content == patched.content == put.content == completed.content
    assert listed.content.startswith(b'{"data":[' + created.content + b'],"meta":{')


def test_the_bytes_are_these_on_every_database(alice: Caller) -> None:
    Task.objects.create(
        id=uuid.UUID("0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"),
        user_id=alice.id,
        title='é "\u2028" \\ / \x7f\x01',
        completed_at=datetime(2026, 1, 14, 10, 0, 0, 120000, tzinfo=UTC),
        due_at=datetime(1, 1, 1, tzinfo=UTC),
        tags=['é"', "\u2028x\\"],
        created_at=datetime(2026, 1, 14, 10, tzinfo=UTC),
        updated_at=datetime(2026, 1, 14, 10, 0, 0, 123456, tzinfo=UTC),
    )

    answer = alice.get(f"{alice.tasks}/0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11")

    assert answer.content.decode() == (
        '{"id":"0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11","user_id":"' + alice.id + '",'
        '"title":"é \\"\u2028\\" \\\\ / \x7f\\u0001","description":null,'
        '"completed":true,"is_completed":true,"completed_at":"2026-01-14T10:00:00.120000Z",'
        '"priority":"medium","due_at":"0001-01-01T00:00:00.000000Z","tags":["é\\"","\u2028x\\\\"],'
        '"created_at":"2026-01-14T10:00:00.000000Z","updated_at":"2026-01-14T10:00:00.123456Z"}'
    )


def test_a_read_costs_one_round_trip_or_two_on_sqlite(alice: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        alice.get(f"{alice.tasks}/{task.id}")

    assert len(queries) == (1 if connection.vendor == "postgresql" else 2), "who is calling, and the task"
