"""Writes one backup into a directory, and keeps the newest KEEP (14): of BACKUP_URL or else DATABASE_URL.

python deploy/backup.py DIRECTORY

Plain Python, so that it runs wherever the database is reached. With PostgreSQL it needs ``pg_dump`` and ``pg_restore``.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

ROOT: Final = Path(__file__).resolve().parent.parent
NAME: Final = "todo-{at:%Y%m%dT%H%M%S%f}Z{ending}"
SQLITE: Final = ".sqlite3"
POSTGRESQL: Final = ".dump"


def main(directory: Path, environment: Mapping[str, str]) -> Path:
    url = environment.get("BACKUP_URL") or environment.get("DATABASE_URL") or environment.get("NEON_DB_URL")
    is_sqlite = not url or url.startswith("sqlite:")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    ending = SQLITE if is_sqlite else POSTGRESQL
    target = directory / NAME.format(at=datetime.now(UTC), ending=ending)
    # Whole or not at all: a name that counts is given at the end.
    draft = target.with_suffix(".part")
    draft.touch(mode=0o600)
    try:
        if is_sqlite:
            copy_file(file_of(url), draft)
        else:
            dump(str(url), draft, environment)
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    forget_old(directory, ending, int(environment.get("KEEP") or 14))
    return target


def file_of(url: str | None) -> Path:
    # As the service reads it: from the directory of manage.py.
    return ROOT / unquote(url.removeprefix("sqlite://").partition("?")[0][1:]) if url else ROOT / "db.sqlite3"


def copy_file(source: Path, draft: Path) -> None:
    """As of one moment, while others write."""
    # The mode of an address: it must exist.
    with closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=60)) as database:
        database.execute("VACUUM INTO ?", [str(draft)])
    with closing(sqlite3.connect(draft)) as copy:
        [(found,)] = copy.execute("PRAGMA integrity_check").fetchall()
    if found != "ok":
        sys.exit(f"The copy of {source} is damaged: {found}")


def dump(url: str, draft: Path, environment: Mapping[str, str]) -> None:
    variables = {**environment, **connection_of(url)}
    arguments = ["--format=custom", f"--file={draft}"]
    if not environment.get("BACKUP_URL"):
        # The service's own role, which row security binds, asks for everybody's rows.
        variables["PGOPTIONS"] = "-c app.user_id=*"
        arguments.append("--enable-row-security")
    subprocess.run(["pg_dump", *arguments], env=variables, check=True)
    subprocess.run(["pg_restore", "--list", draft], env=variables, stdout=subprocess.DEVNULL, check=True)


def connection_of(url: str) -> dict[str, str]:
    """libpq's variables: on a command line anybody could read the password."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    found = {
        "PGHOST": parts.hostname or options.get("host"),
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.removeprefix("/")),
        "PGSSLMODE": options.get("sslmode") or options.get("ssl"),
        "PGSSLROOTCERT": options.get("sslrootcert"),
    }
    return {name: value for name, value in found.items() if value}


def forget_old(directory: Path, ending: str, keep: int) -> None:
    for path in sorted(directory.glob(f"todo-*{ending}"))[: -max(keep, 1)]:
        path.unlink()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        print(main(Path(sys.argv[1]), os.environ))
    except (OSError, sqlite3.Error, subprocess.CalledProcessError) as error:
        sys.exit(f"No backup was made: {error}")
