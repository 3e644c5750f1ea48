"""Clients who go on as if nothing had happened, and write down what they get."""

import http.client
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from testing.service import Server

PATIENCE_SECONDS: Final = 60.0
JSON: Final = {"Content-Type": "application/json"}
# Nobody listens: whoever asks goes elsewhere.
REFUSED: Final = "refused"
# Somebody had taken the request.
BROKEN: Final = "broken off"

Kind = tuple[str, str, bytes | None]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    port: int
    id: str
    headers: dict[str, str]
    email: str

    @property
    def tasks(self) -> str:
        return f"/api/{self.id}/tasks"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any, Any]:
        """Status, headers, and what the body says."""
        with connected(self.port) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), self.headers)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, answer.headers, json.loads(content) if content else None

    def titles(self) -> set[str]:
        found: set[str] = set()
        cursor: str | None = ""
        while cursor is not None:
            status, _, body = self.ask("GET", f"{self.tasks}?limit=1000" + (cursor and f"&cursor={cursor}"))
            assert status == HTTPStatus.OK, body
            found |= {task["title"] for task in body["data"]}
            cursor = body["meta"]["next_cursor"]
        return found


PASSWORD: Final = "a long enough phrase 42"  # noqa: S105 - of people who live as long as the run


def sign_up(server: Server, name: str) -> Person:
    # A scenario may run twice.
    email = f"{time.monotonic_ns()}-{name}"
    body = json.dumps({"email": email, "password": PASSWORD}).encode()
    status, _, content = server.send("/api/auth/signup", body, Content_Type="application/json")
    assert status == HTTPStatus.CREATED, content
    pair = json.loads(content)
    return Person(server.port, pair["user"]["id"], {"Authorization": f"Bearer {pair['access_token']}", **JSON}, email)


@contextmanager
def connected(port: int, seconds: float = PATIENCE_SECONDS) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        yield connection
    finally:
        connection.close()


@dataclass(slots=True)
class Answered:
    at: float
    seconds: float
    # A status, or what else became of it.
    outcome: int | str
    retry_after: str | None = None
    title: str | None = None


@dataclass(slots=True)
class Record:
    answers: list[Answered] = field(default_factory=list)

    def outcomes(self) -> Counter[int | str]:
        return Counter(answer.outcome for answer in self.answers)

    def good(self) -> list[Answered]:
        return [answer for answer in self.answers if answer.outcome in (200, 201, 204)]

    def since(self, at: float) -> "Record":
        return Record([answer for answer in self.answers if answer.at >= at])

    def slowest(self) -> float:
        return max((answer.seconds for answer in self.answers), default=0.0)

    def p95(self) -> float:
        times = [answer.seconds for answer in self.answers]
        return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else self.slowest()

    def broken(self) -> int:
        return self.outcomes()[BROKEN]

    def acknowledged(self) -> set[str]:
        return {answer.title for answer in self.answers if answer.title and answer.outcome in (200, 201)}

    def other_than(self, *expected: int | str) -> dict[int | str, int]:
        return {outcome: count for outcome, count in self.outcomes().items() if outcome not in expected}


class Client(threading.Thread):
    """Sends one request after the other until it is told to stop, over a kept connection unless ``keep`` is False."""

    def __init__(self, port: int, headers: dict[str, str], make: Callable[[int], Kind], *, keep: bool = True) -> None:
        super().__init__(daemon=True)
        self.record = Record()
        self.pause = 0.0
        self._port, self._headers, self._make, self._keep = port, headers, make, keep
        self._stopped = threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        number = 0
        while not self._stopped.is_set():
            self.record.answers.append(self._ask(*self._make(number)))
            number += 1
            if self.pause or self.record.answers[-1].outcome == REFUSED:
                self._stopped.wait(self.pause or 0.05)
        self._hang_up()

    def stop(self) -> None:
        self._stopped.set()
        self.join(PATIENCE_SECONDS)

    def _ask(self, method: str, path: str, body: bytes | None) -> Answered:
        begun = time.monotonic()
        title = json.loads(body).get("title") if body else None
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
                self._connection.connect()
            self._connection.request(method, path, body, self._headers)
            answer = self._connection.getresponse()
            answer.read()
        except ConnectionRefusedError:
            self._hang_up()
            return Answered(begun, time.monotonic() - begun, REFUSED)
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return Answered(begun, time.monotonic() - begun, BROKEN)
        found = Answered(begun, time.monotonic() - begun, answer.status, answer.headers["Retry-After"], title)
        if not self._keep or answer.will_close:
            self._hang_up()
        return found

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


def reads(person: Person) -> Callable[[int], Kind]:
    return lambda _: ("GET", f"{person.tasks}?limit=20", None)


def writes(person: Person, mark: str) -> Callable[[int], Kind]:
    return lambda number: ("POST", person.tasks, json.dumps({"title": f"{mark} {number}"}).encode())


def probe(path: str) -> Callable[[int], Kind]:
    return lambda _: ("GET", path, None)


@contextmanager
def running(clients: Sequence[Client]) -> Iterator[None]:
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.stop()


def merged(clients: Sequence[Client]) -> Record:
    answers = [answer for client in clients for answer in client.record.answers]
    return Record(sorted(answers, key=lambda answer: answer.at))
