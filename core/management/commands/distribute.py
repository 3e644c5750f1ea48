from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from core.sql.postgresql import distribution

# A comment of SQL, as the statements before it are SQL.
THEN: Final = "-- Then start the service with ?citus=true at the end of DATABASE_URL: else it finds nobody's rows."


class Command(BaseCommand):
    help = "Spreads the tables over the workers of a Citus coordinator, by owner. Run again, it does what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print the statements, execute none")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if problem := distribution.refusal():
            raise CommandError(problem)
        # All of it or nothing.
        with transaction.atomic():
            missing = distribution.missing_statements()
            for statement in [distribution.ONE_BY_ONE, *missing] if missing else []:
                self.stdout.write(f"{statement};")
                if not dry_run:
                    with connection.cursor() as cursor:
                        cursor.execute(statement)
        self.stdout.write(THEN if missing else "Everything is distributed.")
