"""The image as its Dockerfile is built, run as carefully as compose and Kubernetes run it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from e2e.image.build import COMMIT, Image
from e2e.image.conftest import Run
from e2e.image.container import Container
from testing.service import free_port, wait_until

OWN: Final = (1000, 1000)
# As OpenShift runs any image: a user that it chose, and the group of root.
ANY: Final = (54321, 0)
JSON: Final = {"Content_Type": "application/json"}
# It drains 5 seconds, and takes requests 4 more.
STOPS_WITHIN: Final = 15.0
CANNOT: Final = "CommandError: The database file /data/db.sqlite3 cannot be used"


def sent(container: Container, path: str, body: Any = None, **headers: str) -> Any:
    content = None if body is None else json.dumps(body).encode()
    status, _, answer = container.server.send(path, content, **JSON, **headers)
    assert status in (200, 201), answer
    return json.loads(answer)


def titles(container: Container, user_id: str, **headers: str) -> list[str]:
    return [task["title"] for task in sent(container, f"/api/{user_id}/tasks", **headers)["data"]]


def test_it_is_made_for_an_ordinary_user(image: Image) -> None:
    assert image.config["User"] == "1000:1000"
    assert image.config["Entrypoint"] == ["/app/deploy/entrypoint.sh"]
    assert not list(image.root.glob("app/**/tests"))
    assert not [path for path in (image.root / "app").iterdir() if path.name.startswith(".")]
    # Built in the other stage.
    assert not (image.root / "usr" / "bin" / "gcc").exists()


@pytest.mark.parametrize("user", [OWN, ANY], ids=["own", "any"])
def test_it_serves_on_a_root_that_nobody_writes_and_stops_when_told(
    image: Image, run: Run, volume: Path, user: tuple[int, int], say: Callable[[str], None]
) -> None:
    person = {"email": "ada@example.com", "password": "a long enough phrase 42"}
    begun = time.monotonic()
    with run(user=user, data=volume) as container:
        wait_until(container.is_up)
        started = time.monotonic() - begun
        assert sent(container, "/health")["commit"] == COMMIT
        assert sent(container, "/health/ready")["status"] == "ready"
        pair = sent(container, "/api/auth/signup", person)
        tasks = f"/api/{pair['user']['id']}/tasks"
        sent(container, tasks, {"title": "Kept"}, Authorization=f"Bearer {pair['access_token']}")
        healthy = container.run(image.healthcheck)
        assert healthy.returncode == 0, healthy.stderr
        is_without_rights(container, user)
        stopping = time.monotonic()
        assert container.stop() == 0, container.log
        stopped = time.monotonic() - stopping
    assert stopped < STOPS_WITHIN
    assert "Traceback" not in container.log
    say(f"uid {user[0]}, gid {user[1]}: serves after {started:.1f} s, gone {stopped:.1f} s after SIGTERM")

    with run(user=user, data=volume) as container:
        wait_until(container.is_up)
        token = sent(container, "/api/auth/login", person)["access_token"]
        assert titles(container, pair["user"]["id"], Authorization=f"Bearer {token}") == ["Kept"]


def is_without_rights(container: Container, user: tuple[int, int]) -> None:
    status = container.run(["cat", "/proc/1/status"]).stdout
    told = dict(line.split(":\t", 1) for line in status.splitlines())
    assert told["Pid"] == "1"
    assert (set(told["Uid"].split()), set(told["Gid"].split())) == ({str(user[0])}, {str(user[1])})
    assert {told[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert told["NoNewPrivs"] == "1"
    refused = container.run(["touch", "/app/new"])
    assert refused.returncode == 1
    assert "Read-only file system" in refused.stderr


def test_its_health_check_fails_where_nobody_answers(image: Image, run: Run, volume: Path) -> None:
    with run(user=OWN, data=volume, DATABASE_URL=nobody()) as container:
        wait_until(lambda: "Waiting for the database" in container.log)
        assert container.run(image.healthcheck).returncode == 1


def test_process_1_obeys_while_it_waits_for_the_database(run: Run, volume: Path) -> None:
    with run(user=OWN, data=volume, DATABASE_URL=nobody()) as container:
        wait_until(lambda: "Waiting for the database" in container.log)
        begun = time.monotonic()
        # Of the minute that it waits.
        assert container.stop() == 143
        assert time.monotonic() - begun < STOPS_WITHIN


def nobody() -> str:
    return f"postgresql://todo:x@127.0.0.1:{free_port()}/todo"


def test_a_volume_of_somebody_else_is_one_line(run: Run, volume: Path) -> None:
    with run(user=(54321, 54321), data=volume) as container:
        assert container.ends() == 1
    (line,) = container.log.splitlines()
    assert line.startswith(
        f"{CANNOT} by uid 54321, gid 54321: /data may not be entered (it belongs to uid 1000, gid 0, "
    )


def test_without_a_volume_a_root_that_nobody_writes_is_one_line(run: Run) -> None:
    with run(user=OWN) as container:
        assert container.ends() == 1
    (line,) = container.log.splitlines()
    assert line.startswith(
        f"{CANNOT} by uid 1000, gid 1000: /data is on a filesystem that can only be read; mount a volume"
    )
