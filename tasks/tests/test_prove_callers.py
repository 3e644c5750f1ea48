"""One statement says who is calling, opens their rows and does the work (``core.sql.owned``); row security
(``core.sql.postgresql.policies``) holds whatever a view or a query forgets.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.models import PersonalToken, Session
from core.sql.row_owner import rows_of
from tasks.models import Task
from testing.callers import Answer, Caller, make_token
from testing.watching.session_settings import setting

MakeTask = Callable[..., Task]
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

HOT: dict[str, Callable[[Caller, str], Answer]] = {
    "list": lambda caller, _: caller.get(f"{caller.tasks}?limit=50"),
    "own list": lambda caller, _: caller.get("/api/tasks"),
    "search": lambda caller, _: caller.get(f"{caller.tasks}?search=milk&ordering=due_at"),
    "get": lambda caller, path: caller.get(path),
    "create": lambda caller, _: caller.post(caller.tasks, {"title": "New", "tags": ["a"], "due_at": None}),
    "put": lambda caller, path: caller.put(path, {"title": "New", "description": None, "tags": ["b"]}),
    "patch": lambda caller, path: caller.patch(path, {"priority": "high", "due_at": "2026-01-14T10:00:00Z"}),
    "toggle": lambda caller, path: caller.patch(f"{path}/toggle"),
    "complete": lambda caller, path: caller.patch(f"{path}/complete", {"completed": True}),
    "delete": lambda caller, path: caller.delete(path),
}


class Forgetful(APIView):
    """A view whose author forgot the owner."""

    def get(self, request: Request) -> Response:
        return Response(sorted(Task.objects.values_list("title", flat=True)))


@pytest.fixture
def two_owners(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    make_task(alice, "Alice's")
    make_task(bob, "Bob's")


def titles() -> list[str]:
    """By a query that forgets the owner."""
    return sorted(Task.objects.values_list("title", flat=True))


def titles_of(caller: Caller) -> list[str]:
    return sorted(Task.objects.filter(user_id=caller.id).values_list("title", flat=True))


@contextmanager
def another_connection() -> Iterator[psycopg.Connection]:
    """In a transaction."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        yield other


@pytest.mark.parametrize("name", HOT)
def test_a_hot_request_is_one_round_trip(alice: Caller, make_task: MakeTask, name: str) -> None:
    path = f"{alice.tasks}/{make_task(alice, 'Buy milk').id}"

    with CaptureQueriesContext(connection) as queries:
        answer = HOT[name](alice, path)

    assert answer.status in (200, 201, 204), answer
    assert [query["sql"] for query in queries.captured_queries][1:] == []


@pytest.mark.parametrize("name", HOT)
def test_so_it_is_with_a_personal_token(alice: Caller, make_task: MakeTask, name: str) -> None:
    path = f"{alice.tasks}/{make_task(alice, 'Buy milk').id}"
    program = Caller(alice.user, make_token(alice.user))
    # Its first use is noted.
    assert program.get(f"{alice.tasks}?limit=1").status == 200

    with CaptureQueriesContext(connection) as queries:
        answer = HOT[name](program, path)

    assert answer.status in (200, 201, 204), answer
    assert [query["sql"] for query in queries.captured_queries][1:] == []


@pytest.mark.parametrize("name", HOT)
def test_a_revoked_token_is_401_and_changes_nothing(alice: Caller, make_task: MakeTask, name: str) -> None:
    task = make_task(alice, "Buy milk")
    program = Caller(alice.user, make_token(alice.user))
    PersonalToken.objects.filter(user_id=alice.id).delete()

    assert HOT[name](program, f"{alice.tasks}/{task.id}").is_problem(401, "token_invalid")
    assert list(Task.objects.filter(user_id=alice.id).values_list("title", "version")) == [("Buy milk", 1)]


@pytest.mark.parametrize("name", HOT)
def test_an_ended_session_is_401_and_changes_nothing(alice: Caller, make_task: MakeTask, name: str) -> None:
    task = make_task(alice, "Buy milk")
    Session.objects.filter(user_id=alice.id).update(ended_at=timezone.now())

    assert HOT[name](alice, f"{alice.tasks}/{task.id}").is_problem(401, "session_ended")
    assert list(Task.objects.filter(user_id=alice.id).values_list("title", "version")) == [("Buy milk", 1)]


@pytest.mark.parametrize("body", [b"{", {"title": 1}])
def test_an_ended_session_is_401_before_anything_else_is_told(alice: Caller, body: object) -> None:
    Session.objects.filter(user_id=alice.id).update(ended_at=timezone.now())

    for path in (alice.tasks, f"{alice.tasks}/{uuid.uuid4()}", "/api/somebody-else/tasks"):
        assert alice.get(f"{path}?limit=x").is_problem(401, "session_ended"), path
        assert alice.post(path, body).is_problem(401, "session_ended"), path
        assert alice.patch(path, body).is_problem(401, "session_ended"), path


def test_what_is_missing_is_one_statement_too(alice: Caller) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert alice.get(f"{alice.tasks}/{uuid.uuid4()}").is_problem(404, "task_not_found")

    assert len(queries) == 1


def test_a_session_is_noted_as_seen(alice: Caller) -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    Session.objects.filter(user_id=alice.id).update(last_seen_at=long_ago)

    assert alice.get(alice.tasks).status == 200

    [session] = Session.objects.filter(user_id=alice.id)
    assert session.last_seen_at > long_ago


def test_what_is_done_stays_told_where_the_session_could_not_be_noted(alice: Caller) -> None:
    Session.objects.filter(user_id=alice.id).update(last_seen_at=timezone.now() - timedelta(minutes=5))

    with setting("lock_timeout", "200ms"), another_connection() as other:
        other.execute("SELECT 1 FROM accounts_session WHERE user_id = %s FOR UPDATE", [alice.id])
        answer = alice.post(alice.tasks, {"title": "Once"})

    assert answer.status == 201, answer
    assert titles_of(alice) == ["Once"]


def test_a_failed_statement_is_503_without_another_look_at_the_database(alice: Caller) -> None:
    asked: list[str] = []

    def fail(_execute: object, sql: str, *_: object) -> None:
        asked.append(sql)
        raise OperationalError("away")

    with connection.execute_wrapper(fail):
        assert alice.get(alice.tasks).is_problem(503, "unavailable")

    assert len(asked) == 1


def test_a_database_that_goes_away_before_the_caller_is_proven_is_503(alice: Caller) -> None:
    def fail(*_: object) -> None:
        raise InterfaceError("away")

    with connection.execute_wrapper(fail):
        for path in (f"{alice.tasks}/no-uuid", f"{alice.tasks}?limit=x", "/api/somebody-else/tasks"):
            assert alice.get(path).is_problem(503, "unavailable"), path


@pytest.mark.names_no_owner(reason="that is what is tried")
@pytest.mark.usefixtures("two_owners")
def test_a_view_that_forgets_the_owner_shows_the_callers_own(alice: Caller) -> None:
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=alice.client.defaults["HTTP_AUTHORIZATION"])

    with rows_of(None):
        assert Forgetful.as_view()(request).data == ["Alice's"]


@pytest.mark.names_no_owner(reason="that is what is tried")
@pytest.mark.usefixtures("two_owners")
def test_a_query_that_forgets_the_owner_finds_the_owners_rows_alone(alice: Caller, bob: Caller) -> None:
    with rows_of(None):
        assert titles() == []
        with transaction.atomic():
            assert titles() == []
    with rows_of(alice.id):
        assert titles() == ["Alice's"]
        with transaction.atomic():
            assert titles() == ["Alice's"]
            with rows_of(bob.id):
                assert titles() == ["Bob's"]
            assert titles() == ["Alice's"]
            with rows_of(None):
                assert titles() == []
    with rows_of(None):
        assert titles() == []


@pytest.mark.names_no_owner(reason="that is what is tried")
@pytest.mark.usefixtures("two_owners")
def test_errors_and_savepoints_open_nobody_elses_rows(alice: Caller, bob: Caller) -> None:
    with rows_of(alice.id):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert titles() == ["Alice's"]
        with transaction.atomic():
            with pytest.raises(DatabaseError), transaction.atomic(), rows_of(bob.id), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
            assert titles() == ["Alice's"]
            sid = transaction.savepoint()
            with rows_of(bob.id):
                assert titles() == ["Bob's"]
            transaction.savepoint_rollback(sid)
            with rows_of(None):
                assert titles() == []
            assert titles() == ["Alice's"]
    with rows_of(None):
        assert titles() == []


@pytest.mark.names_no_owner(reason="that is what is tried")
@pytest.mark.not_on_citus("changes the owner of rows, which Citus refuses before any policy does")
@pytest.mark.usefixtures("two_owners")
def test_nothing_can_be_written_for_another(alice: Caller, bob: Caller) -> None:
    with rows_of(bob.id):
        assert Task.objects.filter(title="Alice's").update(title="Bob's now") == 0
        assert Task.objects.filter(title="Alice's").delete()[0] == 0
        with pytest.raises(DatabaseError, match="row-level security"):
            Task.objects.update(user_id=alice.id)

    assert titles() == ["Alice's", "Bob's"]


@pytest.mark.names_no_owner(reason="that is what is tried")
@pytest.mark.usefixtures("two_owners")
def test_after_a_request_its_connection_shows_nothing(alice: Caller, bob: Caller) -> None:
    for caller in (alice, bob):
        assert caller.get(caller.tasks).status == 200
        with rows_of(None):
            assert titles() == []
