"""``CPU_AFFINITY``: which processors the workers run on."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from accounts.services import find_by_credentials
from core import processors
from core.errors import Unauthenticated
from core.rest.client import command
from testing.databases import copied_database
from testing.service import Server, run, serving, wait_until

ALL = set(processors.usable())
pytestmark = pytest.mark.skipif(len(ALL) < 2, reason="There is one processor here, which all run on.")


@contextmanager
def running(template: str, home: Path, **settings: str) -> Iterator[Server]:
    with copied_database(template, home) as url, serving(home / "log", {"DATABASE_URL": url, **settings}) as server:
        yield server


def workers(server: Server) -> list[int]:
    master = server.process.pid
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def kept_to(pid: int) -> set[frozenset[int]]:
    """By each of a process's threads."""
    return {frozenset(os.sched_getaffinity(int(task.name))) for task in Path(f"/proc/{pid}/task").iterdir()}


def have_one_each(server: Server) -> bool:
    places = [kept_to(pid) for pid in workers(server)]
    return (
        len(places) == len(ALL)
        and set.union(*places) == {frozenset({one}) for one in ALL}
        and all(len(place) == 1 for place in places)
    )


def test_as_many_processes_as_processors_have_one_each(template: str, tmp_path: Path) -> None:
    with running(template, tmp_path, WEB_CONCURRENCY=str(len(ALL))) as server:
        wait_until(lambda: have_one_each(server))
        assert os.sched_getaffinity(server.process.pid) == ALL

        # The one who comes in its place takes the processor that is free now, whichever that is.
        for gone in workers(server):
            os.kill(gone, signal.SIGKILL)
            wait_until(lambda gone=gone: gone not in workers(server) and have_one_each(server))  # type: ignore[misc] # of the turn
        assert server.is_healthy()


@pytest.mark.parametrize(
    "settings",
    [{"WEB_CONCURRENCY": "1"}, {"WEB_CONCURRENCY": str(len(ALL)), "CPU_AFFINITY": "false"}],
    ids=["fewer", "off"],
)
def test_elsewhere_they_run_on_any(settings: dict[str, str], template: str, tmp_path: Path) -> None:
    with running(template, tmp_path, **settings) as server:
        wait_until(lambda: len(workers(server)) == int(settings["WEB_CONCURRENCY"]))
        assert all(kept_to(pid) == {frozenset(ALL)} for pid in workers(server))


def test_fewer_have_one_each_where_it_is_asked_for(template: str, tmp_path: Path) -> None:
    with running(template, tmp_path, WEB_CONCURRENCY="1", CPU_AFFINITY="true") as server:
        (worker,) = workers(server)
        assert kept_to(worker) == {frozenset({min(ALL)})}


def test_a_value_that_is_none_ends_the_start(tmp_path: Path) -> None:
    done = run(("-m", "gunicorn", "todo_project.wsgi"), {"CPU_AFFINITY": "0-3", "DATABASE_URL": "sqlite:///none"})

    assert done.returncode == 1
    assert "Configuration error: CPU_AFFINITY" in done.stderr


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadPoolExecutor]:
    """A thread that is kept to one processor, as all of a worker's are."""
    monkeypatch.setattr(processors, "_before", set())
    with ThreadPoolExecutor(1) as thread:
        thread.submit(processors.keep_to, min(ALL)).result()
        assert thread.submit(os.sched_getaffinity, 0).result() == {min(ALL)}
        yield thread


def test_a_password_is_hashed_on_any(kept: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[int]] = []

    def look(*_: object, **__: object) -> str:
        seen.append(os.sched_getaffinity(0))
        return "!"

    monkeypatch.setattr("django.contrib.auth.base_user.make_password", look)
    monkeypatch.setattr("django.contrib.auth.hashers.check_password", look)
    user = User(email="a@example.com")
    kept.submit(user.set_password, "A password").result()
    kept.submit(user.check_password, "A password").result()

    assert seen == [ALL, ALL]
    assert kept.submit(os.sched_getaffinity, 0).result() == {min(ALL)}


@pytest.mark.django_db(transaction=True)
def test_a_login_of_nobody_takes_as_long(kept: ThreadPoolExecutor, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[int]] = []
    monkeypatch.setattr("accounts.services.make_password", lambda _: seen.append(os.sched_getaffinity(0)))

    def log_in() -> None:
        with pytest.raises(Unauthenticated):
            find_by_credentials(email="nobody@example.com", password="A password", client=command("test"))
        connection.close()

    kept.submit(log_in).result()

    assert seen == [ALL]


def test_processors_that_were_taken_away_meanwhile_fail_nothing(kept: ThreadPoolExecutor) -> None:
    processors._before.clear()  # noqa: SLF001 - what a container had
    processors._before.add(max(ALL) + 1000)  # noqa: SLF001 - as above

    def look() -> set[int]:
        with processors.on_any():
            return os.sched_getaffinity(0)

    assert kept.submit(look).result() == {min(ALL)}


def test_only_that_thread_leaves_and_comes_back_whatever_happens(kept: ThreadPoolExecutor) -> None:
    with ThreadPoolExecutor(1, initializer=processors.keep_to, initargs=(max(ALL),)) as other:
        meanwhile = threading.Barrier(2)

        def fail() -> None:
            with processors.on_any():
                meanwhile.wait(10)
                meanwhile.wait(10)
                raise OSError

        failing = kept.submit(fail)
        meanwhile.wait(10)
        assert other.submit(os.sched_getaffinity, 0).result() == {max(ALL)}
        meanwhile.wait(10)
        assert isinstance(failing.exception(), OSError)
        assert kept.submit(os.sched_getaffinity, 0).result() == {min(ALL)}
