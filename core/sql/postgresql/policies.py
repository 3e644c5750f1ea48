"""Row security (PostgreSQL's documentation, section 5.8), as an operation of migrations."""

from typing import Any, Final

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.sql.row_owner import EVERYBODY

SETTING: Final = "app.user_id"
# Sub-selects: evaluated once a statement, after the part of it that sets the value; a plain call would be
# evaluated before, while a prepared statement's plan is chosen.
PROTECT: Final = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    # The owner of the table too, who is the role the service runs as.
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    "CREATE POLICY {table}_owner ON {table} USING (user_id = (SELECT current_setting('{setting}', true))"
    " OR (SELECT current_setting('{setting}', true)) = '{everybody}')",
)
EXPOSE: Final = (
    "DROP POLICY {table}_owner ON {table}",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
)


def protect(*tables: str) -> migrations.RunPython:
    """Each owner's rows to their owner alone; PostgreSQL only."""
    return migrations.RunPython(_for_each(tables, PROTECT), _for_each(tables, EXPOSE))


def _for_each(tables: tuple[str, ...], statements: tuple[str, ...]) -> Any:
    def execute(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        for table in tables:
            for statement in statements:
                schema_editor.execute(statement.format(table=table, setting=SETTING, everybody=EVERYBODY))

    return execute
