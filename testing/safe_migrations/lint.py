"""Whether the release before can go on beside a migration: what ``analyser`` says of the SQL that it sends.

That judges the statements of a migration together, so that what is right of one column or table counts for another.
Here each operation and each statement is judged by itself, but for those on tables that the migration makes.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db import connection
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements

from testing.safe_migrations.analyser import Analyser
from testing.safe_migrations.statements import Statement, read
from testing.service import ROOT

Name = tuple[str, str]
# The statements of each.
Operations = list[list[Statement]]

RELEASED: Final = ROOT / "docs" / "released" / "migrations.txt"


def released() -> set[Name]:
    """Those of the list; what comes after # is why a later one is safe all the same."""
    lines = (line.partition("#")[0].strip() for line in RELEASED.read_text(encoding="utf-8").splitlines())
    return {(app, name) for app, _, name in (line.partition(".") for line in lines if line)}


def ours() -> set[Name]:
    """Those of the code; of Django's own and other packages' these answer for themselves."""
    found = MigrationLoader(None).disk_migrations.items()
    return {name for name, migration in found if (ROOT / migration.__module__.partition(".")[0]).is_dir()}


def dangers(wanted: Iterable[Name]) -> list[str]:
    """A line for each thing that the release before might not bear, or would wait for.

    Needs an empty PostgreSQL, on which it runs all there are: what a function sends (``RunPython``) nobody else knows.
    """
    wanted = frozenset(wanted)
    if not wanted:
        return []
    executor = MigrationExecutor(connection)
    state = ProjectState(real_apps=executor.loader.unmigrated_apps)
    found: list[str] = []
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sent = run(migration, state)
        if (migration.app_label, migration.name) in wanted:
            found += [f"{migration.app_label}.{migration.name}: {line}" for line in judge(sent)]
    return found


def run(migration: Migration, state: ProjectState) -> Operations:
    """What each operation sends, and last the end of the migration. ``state`` is taken along."""
    sent: Operations = []

    def record(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        # Only rows come many at a time.
        sent[-1] += () if many else read(mogrify(sql, params, connection))
        return result

    with connection.execute_wrapper(record):
        sent.append([])
        with connection.schema_editor(atomic=migration.atomic) as editor:
            for operation in migration.operations:
                step = copy.copy(migration)
                vars(step)["operations"] = [operation]
                step.apply(state, editor)
                sent.append([])
    return sent


def judge(sent: Operations) -> list[str]:
    made = {statement.table for operation in sent for statement in operation if statement.makes_table}
    changes = [[statement.text for statement in operation if statement.table not in made] for operation in sent]
    return [f"{message}: {text}" for texts in changes for message, text in _said(texts)]


def _said(texts: list[str]) -> Iterator[tuple[str, str]]:
    together = dict.fromkeys(_messages(texts), texts[0]) if texts else {}
    alone = {message: text for text in texts for message in _messages([text])}
    yield from (together | alone).items()


def _messages(texts: list[str]) -> list[str]:
    errors, _, warnings = analyse_sql_statements(Analyser, texts)
    return [issue.message for issue in (*errors, *warnings)]
