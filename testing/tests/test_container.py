import os
import re
import secrets
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from testing import image as images
from testing.image import Image
from testing.service import free_port, wait_until
from todo_project.management.commands.migrate_when_ready import LOCK

Start = Callable[..., "Container"]
SETTINGS = {
    "SECRET_KEY": "for-the-tests-of-the-container-only-and-long-enough",
    "ALLOWED_HOSTS": "localhost",
    "HOST": "127.0.0.1",
    "WEB_CONCURRENCY": "2",
}


class Container:
    """The entrypoint as a process, with the environment of the image and these settings."""

    def __init__(self, image: Image, log: Path, *command: str, **settings: str) -> None:
        self.port = free_port()
        self.env = image.env | SETTINGS | {"PORT": str(self.port)} | settings
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*image.entrypoint, *command],
                env=self.env,
                cwd=image.app,
                stdout=output,
                stderr=output,
                # A process group of its own, so that nothing survives a test that failed.
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=20) as answer:
            content: bytes = answer.read()
            return content

    def wait_until_healthy(self) -> None:
        def answers() -> bool:
            assert self.process.poll() is None, self.log
            with suppress(OSError):
                return bool(self.get("/health"))
            return False

        wait_until(answers)

    def ends(self, seconds: float = 60) -> int:
        return self.process.wait(seconds)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return images.build(tmp_path_factory.mktemp("image"))


@pytest.fixture
def start(image: Image, tmp_path: Path) -> Iterator[Start]:
    started: list[Container] = []

    def begin(*command: str, **settings: str) -> Container:
        started.append(Container(image, tmp_path / f"log-{len(started)}", *command, **settings))
        return started[-1]

    yield begin
    for container in started:
        with suppress(ProcessLookupError):
            os.killpg(container.process.pid, signal.SIGKILL)
        container.ends()


@pytest.fixture
def server() -> Iterator[psycopg.Connection]:
    with closing(psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True)) as connection:
        yield connection


@pytest.fixture
def database(server: psycopg.Connection) -> Iterator[str]:
    """The URL of a database that does not exist yet; dropped afterwards if it does by then."""
    name = f"container_{secrets.token_hex(6)}"
    yield re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", os.environ["TEST_DATABASE_URL"], count=1)
    server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def create(server: psycopg.Connection, url: str) -> None:
    server.execute(f"CREATE DATABASE {url.rpartition('/')[2].partition('?')[0]}")


@pytest.mark.once
def test_without_a_database_url_it_serves_from_a_file_on_the_volume_and_stops_when_told(
    image: Image, start: Start
) -> None:
    container = start()
    container.wait_until_healthy()

    assert b"Welcome" in container.get("/")
    assert b'"status":"ready"' in container.get("/health/ready")
    # The names of the collected files carry a hash, which only the manifest of the build knows.
    [script] = re.findall(rb'src="(/static/docs/swagger\.[0-9a-f]{12}\.js)"', container.get("/docs"))
    assert container.get(script.decode())
    assert (image.data / "db.sqlite3").stat().st_size > 0
    assert subprocess.run(image.healthcheck, env=container.env, check=False).returncode == 0

    container.process.send_signal(signal.SIGTERM)

    assert container.ends() == 0
    after = subprocess.run(image.healthcheck, env=container.env, capture_output=True, check=False)
    assert after.returncode == 1


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "value"), [("SECRET_KEY", "short"), ("ALLOWED_HOSTS", ""), ("DATABASE_URL", "mysql://x:y@z/w")]
)
def test_a_bad_setting_ends_the_start_with_one_line_that_names_it(start: Start, name: str, value: str) -> None:
    container = start(**{name: value})

    assert container.ends() == 1
    assert container.log.startswith(f"Configuration error: {name} ")
    assert container.log.count("\n") == 1


@pytest.mark.once
def test_arguments_are_run_instead(start: Start) -> None:
    container = start("python", "-c", "import os; print(os.environ['ENVIRONMENT']); raise SystemExit(7)")

    assert container.ends() == 7
    assert container.log == "production\n"


@pytest.mark.once
def test_a_file_that_cannot_be_opened_is_one_line(start: Start, tmp_path: Path) -> None:
    container = start(DATABASE_URL=f"sqlite:///{tmp_path}")

    assert container.ends() == 1
    assert container.log == (
        f"CommandError: The database file {tmp_path} cannot be used by uid {os.geteuid()}, gid {os.getegid()}:"
        f" {tmp_path} is a folder; name a file in DATABASE_URL, which may be one in it.\n"
    )


@pytest.mark.once
def test_a_database_that_stays_away_is_given_up_in_time(start: Start) -> None:
    url = f"postgresql://todo:not-to-be-logged@127.0.0.1:{free_port()}/todo"
    container = start("python", "manage.py", "migrate_when_ready", "--wait", "1", DATABASE_URL=url)

    assert container.ends() == 75
    waiting, given_up = container.log.splitlines()
    assert waiting.startswith("Waiting for the database: ")
    assert given_up.startswith("CommandError: The database did not answer within 1 s: ")
    assert "not-to-be-logged" not in container.log


@pytest.mark.once
def test_a_stop_while_it_waits_for_the_database_is_obeyed_at_once(start: Start) -> None:
    port = free_port()
    container = start(DATABASE_URL=f"postgresql://todo:x@127.0.0.1:{port}/todo")
    wait_until(lambda: "Waiting for the database" in container.log)
    children = Path(f"/proc/{container.process.pid}/task/{container.process.pid}/children")
    [migration] = children.read_text().split()

    container.process.send_signal(signal.SIGTERM)

    # Of the 60 seconds that it waits.
    assert container.ends(30) == 143
    assert not Path(f"/proc/{migration}").exists()


@pytest.mark.postgresql
def test_it_waits_for_a_database_that_comes_up_late(start: Start, server: psycopg.Connection, database: str) -> None:
    container = start(DATABASE_URL=database)
    wait_until(lambda: "Waiting for the database" in container.log)

    create(server, database)

    container.wait_until_healthy()
    assert b'"status":"ready"' in container.get("/health/ready")
    container.process.send_signal(signal.SIGTERM)
    assert container.ends() == 0


@pytest.mark.postgresql
def test_two_containers_that_start_at_once_on_an_empty_database_both_come_up(
    start: Start, server: psycopg.Connection, database: str
) -> None:
    create(server, database)
    with closing(psycopg.connect(database)) as holder:
        # A third one migrates, so that the two wait for their turn at the same point.
        holder.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        both = [start(DATABASE_URL=database), start(DATABASE_URL=database)]
        wait_until(lambda: all("Waiting for another instance" in one.log for one in both))
        assert holder.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)

    for container in both:
        container.wait_until_healthy()
        assert b'"status":"ready"' in container.get("/health/ready")
        assert "Traceback" not in container.log


@pytest.mark.postgresql
def test_it_does_not_wait_for_ever_for_another_instance(
    start: Start, server: psycopg.Connection, database: str
) -> None:
    create(server, database)
    with closing(psycopg.connect(database)) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        container = start("python", "manage.py", "migrate_when_ready", "--turn", "1", DATABASE_URL=database)

        assert container.ends() == 75
    assert container.log.endswith("CommandError: Another instance has been migrating for more than 1 s.\n")


@pytest.mark.once
def test_it_holds_no_tests_and_no_secrets(image: Image) -> None:
    names = {path.name for path in image.app.rglob("*")}
    assert not names & {"tests", "testing", "conftest.py", ".env", ".dev-secret", ".git"}
