"""Two servers of one PostgreSQL with a streaming replica: reads come from that, no answer is older than what its asker
may expect, and nobody is let in by it.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import psycopg
import pytest

from testing import postgres
from testing.postgres import Cluster
from testing.service import MIGRATE, Server, output, serving, wait_until
from testing.tests.replicas import Replica, ask, replica_of

# It has servers of its own: once is enough.
pytestmark = pytest.mark.postgresql

PASSWORD: Final = "a long enough phrase 42"
SAID: Final = "Reads stay on the primary"
# Two sessions each. A hash of the service's own strength is much work, for people who log in nowhere.
PEOPLE: Final = f"""
import json
import django

django.setup()
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher, make_password
from accounts.models import User
from accounts.sessions.starting import start_session
from accounts.tokens.own import mint_pair
from core.rest.client import command

BCryptSHA256PasswordHasher.rounds = 4
password = make_password("{PASSWORD}")
users = [User(email=f"person-{{number}}@example.com", password=password) for number in range(40)]
User.objects.bulk_create(users)
tokens = lambda user: [mint_pair(start_session(user, command("tests"))).access for _ in range(2)]
print(json.dumps([[user.id, *tokens(user)] for user in users]))
"""


@dataclass(frozen=True, slots=True)
class Place:
    primary: Cluster
    replica: Replica
    servers: tuple[Server, Server]
    since: float

    def read_while(self, act: Callable[[], object]) -> tuple[int, int]:
        """Statements that read tasks, on the primary and on the replica."""
        before = self._reads()
        act()
        after = self._reads()
        return after[0] - before[0], after[1] - before[1]

    def wait_for_a_read_of_the_replica(self, act: Callable[[], object]) -> None:
        """By the replica alone; a machine with much to do may bring about others before."""

        def comes_from_there() -> bool:
            on_primary, on_replica = self.read_while(act)
            return not on_primary and on_replica > 0

        wait_until(comes_from_there)

    def wait_for_replica(self) -> None:
        for server in self.servers:
            wait_for_state(server, "ok")
        self.replica.catch_up()

    def _reads(self) -> tuple[int, int]:
        return _reads_of(self.primary), _reads_of(self.replica)


def _reads_of(cluster: Cluster) -> int:
    return sum("FROM tasks_task" in entry for entry in cluster.log.read_text(errors="replace").split("LOG:  "))


class Person:
    """One session, over whichever server; ``others`` are of the same user."""

    def __init__(self, user_id: str, token: str, *others: str) -> None:
        self.id, self.tasks, self._token = user_id, f"/api/{user_id}/tasks", token
        self.others = [Person(user_id, other) for other in others]

    def send(self, server: Server, path: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        status, _, content = server.send(path, sent, method=method, **headers)
        return status, json.loads(content) if content else None

    def make(self, server: Server, title: str) -> str:
        status, task = self.send(server, self.tasks, {"title": title})
        assert status == 201
        return f"{self.tasks}/{task['id']}"

    def titles(self, server: Server) -> list[str]:
        status, page = self.send(server, self.tasks)
        assert status == 200
        if "total" in page:
            assert page["total"] == len(page["tasks"])
        return [task["title"] for task in page.get("data", page.get("tasks"))]


def state(server: Server) -> str:
    """Of the replica, as readiness has it."""
    return str(json.loads(server.send("/health/ready")[2])["checks"]["replica"])


def wait_for_state(server: Server, wanted: str) -> None:
    wait_until(lambda: state(server) == wanted)


def settings(primary: Cluster, replica_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": primary.url, "DATABASE_REPLICA_URL": replica_url, "WEB_CONCURRENCY": "1",
        "AUTH_RATE_LIMIT": "9999/s", "API_RATE_LIMIT": "99999/s",
    }  # fmt: skip


@pytest.fixture(scope="module")
def place(database: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    binaries, folder = postgres.find_binaries(), tmp_path_factory.mktemp("replica")
    assert binaries is not None
    ask(database, "ALTER ROLE todo SET log_statement = 'all'")
    assert output(MIGRATE, {"DATABASE_URL": database.url}) == ""
    with replica_of(database, binaries) as replica, ExitStack() as stack:
        since, settled = time.monotonic(), settings(database, replica.url)
        first = stack.enter_context(serving(folder / "first", settled))
        # It counts the tasks too, by a second statement.
        second = stack.enter_context(serving(folder / "second", settled | {"LIST_ENVELOPE": "tasks"}))
        yield Place(database, replica, (first, second), since)


@pytest.fixture(scope="module")
def people(place: Place) -> Iterator[Person]:
    made = json.loads(output(("-c", PEOPLE), {"DATABASE_URL": place.primary.url}))
    return iter([Person(*person) for person in made])


@pytest.fixture
def alice(people: Iterator[Person]) -> Person:
    return next(people)


@pytest.fixture
def bob(people: Iterator[Person]) -> Person:
    return next(people)


def test_lists_and_reads_come_from_the_replica(place: Place, alice: Person) -> None:
    first, second = place.servers
    task = alice.make(first, "Buy milk")
    place.wait_for_replica()

    for path in (alice.tasks, task, f"{alice.tasks}?search=milk&ordering=title", f"{alice.tasks}?status=completed"):
        for server in place.servers:
            place.wait_for_a_read_of_the_replica(partial(alice.send, server, path))
    assert alice.titles(second) == ["Buy milk"]
    assert alice.send(second, task)[1]["title"] == "Buy milk"
    assert alice.send(first, f"{alice.tasks}/{alice.id}")[0] == 404


def test_what_was_changed_is_asked_of_the_primary(place: Place, alice: Person) -> None:
    alice.make(place.servers[0], "Buy milk")
    place.wait_for_replica()

    def act() -> None:
        assert alice.send(place.servers[0], f"/api/{alice.id}/changes?since=0")[1]["data"]
        assert alice.send(place.servers[0], f"{alice.tasks}/trash")[0] == 200

    assert place.read_while(act)[1] == 0


def test_each_session_reads_what_one_has_written_while_the_replica_stands_still(
    place: Place, alice: Person, bob: Person
) -> None:
    first, second = place.servers
    (other,) = alice.others
    kept, gone = alice.make(first, "Buy milk"), alice.make(first, "Buy bread")
    bob.make(second, "Bob's")
    place.wait_for_replica()

    with place.replica.paused():
        assert alice.send(first, kept, {"title": "Buy cheese"}, "PATCH")[0] == 200
        for server in place.servers:
            for session in (alice, other):
                assert session.titles(server) == ["Buy bread", "Buy cheese"]
                assert session.send(server, kept)[1]["title"] == "Buy cheese"
        assert other.send(second, gone, method="DELETE")[0] == 204
        other.make(second, "Buy wine")
        for server in place.servers:
            for session in (alice, other):
                assert session.titles(server) == ["Buy wine", "Buy cheese"]
                assert session.send(server, gone)[0] == 404
            # Nobody else has to do without it.
            place.wait_for_a_read_of_the_replica(partial(bob.titles, server))
            assert bob.titles(server) == ["Bob's"]

    place.wait_for_replica()
    place.wait_for_a_read_of_the_replica(partial(alice.titles, second))
    assert alice.titles(second) == ["Buy wine", "Buy cheese"]


def _log_out(place: Place, person: Person) -> None:
    assert person.send(place.servers[0], "/api/auth/logout", {})[0] == 200


def _change_password(place: Place, person: Person) -> None:
    """In another session, which ends the others."""
    (other,) = person.others
    words = {"current_password": PASSWORD, "new_password": f"{PASSWORD} and more"}
    assert other.send(place.servers[0], "/api/auth/password", words)[0] < 300


def _disable(place: Place, person: Person) -> None:
    ask(place.primary, "UPDATE accounts_user SET is_active = false WHERE id = %s", person.id)


def _delete_account(place: Place, person: Person) -> None:
    assert person.send(place.servers[0], "/api/auth/me", {"password": PASSWORD}, "DELETE")[0] == 204


@pytest.mark.parametrize("end", [_log_out, _change_password, _disable, _delete_account])
def test_whoever_may_come_in_no_more_is_refused_at_once(
    place: Place, alice: Person, end: Callable[[Place, Person], None]
) -> None:
    task = alice.make(place.servers[0], "Buy milk")
    place.wait_for_replica()

    with place.replica.paused():
        place.wait_for_a_read_of_the_replica(partial(alice.titles, place.servers[0]))
        end(place, alice)
        for server in place.servers:
            assert alice.send(server, alice.tasks)[0] == 401
            assert alice.send(server, task)[0] == 401


def test_a_token_that_was_revoked_opens_nothing_more(place: Place, alice: Person) -> None:
    first, second = place.servers
    alice.make(first, "Buy milk")
    status, made = alice.send(first, "/api/auth/tokens", {"name": "script", "scopes": ["tasks:read"]})
    assert status == 201
    program = Person(alice.id, made["token"])
    place.wait_for_replica()

    with place.replica.paused():
        place.wait_for_a_read_of_the_replica(partial(program.titles, second))
        assert program.send(second, alice.tasks, {"title": "No"})[0] == 403
        assert alice.send(first, f"/api/auth/tokens/{made['id']}", method="DELETE")[0] == 204
        assert program.send(second, alice.tasks)[0] == 401


def test_an_admin_no_more_sees_nobody_else(place: Place, alice: Person, bob: Person) -> None:
    ask(place.primary, "UPDATE accounts_user SET role = 'admin' WHERE id = %s", alice.id)
    bob.make(place.servers[0], "Bob's")
    place.wait_for_replica()

    with place.replica.paused():
        assert alice.send(place.servers[0], f"/api/admin/users/{bob.id}/tasks")[0] == 200
        ask(place.primary, "UPDATE accounts_user SET role = 'user' WHERE id = %s", alice.id)
        for server in place.servers:
            assert alice.send(server, f"/api/admin/users/{bob.id}/tasks")[0] == 403
            assert alice.send(server, bob.tasks)[0] == 403


def test_the_replica_too_shows_each_owner_their_own_rows(place: Place, alice: Person, bob: Person) -> None:
    for person in (alice, bob):
        person.make(place.servers[0], "Buy milk")
    place.wait_for_replica()

    with psycopg.connect(place.replica.url) as stranger:
        assert stranger.execute("SELECT count(*) FROM tasks_task").fetchone() == (0,)
        stranger.execute("SELECT set_config('app.user_id', %s, true)", [alice.id])
        assert stranger.execute("SELECT user_id FROM tasks_task").fetchall() == [(alice.id,)]


@contextmanager
def load(place: Place, person: Person) -> Iterator[list[int]]:
    """The statuses of requests that go on all the while, reads and a few changes."""
    statuses: list[int] = []
    is_over = threading.Event()

    def work(number: int) -> None:
        server = place.servers[number % 2]
        while not is_over.is_set():
            statuses.append(person.send(server, person.tasks)[0])
            if number == 0:
                statuses.append(person.send(server, person.tasks, {"title": "One more"})[0])

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work, number) for number in range(4)]
        try:
            yield statuses
        finally:
            is_over.set()
        for one in working:
            one.result()


def check_lines(place: Place) -> None:
    """A minute has one at most."""
    for server in place.servers:
        said = server.log.read_text()
        assert said.count(SAID) <= 1 + (time.monotonic() - place.since) / 60
        assert "'replica'" not in said


def test_no_request_fails_while_the_replica_goes_and_comes(place: Place, alice: Person, bob: Person) -> None:
    bob.make(place.servers[0], "Bob's")
    place.wait_for_replica()

    with load(place, alice) as statuses:
        wait_until(lambda: len(statuses) > 20)
        place.replica.stop(mode="immediate")
        try:
            seen = len(statuses)
            wait_until(lambda: len(statuses) > seen + 20)
            for server in place.servers:
                wait_for_state(server, "failed")
                status, _, body = server.send("/health/ready")
                assert (status, json.loads(body)["status"]) == (200, "degraded")
        finally:
            place.replica.start()
        place.wait_for_replica()

    assert set(statuses) == {200, 201}
    check_lines(place)
    place.wait_for_a_read_of_the_replica(partial(bob.titles, place.servers[0]))


def test_no_request_fails_while_the_replica_is_frozen(place: Place, alice: Person, bob: Person) -> None:
    bob.make(place.servers[0], "Bob's")
    place.wait_for_replica()

    with load(place, alice) as statuses:
        wait_until(lambda: len(statuses) > 20)
        with place.replica.frozen():
            seen = len(statuses)
            wait_until(lambda: len(statuses) > seen + 20)
            for server in place.servers:
                wait_for_state(server, "failed")
        place.wait_for_replica()

    assert set(statuses) == {200, 201}
    check_lines(place)
    place.wait_for_a_read_of_the_replica(partial(bob.titles, place.servers[0]))


def test_what_is_no_replica_is_left_alone(
    place: Place, alice: Person, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # As one that has been made the primary meanwhile.
    itself = place.primary.url.replace("127.0.0.1", "localhost")
    alice.make(place.servers[0], "Buy milk")

    with serving(tmp_path_factory.mktemp("itself") / "log", settings(place.primary, itself)) as server:
        assert alice.titles(server) == ["Buy milk"]
        assert state(server) == "failed"
        assert alice.titles(server) == ["Buy milk"]
        wait_until(lambda: "it is no replica (any more)" in server.log.read_text())
