from django.db import migrations

# The index of Meta keeps its name and becomes the primary key's own.
FORWARDS = """
    ALTER TABLE tasks_task DROP CONSTRAINT tasks_task_pkey;
    DROP INDEX tasks_task_user_id;
    ALTER TABLE tasks_task ADD CONSTRAINT tasks_task_user_id PRIMARY KEY (user_id, id);
"""
BACKWARDS = """
    ALTER TABLE tasks_task DROP CONSTRAINT tasks_task_user_id;
    CREATE INDEX tasks_task_user_id ON tasks_task (user_id, id);
    ALTER TABLE tasks_task ADD CONSTRAINT tasks_task_pkey PRIMARY KEY (id);
"""


def run(sql):
    """For PostgreSQL alone."""

    def execute(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return execute


class Migration(migrations.Migration):
    """Leaves no index that begins with a task's id.

    Where an owner has a good part of the table, PostgreSQL took the primary key for the order of ids and
    read past everybody's newer tasks: 400 ms for a page instead of 0.03. It is also the key that a table
    spread over machines by owner must have.
    """

    dependencies = [("tasks", "0003_lists")]

    operations = [migrations.RunPython(run(FORWARDS), run(BACKWARDS))]
