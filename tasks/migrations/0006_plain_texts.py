from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# PostgreSQL's alone: which rows ``tasks.representation`` writes without looking for what JSON escapes. A byte in what was
# padding; no field of the model, for nothing else reads it. Adding it writes the table anew.
ADD = r"""
    ALTER TABLE tasks_task ADD COLUMN is_plain boolean NOT NULL
    GENERATED ALWAYS AS (title || coalesce(description, '') !~ '[\u0001-\u001f"\\]') STORED
"""
DROP = "ALTER TABLE tasks_task DROP COLUMN is_plain"


def on_postgresql(sql: str) -> Any:
    def execute(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return execute


class Migration(migrations.Migration):
    dependencies = [("tasks", "0005_old_task_ids")]

    operations = [migrations.RunPython(on_postgresql(ADD), on_postgresql(DROP))]
