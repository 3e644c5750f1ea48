"""What keeps this process from SQLite's file, on one line for whoever runs the service."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any, Final

# The file, and SQLite's own beside it, which a process of another user may have left there.
SUFFIXES: Final = ("", "-wal", "-shm", "-journal")
# Somebody else is writing, which will be over.
PASSING: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
ANOTHER: Final = "or name another in DATABASE_URL"


def trouble(database: dict[str, Any]) -> str | None:
    """Why nothing can be done with the file of a ``DATABASES`` entry; ``None`` where it has none, or a good one.

    It is looked at, and opened if it is there; it is not made.
    """
    if "sqlite" not in database["ENGINE"] or database["NAME"] == ":memory:":
        return None
    # In the image it is a link to the volume.
    file = Path(os.path.realpath(database["NAME"]))
    found = without_folder(file.parent) or _without_rights(file) or _unreadable(file)
    return f"The database file {file} cannot be used by {user()}: {found}." if found else None


def without_folder(folder: Path) -> str | None:
    """Why no file can be there, whatever the rights to it."""
    reached = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    if not reached.is_dir():
        return f"{reached} is a file and no folder; name another in DATABASE_URL"
    if not os.access(reached, os.X_OK):
        return _barred(reached, "may not be entered")
    return None if reached == folder else f"there is no folder {folder}; make it, mount a volume there, {ANOTHER}"


def _without_rights(file: Path) -> str | None:
    for path in (Path(f"{file}{suffix}") for suffix in SUFFIXES):
        if path.is_dir():
            return f"{path} is a folder; name a file in DATABASE_URL, which may be one in it"
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            return _barred(path, "may not be read and written")
    # SQLite makes files beside it, which are new ones each time.
    return None if os.access(file.parent, os.R_OK | os.W_OK) else _barred(file.parent, "may not be written")


def _barred(path: Path, what: str) -> str:
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return f"{path} is on a filesystem that can only be read; mount a volume that can be written, {ANOTHER}"
    status = path.stat()
    owner = f"it belongs to uid {status.st_uid}, gid {status.st_gid}, mode {stat.S_IMODE(status.st_mode):04o}"
    folder = path if path.is_dir() else path.parent
    is_own = status.st_uid == os.geteuid()
    change = f"chmod u+rwX {path}" if is_own else f"chown -R {os.geteuid()}:{os.getegid()} {folder}"
    return f"{path} {what} ({owner}); let this user do so ({change}), {ANOTHER}"


def _unreadable(file: Path) -> str | None:
    """What shows only when it is opened."""
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(file, timeout=0)) as database:
            database.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        passing = error.sqlite_errorname.startswith(PASSING)
        return None if passing else f"{error}; put a good one in its place, {ANOTHER}"
    return None


def user() -> str:
    return f"uid {os.geteuid()}, gid {os.getegid()}"
