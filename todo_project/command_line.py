"""``manage.py``: Django's commands, which say in one line what is wrong with the database."""

import os
import sys
from contextlib import nullcontext
from typing import Final

from django.core.management import execute_from_command_line
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from core.sql import serving
from core.sql.row_owner import all_rows
from todo_project.env import database_files

# EX_TEMPFAIL of sysexits.h: nothing is wrong with the service, so trying again may help.
TRY_AGAIN: Final = 75
# Django's own that are for whole tables.
FOR_ALL_ROWS: Final = ("dumpdata", "loaddata", "shell")
# No such table, no such column.
NOT_MIGRATED: Final = ("42P01", "42703")


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    serving.is_command = True
    command = arguments[1] if len(arguments) > 1 else ""
    try:
        with all_rows(command) if command in FOR_ALL_ROWS else nullcontext():
            execute_from_command_line(arguments)
    except (DatabaseError, InterfaceError) as error:
        if is_not_migrated(error):
            sys.exit("The database is not up to date: run manage.py migrate first.")
        if not _is_about_the_database(error):
            raise
        if why := database_files.trouble(connection.settings_dict):
            sys.exit(why)
        sys.stderr.write(f"The database cannot be used: {reason(error)}\n")
        sys.exit(TRY_AGAIN)


def reason(error: Exception) -> str:
    """What the driver says, on one line; libpq names host, user and database, never the password."""
    return " ".join(str(error).split()) or type(error).__qualname__


def _is_about_the_database(error: Exception) -> bool:
    """And not about a statement or a row. SQLite says of a file that is none of its own no more than that it fails."""
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError


def is_not_migrated(error: Exception) -> bool:
    # SQLite has one name for all that is wrong with a statement.
    return getattr(error.__cause__, "sqlstate", None) in NOT_MIGRATED or str(error).startswith(
        ("no such table", "no such column")
    )
