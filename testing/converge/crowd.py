"""Many replicas of one user's tasks, each used at random, over servers whose workers are killed meanwhile."""

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from testing.chaos.load import sign_up
from testing.chaos.place import workers
from testing.converge.audit import find_faults, read_journal
from testing.converge.line import Line
from testing.converge.replica import Change, Replica
from testing.service import Server

# Until the next sync, at most.
OFFLINE: Final = 12
TAGS: Final = ("home", "Work", "urgent")


@dataclass(frozen=True, slots=True)
class Size:
    clients: int
    operations: int
    # Between two workers' ends.
    kill_every_seconds: float

    @property
    def each(self) -> int:
        return -(-self.operations // self.clients)


@dataclass(slots=True)
class Findings:
    faults: list[str] = field(default_factory=list)
    operations: int = 0
    changes: int = 0
    tasks: int = 0
    cuts: int = 0
    repeats: int = 0
    replays: int = 0
    broken_off: int = 0
    lists_read: int = 0
    kills: int = 0

    def __str__(self) -> str:
        return (
            f"{self.operations} operations, {self.changes} changes of {self.tasks} tasks in the end; {self.cuts} cuts, "
            f"{self.broken_off} answers lost with {self.kills} workers, {self.repeats} requests repeated, "
            f"{self.replays} answers replayed, {self.lists_read} lists read; {len(self.faults)} faults"
        )


class Client:
    """One device and who uses it; all by chance, which the seed and its number begin."""

    def __init__(
        self, seed: int, number: int, servers: Sequence[Server], user_id: str, headers: dict[str, str]
    ) -> None:
        self._chance = random.Random(f"{seed} {number} use")  # noqa: S311 - to be repeated
        ports = [server.port for server in servers]
        self.line = Line(ports, headers, random.Random(f"{seed} {number} line"))  # noqa: S311 - as above
        self.replica = Replica(self.line, user_id, self._chance)
        self.changes: list[Change] = []
        self._user_id = user_id
        self._number = number

    def live(self, operations: int) -> None:
        self.replica.pull()
        left = operations
        while left > 0:
            count = min(left, self._chance.randint(1, OFFLINE))
            for _ in range(count):
                self.changes.append(self._do_something())
            left -= count
            if self._chance.random() < 0.03:
                self.replica.forget()
            self.replica.sync()
            self._restore_something()

    def _do_something(self) -> Change:
        mark = f"{self._number}-{len(self.changes)}"
        tasks = sorted(self.replica.tasks())
        act = self._chance.choices(["create", "update", "delete"], [35, 50, 15])[0] if tasks else "create"
        if act == "create":
            return self.replica.add({"title": mark, "tags": self._chance.sample(TAGS, self._chance.randint(0, 2))})
        task_id = self._chance.choice(tasks)
        if act == "delete":
            return self.replica.remove(task_id)
        more: dict[str, object] = self._chance.choice(
            [{}, {"completed": True}, {"completed": False}, {"priority": "high"}]
        )
        return self.replica.edit(task_id, {"description": mark, **more})

    def _restore_something(self) -> None:
        """From the trash, as whoever is online may; a change that the replicas read like all others."""
        if self._chance.random() < 0.2:
            _, page = self.line.ask("GET", f"/api/{self._user_id}/tasks/trash?limit=5")
            if page["data"]:
                task = self._chance.choice(page["data"])
                self.line.ask("POST", f"/api/{self._user_id}/tasks/{task['id']}/restore")


def run(seed: int, size: Size, servers: Sequence[Server], url: str) -> Findings:
    """``url``: of the database, for a look at the journal."""
    person = sign_up(servers[0], f"converge-{seed}@example.com")
    clients = [Client(seed, number, servers, person.id, person.headers) for number in range(size.clients)]
    with ThreadPoolExecutor(size.clients) as pool:

        def each(act: Callable[[Client], None]) -> None:
            list(pool.map(act, clients))

        with killing(seed, servers, size.kill_every_seconds) as killed:
            each(lambda client: client.live(size.each))
        # Nobody changes anything any more; then all see the same.
        each(lambda client: client.replica.push())
        each(lambda client: client.replica.pull())
    findings = _measure(clients, len(killed))
    findings.faults += _compare(clients)
    journal = read_journal(url, person.id)
    findings.faults += find_faults(journal, [change for client in clients for change in client.changes])
    if journal and journal[-1].version != clients[0].replica.version:
        findings.faults.append(f"the last change is {journal[-1].version}, the lists say {clients[0].replica.version}")
    findings.changes = len(journal)
    for client in clients:
        client.line.close()
    return findings


def _compare(clients: Sequence[Client]) -> Iterator[str]:
    truth, version = clients[0].replica.read_all()
    for number, client in enumerate(clients):
        replica = client.replica
        if replica.base != truth or replica.version != version or replica.outbox:
            differing = [key for key in truth.keys() | replica.base.keys() if truth.get(key) != replica.base.get(key)]
            yield f"client {number} at {replica.version} of {version} differs in {len(differing)}: {differing[:3]}"


def _measure(clients: Sequence[Client], kills: int) -> Findings:
    lines = [client.line for client in clients]
    return Findings(
        operations=sum(len(client.changes) for client in clients),
        tasks=len(clients[0].replica.base),
        cuts=sum(line.cuts for line in lines),
        repeats=sum(line.repeats for line in lines),
        replays=sum(line.replays for line in lines),
        broken_off=sum(line.broken_off for line in lines),
        lists_read=sum(client.replica.lists_read for client in clients),
        kills=kills,
    )


@contextmanager
def killing(seed: int, servers: Sequence[Server], every_seconds: float) -> Iterator[list[int]]:
    """A worker after the other, each as if the machine had no memory left."""
    chance = random.Random(f"{seed} killer")  # noqa: S311 - as above
    is_over = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while not is_over.wait(every_seconds * (0.5 + chance.random())):
            if alive := sorted(workers(chance.choice(servers))):
                pid = chance.choice(alive)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        is_over.set()
        thread.join()
