"""The start as an operator sees it: real processes, their exit codes and what they print."""

import json
import math
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import todo_project
from testing.callers import in_parallel
from testing.service import (
    CHECK,
    GUNICORN,
    KEY,
    answering,
    copy_code,
    environment,
    free_port,
    output,
    run,
    serving,
    wait_until,
)

pytestmark = pytest.mark.once

BAD = [
    ({"PORT": "eighty"}, "PORT"),
    ({"HOST": "not a host"}, "HOST"),
    ({"DATABASE_URL": "postgresql://user:hidden@host:port/db"}, "DATABASE_URL"),
    ({"SECRET_KEY": "hidden"}, "SECRET_KEY"),
    ({"BETTER_AUTH_SECRET": KEY}, "BETTER_AUTH_SECRET"),
    ({"ENVIRONMENT": "production"}, "ALLOWED_HOSTS"),
    ({"CSRF_TRUSTED_ORIGINS": "*"}, "CSRF_TRUSTED_ORIGINS"),
]

# The .env of the checkout is read.
FROM_FILE = {"ENV_FILE": None}
NO_SECRET = {"SECRET_KEY": None}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_code(tmp_path_factory.mktemp("start") / "code")


def assert_one_line(done: subprocess.CompletedProcess[str], variable: str) -> str:
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Configuration error: {variable} ")
    assert "hidden" not in line
    assert done.stdout == ""
    return line


@pytest.mark.parametrize("program", [CHECK, GUNICORN], ids=["manage", "gunicorn"])
@pytest.mark.parametrize(("settings", "variable"), BAD, ids=[variable for _, variable in BAD])
def test_a_bad_value_ends_the_start_in_one_line(
    home: Path, program: tuple[str, ...], settings: dict[str, str], variable: str
) -> None:
    done = run(program, settings, home=home)
    assert_one_line(done, variable)


def test_a_bad_value_of_the_file_ends_the_start_too(home: Path) -> None:
    file = home / ".env"
    file.write_text("PORT=eighty\n")
    try:
        assert_one_line(run(CHECK, FROM_FILE, home=home), "PORT")
        file.write_bytes(b"PORT=\xff\n")
        assert_one_line(run(GUNICORN, FROM_FILE, home=home), "ENV_FILE")
    finally:
        file.unlink()


def test_a_host_that_does_not_resolve_ends_the_start_in_one_line(home: Path) -> None:
    assert_one_line(run(GUNICORN, {"HOST": "no-such-host.invalid"}, home=home), "HOST")


def test_first_starts_make_one_secret_that_stays(home: Path) -> None:
    file = home / ".dev-secret"
    for done in in_parallel([lambda: run(CHECK, NO_SECRET, home=home)] * 2):
        assert (done.returncode, done.stderr) == (0, "")
    made = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.glob(".dev-secret*")] == [".dev-secret"]
    assert run(CHECK, NO_SECRET, home=home).returncode == 0
    assert file.read_text() == made
    file.unlink()


def test_a_directory_that_cannot_be_written_is_a_clear_line(home: Path) -> None:
    # Root may write anywhere, unless it gives up that right.
    under = ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()
    if under and not shutil.which(under[0]):
        pytest.skip("root without setpriv")
    home.chmod(0o555)
    try:
        done = run(CHECK, NO_SECRET, home=home, under=under)
    finally:
        home.chmod(0o755)
    assert "Permission denied" in assert_one_line(done, "SECRET_KEY")


@pytest.mark.parametrize("program", [CHECK, (*GUNICORN, "--check-config")], ids=["manage", "gunicorn"])
def test_aliases_that_differ_are_one_line_in_the_log(home: Path, program: tuple[str, ...]) -> None:
    done = run(program, {"JWT_SECRET": KEY[::-1]}, home=home)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert line.endswith("WARNING todo_project.apps [-] Configuration: JWT_SECRET differs from SECRET_KEY, which wins.")
    assert run(program, {"JWT_SECRET": KEY}, home=home).stderr == ""


def test_it_listens_where_it_is_told_and_says_so(home: Path) -> None:
    settings = {"HOST": "localhost", "DATABASE_URL": "sqlite:///:memory:", "WEB_CONCURRENCY": "1"}
    with serving(home / "log", settings, home=home) as server:
        # What is no clone knows no commit.
        told = json.loads(server.send("/health")[2])
        assert told == {"status": "healthy", "version": todo_project.__version__, "commit": None}
        said = server.log.read_text()
    base = server.base.replace("127.0.0.1", "localhost")
    assert f"Serving {base}  documentation {base}/docs  staff site {base}/admin/" in said
    assert "  row security: none, SQLite has one layer: the service\n" in said


def test_a_port_in_use_is_one_line_that_names_the_setting(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(GUNICORN, {"HOST": "127.0.0.1", "PORT": str(port)}, home=home)

    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "Starting gunicorn" not in line]
    assert lines == [f"Configuration error: PORT {port} cannot be had (Address already in use); another: PORT=9000."]


def test_each_name_that_is_nearly_a_setting_s_is_a_warning(home: Path) -> None:
    names = ["SECRET_KEYS", "secret_key", "DATABASE_URI", "ALLOWED_HOST", "TRUSTED_PROXY"]

    done = run(CHECK, dict.fromkeys(names, ""), home=home)

    assert done.returncode == 0
    warned = re.findall(r"Configuration: (\w+) is no setting of the service; ", done.stderr)
    assert sorted(warned) == sorted(names)
    assert len(done.stderr.splitlines()) == len(names)


def test_the_names_around_are_no_near_misses(home: Path) -> None:
    around = ("TEST_DATABASE_URL", "DATABASE_URL_UNPOOLED", "REDIS_TLS_URL", "HOSTNAME", "DB_PORT", "POSTGRES_PASSWORD")

    assert run(CHECK, dict.fromkeys(around, "x"), home=home).stderr == ""


def test_a_command_without_its_database_is_one_line_and_may_be_tried_again(home: Path) -> None:
    away = f"postgresql://todo:hidden@127.0.0.1:{free_port()}/todo"
    for command in (("migrate",), ("promote_admin", "ada@example.com"), ("prune",), ("migrate_when_ready", "--wait=0")):
        done = run(("manage.py", *command), {"DATABASE_URL": away}, home=home)

        assert done.returncode == 75
        assert done.stdout == ""
        line = [line for line in done.stderr.splitlines() if not line.startswith("Waiting for")]
        assert len(line) == 1
        assert "refused" in line[0]
        assert "hidden" not in line[0]


def test_the_client_of_redis_is_not_loaded_without_one(home: Path) -> None:
    program = "import sys, todo_project.urls; print([name for name in sys.modules if name == 'redis'])"

    assert output(("manage.py", "shell", "--verbosity=0", f"--command={program}"), {}, home=home) == "[]\n"


@pytest.mark.parametrize("kind", ["production", "development"])
def test_the_staff_site_s_cookies_keep_to_https_in_production(home: Path, kind: str) -> None:
    # Django's own check of the first (security.W016) looks for its middleware by name.
    program = "from django.conf import settings as s; print(s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_SECURE)"
    settings = {"ENVIRONMENT": kind, "ALLOWED_HOSTS": "todo.example.com"}

    told = output(("manage.py", "shell", "--verbosity=0", f"--command={program}"), settings, home=home)

    assert told == f"{kind == 'production'} {kind == 'production'}\n"


def test_a_command_before_the_migrations_is_one_line(home: Path, tmp_path: Path) -> None:
    done = run(("manage.py", "prune"), {"DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3"}, home=home)

    assert (done.returncode, done.stderr) == (1, "The database is not up to date: run manage.py migrate first.\n")


def test_two_that_migrate_one_new_file_both_succeed(home: Path, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/both.sqlite3"}

    for done in in_parallel([lambda: run(("manage.py", "migrate_when_ready"), settings, home=home)] * 3):
        assert (done.returncode, done.stdout) == (0, "The database is up to date.\n"), done.stderr
        assert "Traceback" not in done.stderr


def test_a_server_that_reloads_serves_what_was_changed(tmp_path: Path) -> None:
    home = copy_code(tmp_path / "code")
    command = [sys.executable, *GUNICORN, "--reload"]
    port = free_port()
    settings = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "1", "DATABASE_URL": "sqlite:///:memory:"}
    saved_at = -math.inf
    with answering(command, port, tmp_path / "log", environment(settings), home=home) as server:

        def serves_it() -> bool:
            nonlocal saved_at
            # A file has changed from gunicorn's second look at it on, a second or more after the start: save again.
            if time.monotonic() - saved_at > 5:
                (tmp_path / "saved").write_text('__version__ = "9.9.9"\n')
                (tmp_path / "saved").replace(home / "todo_project" / "__init__.py")
                saved_at = time.monotonic()
            try:
                return b'"9.9.9"' in server.send("/")[2]
            # In the moment in which one worker goes and the next comes.
            except OSError:
                return False

        wait_until(serves_it)


def test_a_database_that_is_away_does_not_stop_the_start(home: Path) -> None:
    away = f"postgresql://todo:hidden@127.0.0.1:{free_port()}/todo"
    with serving(home / "log", {"DATABASE_URL": away, "WEB_CONCURRENCY": "1"}, home=home) as server:
        assert server.send("/health")[0] == 200
        assert server.process.poll() is None
        said = server.log.read_text()
    assert "hidden" not in said
    assert "Traceback" not in said
