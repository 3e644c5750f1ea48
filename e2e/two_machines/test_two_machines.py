"""The web tier holds no state: whatever one instance said, the other goes on with."""

import json
import os
import re
import subprocess
import sys
import time
from typing import Any, Final

import psycopg

from testing.chaos.load import Client, merged, reads, running, sign_up, writes
from testing.service import ROOT
from testing.two_machines.front import Front

SECONDS: Final = 100


def ask(front: Front, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
    content = None if body is None else json.dumps(body).encode()
    status, answered, text = front.server.send(path, content, method=method, Content_Type="application/json", **headers)
    return status, answered, json.loads(text) if text else None


def test_the_clients_own_suite_passes_through_both(front: Front) -> None:
    before = front.answered()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider"],
        cwd=ROOT / "clients" / "python", env={**kept, "PYTHONPATH": "src", "TODO_URL": front.server.base},
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"^(\d+) passed", done.stdout, re.MULTILINE)[-1]) >= 20, done.stdout
    first, second = (now - then for now, then in zip(front.answered(), before, strict=True))
    # By turns.
    assert min(first, second) > 20
    assert abs(first - second) < (first + second) / 4


def test_one_session_goes_on_wherever_it_is_sent(front: Front) -> None:
    """Every step is another instance's: nginx sends them by turns."""
    before = front.answered()
    person = {"email": f"{time.monotonic_ns()}@example.com", "password": "a long enough phrase 42"}
    _, _, pair = ask(front, "POST", "/api/auth/signup", person)
    signed = {"Authorization": f"Bearer {pair['access_token']}"}
    tasks = f"/api/{pair['user']['id']}/tasks"
    key = {"Idempotency_Key": "the-same-twice-over"}
    made = [ask(front, "POST", tasks, {"title": "Once"}, **signed, **key) for _ in range(3)]
    assert [status for status, _, _ in made] == [201, 201, 201]
    assert len({task["id"] for _, _, task in made}) == 1
    assert [headers["Idempotency-Replayed"] for _, headers, _ in made] == [None, "true", "true"]

    task = made[0][2]
    for number in range(4):
        path = f"{tasks}/{task['id']}"
        _, headers, _ = ask(front, "GET", path, **signed)
        assert ask(front, "PATCH", path, {"title": f"{number}"}, **signed, If_Match=headers["ETag"])[0] == 200
        assert ask(front, "PATCH", path, {"title": "late"}, **signed, If_Match=headers["ETag"])[0] == 412
    assert ask(front, "GET", f"{tasks}/{task['id']}", **signed)[2]["title"] == "3"

    _, _, said = ask(front, "POST", f"{tasks.removesuffix('/tasks')}/chat", {"message": "delete everything"}, **signed)
    chat = f"{tasks.removesuffix('/tasks')}/chat"
    _, _, agreed = ask(front, "POST", chat, {"message": "yes", "conversation_id": said["conversation_id"]}, **signed)
    assert said["pending_action"]
    assert agreed["conversation_id"] == said["conversation_id"]
    assert ask(front, "GET", tasks, **signed)[2]["data"] == []

    # A logout here is one there, at once.
    assert ask(front, "POST", "/api/auth/logout", **signed)[0] in (200, 204)
    assert {ask(front, "GET", tasks, **signed)[0] for _ in range(6)} == {401}
    assert min(now - then for now, then in zip(front.answered(), before, strict=True)) >= 8


def test_the_services_role_may_do_no_more_than_rows(front: Front) -> None:
    url = front.place.settings["DATABASE_URL"].partition("?")[0]
    with psycopg.connect(url, prepare_threshold=None, autocommit=True) as service:
        for statement in (
            "DROP TABLE tasks_task",
            "ALTER TABLE tasks_task DISABLE ROW LEVEL SECURITY",
            "TRUNCATE tasks_task",
        ):
            try:
                service.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                continue
            raise AssertionError(statement)
    assert json.loads(front.server.send("/health/ready")[2])["checks"]["row_security"] == "ok"


def test_a_rolling_restart_under_load_loses_no_request(front: Front) -> None:
    person = sign_up(front.server, "rolling@example.com")
    clients = [Client(front.server.port, person.headers, reads(person)) for _ in range(3)]
    clients += [Client(front.server.port, person.headers, writes(person, f"R{n}"), keep=n % 2 == 0) for n in range(4)]
    for client in clients:
        client.pause = 0.01
    with running(clients):
        for number in range(2):
            time.sleep(0.5)
            front.restart(number)
        time.sleep(0.5)
    record = merged(clients)

    assert set(record.outcomes()) == {200, 201}
    assert record.acknowledged() <= person.titles()
    assert len(record.answers) > 200
