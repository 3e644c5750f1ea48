import sqlite3
from argparse import ArgumentParser
from typing import Any, Final

import psycopg
from django.core.management.base import BaseCommand, CommandError

from accounts.models import MAX_ISSUER_LENGTH
from accounts.tokens.issuers import issuer_of
from core.sql.row_owner import all_rows
from core.sql.statements import is_distributed
from todo_project.command_line import TRY_AGAIN, reason
from todo_project.env.database_urls import parse_database_url
from todo_project.env.values import BASE_DIR
from todo_project.importing import source
from todo_project.importing.beyond import left_there
from todo_project.importing.moving import Move
from todo_project.importing.report import Report
from todo_project.importing.shapes import BACKENDS, Table, Unlike, find_tables
from todo_project.importing.source import Source
from todo_project.management import progress

# Rows between two looks of the bar.
STEP: Final = 500


class Command(BaseCommand):
    help = "Move the people, tasks and conversations of another backend here. Its database is only read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backend", choices=sorted(BACKENDS), help="which of the five it is (README, Moving in)")
        parser.add_argument("--database-url", required=True, metavar="URL", help="where it keeps its tables")
        parser.add_argument("--issuer", metavar="ISS", help="its people are Better Auth's, whose tokens say this `iss`")
        parser.add_argument(
            "--own-accounts",
            action="store_true",
            help="Better Auth's people log in here from now on, with the passwords that it keeps",
        )
        parser.add_argument("--with-roles", action="store_true", help="who is an admin there comes as one")
        parser.add_argument("--dry-run", action="store_true", help="say what would come of it, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if is_distributed():
            raise CommandError("The tables are spread (?citus=true): people are moved in before manage.py distribute.")
        report = Report(lambda line: self.stderr.write(line, self.style.WARNING))
        move = Move(options["backend"], self._issuer(options), options["dry_run"], options["with_roles"], report)
        try:
            with all_rows("import_backend"):
                self._run(move, options["database_url"])
        except Unlike as error:
            raise CommandError(f"This is no database of backend {move.letter}. {error}") from None
        except (psycopg.Error, sqlite3.Error) as error:
            self._tell(report, is_dry=move.is_dry)
            raise CommandError(f"That database cannot be read: {reason(error)}", returncode=TRY_AGAIN) from None
        self._conclude(report, is_dry=move.is_dry)

    def _issuer(self, options: dict[str, Any]) -> str:
        given = options["issuer"]
        if options["own_accounts"] and given is not None:
            raise CommandError("--own-accounts are nobody else's: it goes without --issuer.")
        if given is None:
            is_outside = BACKENDS[options["backend"]].is_outside and not options["own_accounts"]
            return issuer_of({}) if is_outside else ""
        if not given or len(given) > MAX_ISSUER_LENGTH or not given.isprintable():
            raise CommandError(f"--issuer must have 1 to {MAX_ISSUER_LENGTH} characters.")
        return str(given)

    def _run(self, move: Move, url: str) -> None:
        try:
            database = parse_database_url(url, BASE_DIR)
        except ValueError as error:
            raise CommandError(f"--database-url {error}.") from None
        if move.issuer:
            self.stdout.write(f"These people are those of the issuer {move.issuer}.")
        with source.opened(database, BASE_DIR) as opened:
            backend = BACKENDS[move.letter]
            tables = find_tables(opened, backend, with_credentials=backend.is_outside and not move.issuer)
            if left := left_there(opened, tables):
                self.stderr.write(left, self.style.WARNING)
            move.run(opened, tables, self._bar(opened, tables))

    def _bar(self, opened: Source, tables: dict[str, Table]) -> Any:
        total = sum(opened.count(table.name) for table in tables.values())
        read = shown = 0

        def tell(count: int) -> None:
            nonlocal read, shown
            read += count
            if total > STEP and (read - shown >= STEP or read >= total):
                shown = read
                progress.show(self, "rows", min(read, total), total)

        return tell

    def _tell(self, report: Report, *, is_dry: bool) -> None:
        for line in report.lines(is_dry=is_dry):
            self.stdout.write(line)

    def _conclude(self, report: Report, *, is_dry: bool) -> None:
        self._tell(report, is_dry=is_dry)
        if not report.adds_up:
            raise CommandError("What is stored is not what was read: counts or checksums differ.")
        if not report.is_whole:
            raise CommandError("Not everything fits: the lines above name each row, and what is to be done about it.")
        self.stdout.write(
            self.style.SUCCESS("Nothing was written." if is_dry else "Everything that has a place here is here.")
        )
