"""A database file that cannot be used, as whoever starts the service is told of it."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from testing.service import GUNICORN, MIGRATE, ROOT, run
from todo_project.env import database_files

pytestmark = pytest.mark.once

# Who owns nothing here; without root's rights one can be oneself alone, whom modes bind just as well.
IS_ROOT: Final = os.geteuid() == 0
UID: Final = 54321 if IS_ROOT else os.geteuid()
GID: Final = 54321 if IS_ROOT else os.getegid()
WHEN_READY: Final = ("manage.py", "migrate_when_ready")
# Loaded first: where the interpreter lies may be root's alone.
ASK: Final = """
import os, sys
from todo_project.env.database_files import trouble
uid, gid, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if os.geteuid() == 0 != uid:
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
print(trouble({"ENGINE": "django.db.backends.sqlite3", "NAME": name}))
"""
READ_ONLY: Final = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


def trouble(file: Path, *, under: tuple[str, ...] = (), uid: int = UID, gid: int = GID) -> str:
    command = [*under, sys.executable, "-c", ASK, str(uid), str(gid), str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that everybody can write: those of pytest nobody else may enter."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


def make(file: Path) -> Path:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE anything (id)")
    file.chmod(0o666)
    return file


def _missing_folder(folder: Path) -> Path:
    return folder / "not" / "made" / "db.sqlite3"


def _folder_that_is_a_file(folder: Path) -> Path:
    return make(folder / "file") / "db.sqlite3"


def _folder_that_nobody_enters(folder: Path) -> Path:
    (folder / "closed" / "inner").mkdir(parents=True)
    (folder / "closed").chmod(0o600)
    return folder / "closed" / "inner" / "db.sqlite3"


def _folder_that_others_write(folder: Path) -> Path:
    folder.chmod(0o555)
    return folder / "db.sqlite3"


def _folder_of_others_with_a_good_file(folder: Path) -> Path:
    make(folder / "db.sqlite3")
    return _folder_that_others_write(folder)


def _file_that_others_write(folder: Path) -> Path:
    make(folder / "db.sqlite3").chmod(0o444)
    return folder / "db.sqlite3"


def _file_that_nobody_reads(folder: Path) -> Path:
    make(folder / "db.sqlite3").chmod(0o000)
    return folder / "db.sqlite3"


def _journal_of_others(folder: Path) -> Path:
    file = make(folder / "db.sqlite3")
    (folder / "db.sqlite3-wal").touch()
    (folder / "db.sqlite3-wal").chmod(0o444)
    return file


def _folder_in_its_place(folder: Path) -> Path:
    (folder / "db.sqlite3").mkdir()
    return folder / "db.sqlite3"


def _another_file_in_its_place(folder: Path) -> Path:
    (folder / "db.sqlite3").write_text("no database, but long enough to be told from one that is empty" * 20)
    (folder / "db.sqlite3").chmod(0o666)
    return folder / "db.sqlite3"


def _link_to_a_file_that_others_write(folder: Path) -> Path:
    target = folder / "volume"
    target.mkdir()
    file = _file_that_others_write(target)
    (folder / "link").symlink_to(file)
    return folder / "link"


BARRED: Final = "{folder}/%s may not be %s (it belongs to uid {uid}, gid {gid}, mode %s); let this user do so ("
DENIED: Final = "may not be written (it belongs to uid {uid}, gid {gid}, mode 0555); let this user do so ("
KINDS: Final[dict[Callable[[Path], Path], tuple[str, str]]] = {
    _missing_folder: ("not/made/db.sqlite3", "there is no folder {folder}/not/made; make it"),
    _folder_that_is_a_file: ("file/db.sqlite3", "{folder}/file is a file and no folder; name another"),
    _folder_that_nobody_enters: ("closed/inner/db.sqlite3", BARRED % ("closed", "entered", "0600")),
    _folder_that_others_write: ("db.sqlite3", "{folder} " + DENIED),
    _folder_of_others_with_a_good_file: ("db.sqlite3", "{folder} " + DENIED),
    _file_that_others_write: ("db.sqlite3", BARRED % ("db.sqlite3", "read and written", "0444")),
    _file_that_nobody_reads: ("db.sqlite3", BARRED % ("db.sqlite3", "read and written", "0000")),
    _journal_of_others: ("db.sqlite3", BARRED % ("db.sqlite3-wal", "read and written", "0444")),
    _folder_in_its_place: ("db.sqlite3", "{folder}/db.sqlite3 is a folder; name a file in DATABASE_URL"),
    _another_file_in_its_place: ("db.sqlite3", "file is not a database; put a good one in its place"),
    _link_to_a_file_that_others_write: (
        "volume/db.sqlite3",
        BARRED % ("volume/db.sqlite3", "read and written", "0444"),
    ),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_it_is_told_which_file_who_asks_and_what_to_do(folder: Path, kind: Callable[[Path], Path]) -> None:
    file, why = KINDS[kind]
    owner = {"uid": os.geteuid(), "gid": folder.stat().st_gid}

    said = trouble(kind(folder))

    begin = f"The database file {folder / file} cannot be used by uid {UID}, gid {GID}: "
    assert said.startswith(begin + why.format(folder=folder, **owner))
    assert said.endswith(" another in DATABASE_URL.") or "name a file in DATABASE_URL" in said
    assert "\n" not in said


def test_the_command_that_is_proposed_is_enough(folder: Path) -> None:
    make(folder / "db.sqlite3").chmod(0o444 if os.geteuid() == UID else 0o644)
    said = trouble(folder / "db.sqlite3")

    command = re.search(r"\((ch(?:own|mod) [^)]*)\)", said)
    assert command, said
    subprocess.run(command[1].split(), check=True)

    assert trouble(folder / "db.sqlite3") == "None"


def test_a_file_that_is_not_there_yet_is_none_and_is_not_made(folder: Path) -> None:
    assert trouble(folder / "db.sqlite3") == "None"
    assert list(folder.iterdir()) == []


def test_a_file_that_somebody_writes_is_none(folder: Path) -> None:
    with closing(sqlite3.connect(make(folder / "db.sqlite3"))) as database:
        database.execute("BEGIN EXCLUSIVE")
        assert trouble(folder / "db.sqlite3") == "None"


@pytest.mark.parametrize(
    "database",
    [
        {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
        {"ENGINE": "core.sql.postgresql", "NAME": "/no/such/folder/todo"},
    ],
)
def test_what_is_no_file_is_none(database: dict[str, str]) -> None:
    assert database_files.trouble(database) is None


def test_a_filesystem_that_can_only_be_read_is_told(folder: Path) -> None:
    namespace = ("unshare", "--mount", *(() if IS_ROOT else ("--map-root-user",)))
    under = (*namespace, "sh", "-c", READ_ONLY, str(folder))
    if (
        not shutil.which("unshare")
        or subprocess.run([*under, sys.executable, "-c", ""], capture_output=True, check=False).returncode
    ):
        pytest.skip("no filesystems of one's own here")
    make(folder / "db.sqlite3")

    # Root too.
    said = trouble(folder / "db.sqlite3", under=under, uid=0, gid=0)

    assert said.endswith(
        f" cannot be used by uid 0, gid 0: {folder}/db.sqlite3 is on a filesystem that can only be read;"
        " mount a volume that can be written, or name another in DATABASE_URL."
    )


# Another user, who may read what is root's alone, as the interpreter may be.
RIGHTS: Final = "-all,+dac_read_search"
ANOTHER: Final = (
    (
        "setpriv",
        f"--reuid={UID}",
        f"--regid={GID}",
        "--clear-groups",
        f"--inh-caps={RIGHTS}",
        f"--ambient-caps={RIGHTS}",
    )
    if IS_ROOT
    else ()
)


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        (MIGRATE, _folder_that_others_write),
        (MIGRATE, _another_file_in_its_place),
        (WHEN_READY, _file_that_others_write),
        (GUNICORN, _folder_that_others_write),
    ],
    ids=["migrate", "migrate another file", "entrypoint", "gunicorn"],
)
def test_each_start_ends_with_that_line_alone(
    folder: Path, kind: Callable[[Path], Path], program: tuple[str, ...]
) -> None:
    file = kind(folder)

    done = run(program, {"DATABASE_URL": f"sqlite:///{file}"}, under=ANOTHER)

    assert (done.returncode, done.stdout) == (1, "")
    # gunicorn says first that it starts.
    lines = [line for line in done.stderr.splitlines() if "] [INFO] Starting gunicorn " not in line]
    assert [line.removeprefix("CommandError: ") for line in lines] == [trouble(file)]
    assert "cannot be used by uid" in lines[0]


@pytest.mark.parametrize("program", [MIGRATE, GUNICORN], ids=["manage", "gunicorn"])
def test_a_folder_that_is_missing_is_the_setting_s_fault(folder: Path, program: tuple[str, ...]) -> None:
    done = run(program, {"DATABASE_URL": f"sqlite:///{_missing_folder(folder)}"}, under=ANOTHER)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Configuration error: DATABASE_URL names a file that uid {UID}, gid {GID} cannot have: there is no folder"
        f" {folder}/not/made; make it, mount a volume there, or name another in DATABASE_URL.\n"
    )
