"""PostgreSQL that is silent, locked, read-only, full or away."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Final

from testing.chaos import network
from testing.chaos.load import PASSWORD, Client, Person, Record, merged, reads, running, sign_up, writes
from testing.chaos.place import Place, readiness
from testing.chaos.prober import probing
from testing.chaos.table import Findings
from testing.service import Server, wait_until

# A line of the access log: time, method, route, status.
ACCESS: Final = re.compile(r"\S+ [A-Z]+ \S+ \d{3} ")
WRITERS: Final = 24
SILENT_SECONDS: Final = 8.0
LOCKED_SECONDS: Final = 15.0
AWAY_SECONDS: Final = 3.0


def run(place: Place) -> list[Findings]:
    return [
        _frozen(place),
        *_swallowed(place),
        _locked(place),
        _read_only(place),
        _away(place),
        _without_connections(place),
    ]


@contextmanager
def _watched(server: Server, person: Person, mark: str) -> Iterator[tuple[list[Client], Record, Record]]:
    """Writers and readers, and the two probes, whose records are filled at the end."""
    clients = [Client(server.port, person.headers, writes(person, f"{mark} {number}")) for number in range(WRITERS)]
    clients += [Client(server.port, person.headers, reads(person)) for _ in range(4)]
    with (
        probing(server.port, "/health") as health,
        probing(server.port, "/health/ready", 0.3) as ready,
        running(clients),
    ):
        time.sleep(1)
        yield clients, health, ready


def _answers_in_time(found: Findings, record: Record) -> None:
    found.at_most("the slowest answer", record.slowest(), 5)
    found.none("other answers than 200, 201 and 503", record.other_than(200, 201, 503))
    found.none(
        "503 without Retry-After", sum(answer.outcome == 503 and not answer.retry_after for answer in record.answers)
    )


def _health(found: Findings, health: Record, begun: float, ended: float) -> None:
    """While the fault lasts: before and after it the clients keep both cores busy."""
    during = [answer.seconds for answer in health.since(begun).answers if answer.at < ended]
    found.at_most("the slowest /health", max(during), 0.1)


def _silent(found: Findings, server: Server, person: Person, fault: Callable[[], "object"]) -> None:
    with _watched(server, person, found.fault) as (clients, health, ready):
        with fault() as _:  # type: ignore[attr-defined] # a context
            begun = time.monotonic()
            time.sleep(SILENT_SECONDS)
        ended = time.monotonic()
        wait_until(lambda: any(answer.at > ended for answer in merged(clients).good()), 30)
        first = min(answer.at + answer.seconds for answer in merged(clients).good() if answer.at > ended - 4)
        time.sleep(1)
    record = merged(clients)
    _answers_in_time(found, record)
    _health(found, health, begun, ended)
    found.none("/health but 200", health.other_than(200))
    found.at_most("the slowest readiness", ready.slowest(), 2)
    found.holds("readiness says", dict(Record(ready.since(begun + 2).answers).outcomes()), "503 among it",
                holds=503 in ready.outcomes())  # fmt: skip
    found.at_most("served again after", max(0.0, first - ended), 2)
    found.none("acknowledged writes lost", len(record.acknowledged() - person.titles()))


def _frozen(place: Place) -> Findings:
    found = Findings("PostgreSQL frozen (SIGSTOP)")
    with place.server("frozen") as server:
        _silent(found, server, sign_up(server, "frozen@example.com"), place.cluster.frozen)
    return found


def _swallowed(place: Place) -> Iterator[Findings]:
    found = Findings("a network that swallows packets")
    if reason := network.why_not():
        found.holds("not tried", reason, "root, and a network of our own", holds=True)
        yield found
        return
    with ExitStack() as stack:
        link = stack.enter_context(network.link_to(place.cluster))
        server = stack.enter_context(place.server("swallowed", DATABASE_URL=link.url))
        _silent(found, server, sign_up(server, "swallowed@example.com"), link.cut)
    yield found


def _locked(place: Place) -> Findings:
    found = Findings(f"a lock on the tasks for {LOCKED_SECONDS:.0f} s, {WRITERS} writers")
    with place.server("locked") as server, place.database() as database:
        person = sign_up(server, "locked@example.com")
        with _watched(server, person, "Locked") as (clients, health, ready):
            with database.transaction():
                database.execute("LOCK TABLE tasks_task IN SHARE ROW EXCLUSIVE MODE")
                begun = time.monotonic()
                time.sleep(LOCKED_SECONDS)
            ended = time.monotonic()
            time.sleep(1)
        record = merged(clients)
        _answers_in_time(found, record)
        reading = Record([answer for client in clients[WRITERS:] for answer in client.record.since(begun).answers])
        found.holds("reads meanwhile", f"{len(reading.good())} of {len(reading.answers)}", "some served",
                    holds=bool(reading.good()))  # fmt: skip
        _health(found, health, begun, ended)
        found.at_most("the slowest readiness", ready.slowest(), 2)
        found.none("acknowledged writes lost", len(record.acknowledged() - person.titles()))
    return found


def _read_only(place: Place) -> Findings:
    found = Findings("PostgreSQL read-only")
    with place.server("read-only") as server, place.database() as database:
        person = sign_up(server, "read-only@example.com")
        person.ask("POST", person.tasks, {"title": "Before"})
        database.execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
        try:
            # As a failover does: sessions begin anew.
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'todo'")
            clients = [Client(server.port, person.headers, writes(person, "During")) for _ in range(8)]
            reading = [Client(server.port, person.headers, reads(person)) for _ in range(4)]
            before = len(server.log.read_text().splitlines())
            began = time.monotonic()
            with running([*clients, *reading]):
                time.sleep(4)
                status, _, problem = person.ask("POST", person.tasks, {"title": "During"})
                found.equal("a write", f"{status} {problem['code']}", "503 read_only")
                body = {"email": person.email, "password": PASSWORD}
                status, _, problem = person.ask("POST", "/api/auth/login", body)
                found.equal("a login", f"{status} {problem['code']}", "503 read_only")
                found.equal("readiness", readiness(server), (200, "degraded"))
        finally:
            database.execute("SET default_transaction_read_only = off")
            database.execute("ALTER DATABASE postgres RESET default_transaction_read_only")
        found.none("writes but 503", merged(clients).other_than(503))
        found.none("reads but 200", merged(reading).other_than(200))
        _quiet(found, server, before, time.monotonic() - began)
        database.execute("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = 'todo'")
        ended = time.monotonic()
        wait_until(lambda: person.ask("POST", person.tasks, {"title": "After"})[0] == HTTPStatus.CREATED, 30)
        found.at_most("written again after", time.monotonic() - ended, 1)
    return found


def _away(place: Place) -> Findings:
    found = Findings(f"PostgreSQL away {AWAY_SECONDS:.0f} s")
    with place.server("away") as server:
        person = sign_up(server, "away@example.com")
        with _watched(server, person, "Away") as (clients, health, _):
            before = len(server.log.read_text().splitlines())
            place.cluster.stop()
            stopped = time.monotonic()
            time.sleep(AWAY_SECONDS)
            place.cluster.start()
            back = time.monotonic()
            wait_until(lambda: any(answer.at + answer.seconds > back for answer in merged(clients).good()), 30)
            time.sleep(2)
        record = merged(clients)
        first = min(answer.at + answer.seconds for answer in record.good() if answer.at + answer.seconds > back)
        found.at_most("first success after its return", first - back, 1)
        _answers_in_time(found, record)
        _health(found, health, stopped, back)
        _quiet(found, server, before, time.monotonic() - stopped)
        found.none("acknowledged writes lost", len(record.acknowledged() - person.titles()))
    return found


def _quiet(found: Findings, server: Server, before: int, seconds: float) -> None:
    said = [line for line in server.log.read_text().splitlines()[before:] if not ACCESS.match(line)]
    found.at_most("lines in the log, but the access log's", len(said), seconds + 1, "lines")
    if len(said) > seconds + 1:
        print("\n".join(said), file=sys.stderr)


def _without_connections(place: Place) -> Findings:
    found = Findings("PostgreSQL out of connections")
    with place.server("full") as server:
        person = sign_up(server, "full@example.com")
        with _watched(server, person, "Full") as (clients, health, ready):
            with place.database() as database:
                database.execute("ALTER ROLE todo CONNECTION LIMIT 1")
                database.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'todo'"
                )
            begun = time.monotonic()
            time.sleep(4)
            with place.database() as database:
                database.execute("ALTER ROLE todo CONNECTION LIMIT -1")
            lifted = time.monotonic()
            wait_until(lambda: len([a for a in merged(clients).good() if a.at > lifted]) > 20, 30)
        record = merged(clients)
        _answers_in_time(found, record)
        _health(found, health, begun, lifted)
        found.at_most("the slowest readiness", ready.slowest(), 2)
        found.none("acknowledged writes lost", len(record.acknowledged() - person.titles()))
    return found
