"""The commands of deploy/backup.md as they stand there: of a service at work, into the place of what is lost."""

import os
import re
import secrets
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from testing.postgres import Cluster, find_binaries
from testing.service import MIGRATE, ROOT, environment, output, run

pytestmark = pytest.mark.once

DOCUMENT = (ROOT / "deploy/backup.md").read_text()
BLOCKS = dict(re.findall(r"^```sh ([\w-]+)\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL))
PEOPLE = ("manage.py", "demo", "--users=3", "--tasks=5")


def do(block: str, tmp_path: Path, variables: Mapping[str, str]) -> None:
    """One block of the document, by a shell whose python3 is this one."""
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    if not (programs / "python3").exists():
        # Not a link: the environment is found by the program's own path.
        (programs / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (programs / "python3").chmod(0o755)
    path = f"{programs}:{find_binaries()}:{os.environ['PATH']}"
    subprocess.run(
        ["/bin/sh", "-euc", BLOCKS[block]], cwd=ROOT, env={**environment(variables), "PATH": path}, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def test_every_block_is_tried_here() -> None:
    assert set(BLOCKS) == {
        "sqlite-backup", "sqlite-restore", "postgres-role", "postgres-backup", "postgres-restore",
    }  # fmt: skip
    assert DOCUMENT.count("```sh") == len(BLOCKS)


def test_sqlite_is_backed_up_while_it_is_written_and_comes_back(tmp_path: Path) -> None:
    file, backups = tmp_path / "db.sqlite3", tmp_path / "backups"
    variables = {"DATABASE_FILE": str(file), "BACKUPS": str(backups)}
    settings = {"DATABASE_URL": f"sqlite:///{file}"}
    output(MIGRATE, settings)
    output(PEOPLE, settings)
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(file, timeout=30)) as database:
            while not stop.wait(0.001):
                database.execute("UPDATE tasks_task SET version = version + 1")
                database.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        do("sqlite-backup", tmp_path, variables)
    finally:
        stop.set()
        writer.join()
    # Half of the file, and a journal that fits nothing.
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    Path(f"{file}-wal").write_bytes(b"of another time")

    do("sqlite-restore", tmp_path, variables)

    with closing(sqlite3.connect(file)) as database:
        # Each statement of the writer's is in it whole: all tasks have been changed as often.
        assert database.execute("SELECT count(*), count(DISTINCT version) FROM tasks_task").fetchone() == (15, 1)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_newest_stay_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    file, backups = tmp_path / "db.sqlite3", tmp_path / "backups"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE kept (id INTEGER)")
    made = []
    for _ in range(4):
        done = run(
            ("deploy/backup.py", str(backups)), {"DATABASE_URL": f"sqlite:///{file}", "KEEP": "2", "NEON_DB_URL": None}
        )
        assert (done.returncode, done.stderr) == (0, "")
        made.append(Path(done.stdout.strip()))

    assert sorted(backups.iterdir()) == made[2:]
    assert backups.stat().st_mode & 0o077 == made[-1].stat().st_mode & 0o077 == 0


def test_a_backup_that_fails_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    done = run(("deploy/backup.py", str(tmp_path / "backups")), {"DATABASE_URL": f"sqlite:///{tmp_path}/none"})

    assert done.returncode == 1
    assert done.stderr.startswith("No backup was made: ")
    assert list((tmp_path / "backups").iterdir()) == []
    assert not (tmp_path / "none").exists()


def named(url: str, database: str, role: str = "", password: str = "") -> str:
    parts = urlsplit(url)
    netloc = f"{role}:{password}@{parts.hostname}:{parts.port}" if role else parts.netloc
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


def rows(cluster: Cluster, database: str) -> list[tuple[object, ...]]:
    """As the superuser, from whom nothing is hidden."""
    with psycopg.connect(named(cluster.url_of("postgres"), database)) as connection:
        return connection.execute("SELECT user_id, id, title, created_at FROM tasks_task ORDER BY id").fetchall()


@pytest.mark.parametrize("by", ["a role that may read everybody's rows", "the service's own role"])
def test_postgresql_is_backed_up_and_comes_back(database: Cluster, tmp_path: Path, by: str) -> None:
    old, new = f"old_{secrets.token_hex(4)}", f"new_{secrets.token_hex(4)}"
    with psycopg.connect(database.url_of("postgres"), autocommit=True) as superuser:
        superuser.execute("DROP ROLE IF EXISTS todo_backup")
        for name in (old, new):
            superuser.execute(sql.SQL("CREATE DATABASE {} OWNER todo").format(sql.Identifier(name)))
    settings = {"DATABASE_URL": named(database.url, old)}
    output(MIGRATE, settings)
    output(PEOPLE, settings)
    before = rows(database, old)
    variables = {
        "SUPERUSER_URL": database.url_of("postgres"), "BACKUP_PASSWORD": "only-for-backups", "BACKUPS": str(tmp_path),
        "OWNER_URL": named(database.url, new),
    }  # fmt: skip
    do("postgres-role", tmp_path, variables)
    backup = named(database.url, old, "todo_backup", "only-for-backups")
    variables["BACKUP_URL"] = backup if by.startswith("a role") else ""

    do("postgres-backup", tmp_path, variables | settings)
    with psycopg.connect(database.url_of("postgres"), autocommit=True) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
    do("postgres-restore", tmp_path, variables)

    assert len(before) == 15
    assert rows(database, new) == before
    # Row security came along.
    with psycopg.connect(named(database.url, new)) as service:
        assert service.execute("SELECT count(*) FROM tasks_task").fetchone() == (0,)
    with psycopg.connect(named(backup, new)) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("DELETE FROM tasks_task")
