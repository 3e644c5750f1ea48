"""Processes that are told to leave, or are gone."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from testing.chaos.load import REFUSED, Client, Person, merged, probe, reads, running, sign_up, writes
from testing.chaos.place import Place, readiness, workers
from testing.chaos.prober import probing
from testing.chaos.table import Findings
from testing.service import Server, wait_until

DRAIN_SECONDS = 5


def run(place: Place) -> list[Findings]:
    return [_terminated(place), _reloaded(place), _orphaned(place), _killed_workers(place)]


def _mixed(server: Server, person: Person, mark: str) -> list[Client]:
    kept = [Client(server.port, person.headers, writes(person, f"{mark} kept {number}")) for number in range(3)]
    new = [Client(server.port, person.headers, writes(person, f"{mark} {n}"), keep=False) for n in range(3)]
    return [*kept, *new, *(Client(server.port, person.headers, reads(person)) for _ in range(3))]


def _terminated(place: Place) -> Findings:
    found = Findings("SIGTERM under load")
    with place.server("terminated", DRAIN_SECONDS=str(DRAIN_SECONDS)) as server:
        person = sign_up(server, "terminated@example.com")
        clients = _mixed(server, person, "Terminated")
        idle = [Client(server.port, {}, probe("/health")) for _ in range(50)]
        for client in idle:
            client.pause = 120
        with probing(server.port, "/health/ready", 0.05) as ready, running(clients):
            for client in idle:
                client.start()
            time.sleep(2)
            told = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: server.process.poll() is not None, 60)
            gone = time.monotonic()
        for client in idle:
            client.stop()
    record = merged(clients)
    last = max(answer.at + answer.seconds for answer in record.answers if answer.outcome != REFUSED)
    said = [answer for answer in ready.since(told).answers if answer.outcome == 503]
    found.at_most("readiness says 503 after", (said[0].at - told) if said else 99, 1)
    found.holds("requests are served for", f"{last - told:.1f} s", f"{DRAIN_SECONDS} s at least",
                holds=last - told >= DRAIN_SECONDS)  # fmt: skip
    found.none("accepted requests broken off", record.broken())
    found.none("other answers than 200 and 201", record.other_than(200, 201, REFUSED))
    found.at_most("gone after the last answer by", gone - last, 2)
    with place.server("terminated-after") as server:
        after = Person(server.port, person.id, person.headers, person.email)
        found.none("acknowledged writes lost", len(record.acknowledged() - after.titles()))
    return found


def _reloaded(place: Place) -> Findings:
    found = Findings("SIGHUP with kept connections")
    with place.server("reloaded", DRAIN_SECONDS=str(DRAIN_SECONDS)) as server:
        person = sign_up(server, "reloaded@example.com")
        clients = _mixed(server, person, "Reloaded")
        with probing(server.port, "/health/ready", 0.05) as ready, running(clients):
            for _ in range(2):
                time.sleep(1.5)
                before = workers(server)
                server.process.send_signal(signal.SIGHUP)
                wait_until(lambda before=before: not before & workers(server), 60)  # type: ignore[misc] # a default
        titles = person.titles()
    record = merged(clients)
    found.none("requests broken off", record.broken())
    found.none("other answers than 200 and 201", record.other_than(200, 201))
    found.none("readiness but 200", ready.other_than(200))
    found.none("acknowledged writes lost", len(record.acknowledged() - titles))
    return found


def _orphaned(place: Place) -> Findings:
    found = Findings("kill -9 of the master")
    with place.server("orphaned") as server, suppress(AssertionError):
        person = sign_up(server, "orphaned@example.com")
        clients = _mixed(server, person, "Orphaned")
        with running(clients):
            time.sleep(1)
            left = workers(server)
            server.process.kill()
            killed = time.monotonic()
            server.process.wait()
            wait_until(lambda: not any(_runs(worker) for worker in left), 60)
            found.at_most("workers gone after", time.monotonic() - killed, 2)
    with place.server("orphaned-after") as server:
        after = Person(server.port, person.id, person.headers, person.email)
        found.none("acknowledged writes lost", len(merged(clients).acknowledged() - after.titles()))
    return found


def _killed_workers(place: Place) -> Findings:
    found = Findings("kill -9 of the workers, one after the other")
    with place.server("killed") as server:
        person = sign_up(server, "killed@example.com")
        clients = _mixed(server, person, "Killed")
        with running(clients):
            for _ in range(4):
                time.sleep(0.7)
                wait_until(lambda: bool(workers(server)))
                os.kill(min(workers(server)), signal.SIGKILL)
            killed = time.monotonic()
            wait_until(lambda: readiness(server)[0] == 200, 60)
            found.at_most("ready again after", time.monotonic() - killed, 2)
            time.sleep(1)
        titles = person.titles()
    record = merged(clients)
    found.none("acknowledged writes lost", len(record.acknowledged() - titles))
    found.none("other answers than 200 and 201", record.other_than(200, 201, "broken off"))
    return found


def _runs(process: int) -> bool:
    """One that has ended may wait to be counted by whoever adopted it."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
