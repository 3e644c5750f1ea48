"""Whether the release before can go on beside a migration: what django-migration-linter says of the SQL it runs.

That judges the statements of a migration together, so that what is right of one column or table counts for another.
Here each operation and each statement is judged by itself, beside the tables that the migration makes.
"""

import io
import re
from collections.abc import Iterable
from typing import Final

from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from testing.service import ROOT

Name = tuple[str, str]

RELEASED: Final = ROOT / "docs" / "released" / "migrations.txt"
# The linter takes what follows the table for a part of its name.
INDEX: Final = re.compile(r'(CREATE (?:UNIQUE )?INDEX .*? ON "[^"]+") .*')


def released() -> set[Name]:
    """Those of the list; what comes after # is why a later one is safe all the same."""
    lines = (line.partition("#")[0].strip() for line in RELEASED.read_text(encoding="utf-8").splitlines())
    return {(app, name) for app, _, name in (line.partition(".") for line in lines if line)}


def ours() -> set[Name]:
    """Those of the code; of Django's own and other packages' these answer for themselves."""
    found = MigrationLoader(None).disk_migrations.items()
    return {name for name, migration in found if (ROOT / migration.__module__.partition(".")[0]).is_dir()}


def dangers(migrations: Iterable[Name]) -> list[str]:
    """A line for each thing that the release before might not bear, or would wait for. Needs PostgreSQL."""
    return [f"{app}.{name}: {found}" for app, name in sorted(migrations) for found in judge(_sql(app, name))]


def judge(text: str) -> list[str]:
    operations = _operations(text)
    made = [line for lines in operations for line in lines if line.startswith("CREATE TABLE")]
    found: list[str] = []
    for lines in operations:
        together = dict.fromkeys(_said(made, lines), lines[0])
        alone = {message: line for line in lines for message in _said(made, [line])}
        found += [f"{message}: {line}" for message, line in (together | alone).items()]
    return found


def _operations(text: str) -> list[list[str]]:
    """The statements of each; sqlmigrate has a comment before it."""
    parts: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("--"):
            parts.append([])
        elif line not in ("BEGIN;", "COMMIT;"):
            parts[-1].append(INDEX.sub(r"\1 (...);", line))
    return [part for part in parts if part]


def _said(made: list[str], lines: list[str]) -> list[str]:
    errors, _, warnings = analyse_sql_statements(PostgresqlAnalyser, [*made, *lines])
    return [issue.message for issue in (*errors, *warnings)]


def _sql(app: str, name: str) -> str:
    return str(call_command("sqlmigrate", app, name, no_color=True, stdout=io.StringIO()))
