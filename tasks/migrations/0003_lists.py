from django.conf import settings
from django.db import DatabaseError, migrations, models, transaction

from tasks import columns

TAG_KEYS = "CREATE INDEX tasks_task_tag_keys ON tasks_task USING gin (tag_keys) WHERE tag_keys IS NOT NULL"
# The expression of tasks/selections.py, word for word.
WORDS = """
    CREATE INDEX tasks_task_words ON tasks_task
    USING gin ((title_folded || chr(10) || coalesce(description_folded, '')) gin_trgm_ops)
"""


def fold_texts(apps, schema_editor):
    """Fills what ``save`` fills from now on; only a database from before this migration has rows."""
    tasks = apps.get_model("tasks", "Task").objects.using(schema_editor.connection.alias)
    # No title is empty, so an empty key is one that is still to be made.
    while batch := list(tasks.filter(title_folded="").only("id", "title", "description")[:300]):
        for task in batch:
            task.title_folded = columns.fold(task.title)
            task.description_folded = None if task.description is None else columns.fold(task.description)
        tasks.bulk_update(batch, ["title_folded", "description_folded"])


def create_inverted_indexes(apps, schema_editor):
    """Only PostgreSQL has them, and the one on words only where the role may have the extension."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(TAG_KEYS)
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            schema_editor.execute(WORDS)
    except DatabaseError:
        print("  (no pg_trgm here: a search reads all tasks of its owner)", end="", flush=True)


def drop_inverted_indexes(apps, schema_editor):
    """The extension stays: others may use it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS tasks_task_words")
        schema_editor.execute("DROP INDEX tasks_task_tag_keys")


class Migration(migrations.Migration):

    dependencies = [
        ("tasks", "0002_idempotencykey"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="priority",
            field=models.SmallIntegerField(choices=[(1, "low"), (2, "medium"), (3, "high")], default=2),
        ),
        migrations.AddField(model_name="task", name="due_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(model_name="task", name="tags", field=columns.TagsField(blank=True, default=list)),
        migrations.AddField(
            model_name="task",
            name="title_folded",
            field=columns.FoldedField(default="", source="title"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="task", name="description_folded", field=columns.FoldedField(null=True, source="description")
        ),
        migrations.AddField(model_name="task", name="tag_keys", field=columns.TagKeysField()),
        migrations.RunPython(fold_texts, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", [1, 2, 3])), name="tasks_task_priority_known"
            ),
        ),
        migrations.AddIndex(
            model_name="task", index=models.Index(fields=["user", "updated_at", "id"], name="tasks_task_user_updated")
        ),
        migrations.AddIndex(
            model_name="task", index=models.Index(fields=["user", "due_at", "id"], name="tasks_task_user_due")
        ),
        migrations.AddIndex(
            model_name="task", index=models.Index(fields=["user", "priority", "id"], name="tasks_task_user_priority")
        ),
        migrations.AddIndex(
            model_name="task", index=models.Index(fields=["user", "title_folded", "id"], name="tasks_task_user_title")
        ),
        migrations.RunPython(create_inverted_indexes, drop_inverted_indexes),
    ]
