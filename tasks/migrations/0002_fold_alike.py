"""Composed and decomposed letters are alike to searches, orders and tags: old rows too."""

from typing import Any

import orjson
from django.db import migrations

from core.sql.row_owner import all_rows
from core.texts import fold


def fold_again(apps: Any, schema_editor: Any) -> None:
    tasks = apps.get_model("tasks", "Task").objects
    texts = tasks.values_list("user_id", "id", "title", "description", "tags")
    with all_rows("a migration"):
        for user_id, task_id, title, description, tags in texts.iterator(chunk_size=1000):
            if f"{title}{description}{orjson.dumps(tags).decode()}".isascii():
                continue
            tasks.filter(user_id=user_id, id=task_id).update(
                title_folded=fold(title),
                description_folded=None if description is None else fold(description),
                tag_keys=[fold(tag) for tag in tags] or None,
            )


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]

    operations = [migrations.RunPython(fold_again, migrations.RunPython.noop)]
